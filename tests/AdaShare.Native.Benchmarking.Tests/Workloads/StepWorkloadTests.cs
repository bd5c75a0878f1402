using AdaShare.Native.Benchmarking.Workloads;
using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Profiling;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Methods.AdaShare;

namespace AdaShare.Native.Benchmarking.Tests.Workloads;

/// <summary>What a training step is made of.</summary>
[TestFixture]
public sealed class StepWorkloadTests
{
    private CpuBackend _cpu = null!;

    [SetUp]
    public void SetUp() => _cpu = new CpuBackend(new CpuBackendOptions { Threads = 1 });

    [TearDown]
    public void TearDown()
    {
        Assert.That(_cpu.Memory.LiveBuffers, Is.Zero);
        _cpu.Dispose();
    }

    [TestCase(StepKind.WarmUp, 0)]
    [TestCase(StepKind.Weights, 1)]
    [TestCase(StepKind.Weights, 3)]
    [TestCase(StepKind.Policy, 1)]
    [TestCase(StepKind.Policy, 99)]
    public void Sections_cover_the_step(StepKind kind, int open)
    {
        Profile profile = Run(TinyWork.Step(kind, open));
        IEnumerable<string> expected = kind == StepKind.WarmUp ? StepSections.All.Except([StepSections.Policy]) : StepSections.All;
        Assert.That(profile.Sections.Keys, Is.EquivalentTo(expected), "no kernel is outside of all sections");
        Assert.That(profile.Sections.Values, Is.All.GreaterThan(0));
        Assert.That(profile.Sections.Values.Sum() + profile.Between, Is.EqualTo(profile.Milliseconds).Within(1e-6 * profile.Milliseconds));
    }

    [TestCase(StepKind.WarmUp, 0, false)]
    [TestCase(StepKind.Weights, 3, false)]
    [TestCase(StepKind.Weights, 3, true)]
    [TestCase(StepKind.Policy, 99, false)]
    [TestCase(StepKind.Policy, 99, true)]
    public void A_profile_counts_what_the_convolutions_do(StepKind kind, int open, bool recompute)
    {
        StepSpec spec = TinyWork.Step(kind, open);
        var counter = new WorkCounter(_cpu);
        using (var counted = new StepWorkload(counter, spec))
        {
            counted.Run();
        }

        Profile profile = Run(spec with { Recompute = recompute });
        Assert.That(profile.UsefulMultiplyAdds, Is.EqualTo(counter.MultiplyAdds), "what is computed again is no useful work");
        Assert.That(profile.Rows.Any(static row => row.IsRecomputed), Is.EqualTo(recompute));
        Assert.That(profile.Rows.Where(static row => row.IsRecomputed).Select(static row => row.Section), Is.All.EqualTo(StepSections.Backbone));
    }

    [Test]
    public void A_warm_up_needs_three_times_the_forward_pass_but_for_the_gradient_of_the_images()
    {
        StepSpec spec = TinyWork.Step(StepKind.WarmUp, 0);
        using var backend = new ProfilingBackend(_cpu);
        using var workload = new StepWorkload(backend, spec);
        Profile profile = backend.Profile(workload.Run);
        AdaShareNetwork network = workload.Network;
        Shape image = new(spec.Batch, spec.Height, spec.Width, 3), shape = network.Backbone.Stem.OutputShape(image);
        long stem = Work(network.Backbone.Stem.Convolution(image)), blocks = 0;
        foreach ((ResidualBlock body, Projection? projection) in network.Backbone.Blocks)
        {
            blocks += body.Convolutions(shape).Sum(Work) + (projection is null ? 0 : Work(projection.Convolution(shape)));
            shape = body.OutputShape(shape);
        }

        long Of(string section) => profile.Rows.Where(row => row.Section == section).Sum(static row => row.MultiplyAdds);
        Assert.That(Of(StepSections.Backbone), Is.EqualTo((2 * stem) + (3 * blocks)));
        Assert.That(Of(StepSections.Heads), Is.EqualTo(3 * network.Heads.Sum(head => head.Convolutions(shape).Sum(Work))));
    }

    [Test]
    public void Images_and_targets_are_copied_to_the_device_in_the_data_section()
    {
        Profile profile = Run(TinyWork.Step(StepKind.WarmUp, 0, "seg", "sn", "depth", "keypoint", "edge"));
        const int Images = 2 * 32 * 48 * 3, Pixels = 2 * 5 * 7;
        const int Expected = Images + (Pixels * sizeof(int)) + (Pixels * (3 * sizeof(float) + 1)) + (3 * Pixels * (sizeof(float) + 1));
        Assert.That(profile.UploadBytes(StepSections.Data), Is.EqualTo(Expected));
    }

    [Test]
    public void A_step_moves_only_what_its_kind_trains([Values] StepKind kind)
    {
        using var workload = new StepWorkload(_cpu, TinyWork.Step(kind, 3));
        float[] Values(ParameterGroup group) => group.Values.ToArray<float>();
        float[] backbone = Values(workload.Network.BackboneGroup), heads = Values(workload.Network.HeadGroup), logits = Values(workload.Network.LogitGroup);
        workload.Run();
        bool policy = kind == StepKind.Policy;
        Assert.Multiple(() =>
        {
            Assert.That(Values(workload.Network.BackboneGroup).SequenceEqual(backbone), Is.EqualTo(policy));
            Assert.That(Values(workload.Network.HeadGroup).SequenceEqual(heads), Is.EqualTo(policy));
            Assert.That(Values(workload.Network.LogitGroup).SequenceEqual(logits), Is.Not.EqualTo(policy));
        });
        workload.Restart();
        Assert.That(Values(workload.Network.BackboneGroup), Is.EqualTo(backbone));
    }

    [Test]
    public void A_task_may_repeat()
    {
        using var workload = new StepWorkload(_cpu, TinyWork.Step(StepKind.Policy, 2, "edge", "edge"));
        workload.Run();
        Assert.That(workload.Network.Heads, Has.Count.EqualTo(2));
    }

    [Test]
    public void Names_say_what_is_not_as_published()
    {
        StepSpec full = new(BackboneSpec.Of("ResNet34"), WorkloadNames.Tasks(["seg", "sn", "depth"]), 321, 321, 16, StepKind.WarmUp, 0);
        Assert.That(full.Name, Is.EqualTo("step ResNet34 seg,sn,depth 321x321 b16: warm-up"));
        Assert.That((full with { Kind = StepKind.Weights, OpenBlocks = 4, Recompute = true }).Name, Is.EqualTo("step ResNet34 seg,sn,depth 321x321 b16 recompute: weights, 4 open"));
        Assert.That(TinyWork.Step(StepKind.Policy, 8, "depth").Name, Is.EqualTo("step ResNet18/8 heads/8 depth 32x48 b2: policy, all open"));
    }

    private Profile Run(StepSpec spec)
    {
        using var backend = new ProfilingBackend(_cpu);
        using var workload = new StepWorkload(backend, spec);
        return backend.Profile(workload.Run);
    }

    private static long Work((Conv2dLayer Layer, Shape Input) convolution) => convolution.Layer.Geometry(convolution.Input).UsefulMultiplyAdds;
}
