using AdaShare.Native.Cpu;
using AdaShare.Native.Cuda.Graphs;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Tests.Simulated;

/// <summary>Replayed steps give the bits of steps that run op by op: inputs, random numbers, learning rates and step counts change from one to the next.</summary>
[TestFixture]
public sealed class StepReplayTests
{
    private const int Steps = 6;

    [Test]
    public void A_training_step_gives_the_same_bits_op_by_op_and_replayed([Values] bool adam, [Values] bool autotune)
    {
        (float[] losses, float[] weights, StepStatistics statistics) replayed = Train(capture: true, adam, autotune), eager = Train(capture: false, adam, autotune);
        Assert.That(replayed.statistics, Is.EqualTo(new StepStatistics(1, 1, Steps - 2, null)));
        Assert.That(eager.statistics, Is.EqualTo(new StepStatistics(0, 0, 0, null)));
        Assert.That(replayed.losses, Is.EqualTo(eager.losses));
        Assert.That(replayed.weights, Is.EqualTo(eager.weights));
        Assert.That(replayed.losses.Distinct().Count(), Is.EqualTo(Steps), "inputs and dropout differ from step to step");
    }

    [Test]
    public void Samples_of_a_replayed_step_follow_its_stream_and_temperature()
    {
        using var device = new SimulatedBackend();
        using var store = new ParameterStore();
        Parameter logits = store.Group("logits").Add("logits", new Shape(5, 2), Initializers.Normal(0, 1));
        store.Allocate(device.Backend, DType.Float32);
        store.Initialize(3);
        for (int i = 0; i < 5; i++)
        {
            long time = i;
            using var step = new Step(device.Backend);
            Tensor sample = null!;
            device.Backend.RunStep("sample", () =>
            {
                Tensor noise = step.GumbelNoise(logits.Shape, DType.Float32, RandomStream.For(9, "gumbel", time));
                sample = step.Keep(step.GumbelSoftmax(logits.Value, noise, 5.0 / (1 + time), straightThrough: false));
            });
            using var alone = new Step(device.Backend);
            Tensor expected = alone.GumbelSoftmax(
                logits.Value, alone.GumbelNoise(logits.Shape, DType.Float32, RandomStream.For(9, "gumbel", time)), 5.0 / (1 + time), straightThrough: false);
            Assert.That(sample.ToArray<float>(), Is.EqualTo(expected.ToArray<float>()));
        }

        Assert.That(device.Backend.Steps.Replayed, Is.EqualTo(3));
    }

    [Test]
    public void Crops_of_a_replayed_step_follow_its_images_and_windows()
    {
        using var device = new SimulatedBackend();
        using var cpu = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        var seen = new HashSet<float>();
        for (int i = 0; i < Steps; i++)
        {
            RandomStream numbers = RandomStream.For(6, "crops", i);
            byte[] pixels = [.. Enumerable.Range(0, 3 * 7 * 9 * 3).Select(p => (byte)numbers.Integer((ulong)p, 256))];
            CropWindow[] windows = [.. Enumerable.Range(0, 3).Select(n => new CropWindow(7, 9, 5 + i, 12 - i, n - i, i - (2 * n), Mirror: (n + i) % 2 == 0))];
            Tensor Crop(Step step) => step.CropImages(step.FromHost<byte>(new Shape(3, 7, 9, 3), pixels), windows, [1, 2, 3], 6, 8);
            using var step = new Step(device.Backend);
            Tensor crop = null!;
            device.Backend.RunStep("crops", () => crop = step.Keep(Crop(step)));
            using var alone = new Step(cpu);
            float[] values = crop.ToArray<float>();
            Assert.That(values, Is.EqualTo(Crop(alone).ToArray<float>()));
            Assert.That(seen.Add(values.Sum()), Is.True, "images and windows differ from step to step");
        }

        Assert.That(device.Backend.Steps, Is.EqualTo(new StepStatistics(1, 1, Steps - 2, null)));
    }

    /// <summary>A batch's parts of images are of other sizes each time; what is not sent lies unread behind what is.</summary>
    [Test]
    public void A_step_is_replayed_with_more_or_fewer_bytes()
    {
        using var device = new SimulatedBackend();
        int[] sizes = [5, 2, 7, 4, 1, 7];
        for (int i = 0; i < Steps; i++)
        {
            int size = sizes[i];
            byte[] pixels = [.. Enumerable.Range(0, size * size * 3).Select(p => (byte)(p + i))];
            using var step = new Step(device.Backend, recordGradients: false);
            Tensor crop = null!, after = null!;
            device.Backend.RunStep("bytes", () =>
            {
                Tensor images = step.FromHostPrefix<byte>(new Shape(7 * 7 * 3), pixels);
                after = step.FromHost<float>(new Shape(2), [i, -i]);
                crop = step.CropImages(images, [new ImagePart(0, 0, 0, size, size)], [CropWindow.Unscaled(size, size)], [0, 0, 0], 7, 7);
            });
            float[] expected = [.. Enumerable.Range(0, 7 * 7 * 3).Select(p => p / 21 < size && p / 3 % 7 < size ? pixels[(((p / 21 * size) + (p / 3 % 7)) * 3) + (p % 3)] : 0f)];
            Assert.That(crop.ToArray<float>(), Is.EqualTo(expected));
            Assert.That(after.ToArray<float>(), Is.EqualTo(new float[] { i, -i }));
        }

        Assert.That(device.Backend.Steps, Is.EqualTo(new StepStatistics(1, 1, Steps - 2, null)));
        device.AssertClean();
    }

    private static (float[] Losses, float[] Weights, StepStatistics Statistics) Train(bool capture, bool adam, bool autotune)
    {
        using var device = new SimulatedBackend(new CudaBackendOptions { CaptureSteps = capture, Autotune = autotune });
        var losses = new float[Steps];
        float[] weights;
        StepStatistics statistics;
        using (var store = new ParameterStore())
        {
            ParameterGroup group = store.Group("weights");
            Parameter filter = group.Add("filter", new Shape(6, 3, 3, 3), Initializers.Normal(0, 0.2), isFilter: true);
            Parameter bias = group.Add("bias", new Shape(6), Initializers.Constant(0.1));
            Parameter matrix = group.Add("matrix", new Shape(6, 4), Initializers.Normal(0, 0.5));
            store.Allocate(device.Backend, DType.Float32);
            store.Initialize(11);
            using Optimizer optimizer = adam ? new Adam(store, [new OptimizerGroup(group, 0.01)], []) : new Sgd(store, [new OptimizerGroup(group, 0.05)], [], momentum: 0.9, weightDecay: 1e-4);
            var schedule = new StepSchedule(optimizer, 2, 0.5);
            for (int i = 0; i < Steps; i++)
            {
                losses[i] = Train(device.Backend, i, filter, bias, matrix, optimizer, schedule);
            }

            weights = group.Values.ToArray<float>();
            statistics = device.Backend.Steps;
        }

        Assert.That(device.Backend.Memory.LiveBuffers, Is.Zero);
        device.AssertClean();
        return (losses, weights, statistics);
    }

    private static float Train(Backend backend, int time, Parameter filter, Parameter bias, Parameter matrix, Optimizer optimizer, StepSchedule schedule)
    {
        using var step = new Step(backend);
        Tensor loss = null!;
        RandomStream numbers = RandomStream.For(1, "input", time);
        float[] pixels = [.. Enumerable.Range(0, 2 * 5 * 6 * 3).Select(i => (float)numbers.Normal((ulong)i))];
        int[] labels = [.. Enumerable.Range(0, 2).Select(i => (i + time) % 4)];
        backend.RunStep("train", () =>
        {
            Tensor input = step.FromHost<float>(new Shape(2, 5, 6, 3), pixels);
            Tensor features = step.Relu(step.Conv2d(input, filter.Value, bias.Value, new Conv2dOptions(1, 1)));
            Tensor dropped = step.Dropout(features, 0.3, RandomStream.For(2, "dropout", time));
            Tensor pooled = step.Reshape(step.GlobalAveragePool(dropped), new Shape(2, 6));
            loss = step.Keep(step.CrossEntropy(step.MatMul(pooled, matrix.Value), step.FromHost<int>(new Shape(2), labels), 255));
            optimizer.ClearGradients();
            step.Backward(loss);
            schedule.Apply();
            optimizer.Step();
        });
        return (float)loss.Item();
    }
}
