using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Engine.Profiling;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Profiling;

/// <summary>Which part of a step its kernels belong to.</summary>
[TestFixture]
public sealed class SectionTests
{
    private ReferenceBackend _inner = null!;
    private ProfilingBackend _backend = null!;

    [SetUp]
    public void SetUp() => _backend = new ProfilingBackend(_inner = new ReferenceBackend());

    [TearDown]
    public void TearDown()
    {
        Assert.That(_inner.Section, Is.EqualTo(default(Section)), "every section has ended");
        Assert.That(_inner.Memory.LiveBuffers, Is.Zero);
        _backend.Dispose();
        _inner.Dispose();
    }

    [Test]
    public void Sections_nest_and_end()
    {
        using (_backend.EnterSection("a"))
        {
            using (_backend.EnterSection("b"))
            {
                Assert.That(_inner.Section, Is.EqualTo(new Section("b")), "a backend that hands on has no section of its own");
            }

            Assert.That(_backend.Section.Name, Is.EqualTo("a"));
        }

        Assert.That(_backend.Section.Name, Is.Null);
    }

    [Test]
    public void Backward_rules_run_in_the_section_of_their_forward_pass()
    {
        Profile profile = _backend.Profile(() =>
        {
            using var step = new Step(_backend);
            Tensor x = step.Watch(Input(step)), y, z;
            using (_backend.EnterSection("first"))
            {
                y = step.Sigmoid(x);
            }

            using (_backend.EnterSection("second"))
            {
                z = step.Exp(y);
            }

            step.Backward(step.Sum(z));
        });
        Assert.That(Kernels(profile, "first"), Is.EquivalentTo(new[] { "sigmoid", "unary backward" }));
        Assert.That(Kernels(profile, "second"), Is.EquivalentTo(new[] { "exp", "unary backward" }));
        Assert.That(Kernels(profile, null), Is.EquivalentTo(new[] { "to device", "sum", "fill", "affine" }), "the sum and the loss's own gradient are in no section");
    }

    [Test]
    public void What_is_computed_again_stays_in_its_section_and_is_marked()
    {
        Profile profile = _backend.Profile(() =>
        {
            using var step = new Step(_backend);
            Tensor x = step.Watch(Input(step)), y;
            using (_backend.EnterSection("part"))
            {
                y = step.Recompute([x], () =>
                {
                    Tensor inner = step.Sigmoid(x);
                    using SectionScope section = _backend.EnterSection("within");
                    return step.Exp(inner);
                });
            }

            step.Backward(step.Sum(y));
        });
        Assert.That(
            profile.Rows.Where(static row => row.Section is not null).Select(static row => (row.Section, row.Kernel, row.IsRecomputed, row.Count)),
            Is.EquivalentTo(new (string?, string, bool, double)[]
            {
                ("part", "sigmoid", false, 1), ("within", "exp", false, 1), ("part", "sigmoid", true, 1), ("within", "exp", true, 1), ("within", "unary backward", false, 1), ("part", "unary backward", false, 1),
            }));
    }

    [Test]
    public void Updates_are_the_optimisers_during_the_backward_pass_and_after_it([Values] bool during)
    {
        using var store = new ParameterStore();
        ParameterGroup group = store.Group("weights");
        Parameter used = group.Add("used", new Shape(6), Initializers.Constant(0.5)), unused = group.Add("unused", new Shape(4), Initializers.Constant(0.5));
        store.Allocate(_backend, DType.Float64);
        store.Initialize(1);
        using var sgd = new Sgd(store, [new OptimizerGroup(group, 0.1)], []);
        Profile profile = _backend.Profile(() =>
        {
            using var step = new Step(_backend);
            Tensor loss;
            using (_backend.EnterSection("loss"))
            {
                loss = step.Sum(step.Exp(used.Value));
            }

            if (during)
            {
                sgd.BackwardAndStep(step, loss);
            }
            else
            {
                step.Backward(loss);
                sgd.Step();
            }
        });
        Assert.That(Kernels(profile, Section.Optimizer), Is.SubsetOf(new[] { "sgd", "fill" }).And.Contains("sgd"));
        Assert.That(Kernels(profile, "loss"), Does.Not.Contain("sgd").And.Contain("unary backward"));
        Assert.That(Kernels(profile, null), Does.Not.Contain("sgd"));
    }

    [Test]
    public void A_section_ends_where_its_work_fails()
    {
        Assert.That(
            () =>
            {
                using SectionScope section = _backend.EnterSection("part");
                throw new InvalidDataException();
            },
            Throws.TypeOf<InvalidDataException>());
        Assert.That(_backend.Section.Name, Is.Null);
    }

    private static string[] Kernels(Profile profile, string? section) => [.. profile.Rows.Where(row => row.Section == section).Select(static row => row.Kernel)];

    private static Tensor Input(Step step) => step.FromDoubles(new Shape(3, 4), DType.Float64, [.. Enumerable.Range(0, 12).Select(static i => (i / 6.0) - 1)]);
}
