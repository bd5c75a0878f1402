using AdaShare.Native.Cuda.Graphs;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Engine.Profiling;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Tests.Simulated;

/// <summary>The clock of the device, and steps that are profiled with it.</summary>
[TestFixture]
public sealed class ProfileTests
{
    [Test]
    public void The_clock_measures_from_mark_to_mark_and_forgets()
    {
        using var device = new SimulatedBackend();
        Tensor tensor = Tensor.Allocate(device.Backend, new Shape(1000), DType.Float32);
        using (IDeviceClock clock = device.Backend.CreateClock(), other = device.Backend.CreateClock())
        {
            Assert.That(clock.Read(), Is.Empty);
            clock.Mark();
            Assert.That(clock.Read(), Is.Empty, "one mark has no time");
            for (int i = 0; i < 3; i++)
            {
                clock.Mark();
                device.Backend.Elementwise.Fill(tensor, i);
            }

            other.Mark();
            Assert.That(clock.Read(), Has.Length.EqualTo(2).And.All.GreaterThanOrEqualTo(0).And.All.Matches<double>(double.IsFinite));
            Assert.That(clock.Read(), Is.Empty);
            other.Mark();
            Assert.That(other.Read(), Has.Length.EqualTo(1), "clocks are apart");
        }

        tensor.Storage.Release();
        device.AssertClean();
    }

    [Test]
    public void A_mark_has_a_step_that_is_held_back_run_op_by_op()
    {
        using var device = new SimulatedBackend();
        Tensor tensor = Tensor.Allocate(device.Backend, new Shape(8), DType.Float32);
        using (IDeviceClock clock = device.Backend.CreateClock())
        {
            for (int i = 0; i < 3; i++)
            {
                device.Backend.RunStep("marked", () =>
                {
                    device.Backend.Elementwise.Fill(tensor, i);
                    clock.Mark();
                    device.Backend.Elementwise.Affine(tensor, 2, 1, tensor, accumulate: false);
                    clock.Mark();
                });
                Assert.That(clock.Read(), Has.Length.EqualTo(1));
                Assert.That(tensor.ToArray<float>(), Is.All.EqualTo((2 * i) + 1));
            }
        }

        Assert.That(device.Backend.Steps.Replayed, Is.Zero);
        tensor.Storage.Release();
        device.AssertClean();
    }

    [Test]
    public void Steps_are_replayed_before_and_after_a_profile_and_move_the_weights_by_the_same_bits()
    {
        float[] plain = Train(profiled: null, out StepStatistics without);
        float[] withProfile = Train(profiled: 4, out StepStatistics with);
        Assert.That(withProfile, Is.EqualTo(plain));
        Assert.That(without, Is.EqualTo(new StepStatistics(1, 1, 5, null)));
        Assert.That(with, Is.EqualTo(new StepStatistics(1, 1, 4, null)), "a profiled step is run op by op and not as a step of its key");
    }

    private static float[] Train(int? profiled, out StepStatistics statistics)
    {
        using var device = new SimulatedBackend();
        float[] weights;
        using (var backend = new ProfilingBackend(device.Backend))
        using (var store = new ParameterStore())
        {
            ParameterGroup group = store.Group("weights");
            Parameter filter = group.Add("filter", new Shape(4, 3, 3, 3), Initializers.Normal(0, 0.2), isFilter: true);
            store.Allocate(backend, DType.Float32);
            store.Initialize(1);
            using var adam = new Adam(store, [new OptimizerGroup(group, 0.01)], []);
            for (int i = 0; i < 7; i++)
            {
                float value = i;
                void Run() => Step(backend, filter, adam, value);
                if (i == profiled)
                {
                    Check(backend.Profile(Run));
                }
                else
                {
                    Run();
                }
            }

            weights = group.Values.ToArray<float>();
        }

        statistics = device.Backend.Steps;
        device.AssertClean();
        return weights;
    }

    private static void Check(Profile profile)
    {
        Assert.That(profile.Sections.Keys, Is.EquivalentTo(new[] { "data", "net", Section.Optimizer }));
        Assert.That(profile.Rows.Select(static row => row.Milliseconds).Append(profile.Between), Is.All.GreaterThanOrEqualTo(0).And.All.Matches<double>(double.IsFinite));
        Assert.That(profile.Rows.Sum(static row => row.Milliseconds) + profile.Between, Is.EqualTo(profile.Milliseconds).Within(1e-6));
        Assert.That(profile.UploadBytes("data"), Is.EqualTo(2 * 6 * 5 * 3 * sizeof(float)));
        Assert.That(profile.UsefulMultiplyAdds, Is.EqualTo(2 * 2 * 4 * 3 * (6 * 3 - 2) * (5 * 3 - 2)), "forward and filter gradient");
    }

    private static void Step(Backend backend, Parameter filter, Adam adam, float value)
    {
        using var step = new Step(backend);
        Tensor loss = null!;
        backend.RunStep("train", () =>
        {
            Tensor images;
            using (backend.EnterSection("data"))
            {
                images = step.FromHost<float>(new Shape(2, 6, 5, 3), [.. Enumerable.Range(0, 180).Select(i => (value + i) / 180)]);
            }

            using (backend.EnterSection("net"))
            {
                loss = step.Keep(step.Mean(step.Square(step.Conv2d(images, filter.Value, options: new Conv2dOptions(1, 1)))));
            }

            adam.BackwardAndStep(step, loss);
        });
        using SectionScope section = backend.EnterSection("net");
        Assert.That(loss.Item(), Is.GreaterThan(0));
    }
}
