using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Checkpoints;

/// <summary>A model and its optimiser saved in the middle of training and continued elsewhere.</summary>
[TestFixture]
public sealed class StateEntriesTests
{
    private static readonly Dictionary<string, string> NoMetadata = [];

    private string _path = null!;

    [SetUp]
    public void SetUp() => _path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"state-{TestContext.CurrentContext.Test.ID}.safetensors");

    [TearDown]
    public void TearDown() => File.Delete(_path);

    [TestCase(DType.Float32)]
    [TestCase(DType.Float64)]
    public void A_resumed_run_continues_bit_for_bit(DType type)
    {
        using var backend = new ReferenceBackend();
        using var unbroken = new Training(backend, type, seed: 1);
        unbroken.Run(steps: 3);
        SafeTensors.Write(_path, [.. StateEntries.Of(unbroken.Store), .. StateEntries.Of(unbroken.Optimizer, "optimizer")], NoMetadata);
        unbroken.Run(steps: 2);

        using var resumed = new Training(backend, type, seed: 99);
        using (var file = SafeTensorsFile.Open(_path))
        {
            StateEntries.Load(file, resumed.Store);
            StateEntries.Load(file, resumed.Optimizer, "optimizer");
        }

        Assert.That(resumed.Optimizer.StepCount, Is.EqualTo(3));
        resumed.Run(steps: 2);
        Assert.Multiple(() =>
        {
            Assert.That(resumed.State(), Is.EqualTo(unbroken.State()));
            Assert.That(resumed.Store.Counters[0].Value, Is.EqualTo(5));
        });
    }

    [Test]
    public void Names_and_shapes_are_those_of_pytorch()
    {
        using var backend = new ReferenceBackend();
        using var training = new Training(backend, DType.Float32, seed: 1);
        SafeTensors.Write(_path, [.. StateEntries.Of(training.Store), .. StateEntries.Of(training.Optimizer, "adam")], NoMetadata);
        using var file = SafeTensorsFile.Open(_path);
        Assert.That(file.Names, Is.EqualTo(new[]
        {
            "conv.weight", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var", "bn.num_batches_tracked",
            "adam.mean.conv.weight", "adam.mean.bn.weight", "adam.mean.bn.bias",
            "adam.variance.conv.weight", "adam.variance.bn.weight", "adam.variance.bn.bias", "adam.step",
        }));
        file.Read("conv.weight", "F32", [4, 2, 3, 3], new byte[4 * 2 * 9 * 4]);
    }

    [Test]
    public void State_of_another_precision_is_refused()
    {
        using var backend = new ReferenceBackend();
        using var single = new Training(backend, DType.Float32, seed: 1);
        using var twofold = new Training(backend, DType.Float64, seed: 1);
        SafeTensors.Write(_path, [.. StateEntries.Of(single.Store)], NoMetadata);
        using var file = SafeTensorsFile.Open(_path);
        Assert.That(() => StateEntries.Load(file, twofold.Store), Throws.TypeOf<CheckpointException>().With.Message.Contains("conv.weight is F32").And.Message.Contains("expected F64"));
        Assert.That(() => StateEntries.Load(file, single.Optimizer, "optimizer"), Throws.TypeOf<CheckpointException>().With.Message.Contains("no tensor optimizer.mean.conv.weight"));
    }

    /// <summary>A small network with one of everything that has state.</summary>
    private sealed class Training : IDisposable
    {
        private readonly ReferenceBackend _backend;
        private readonly DType _type;
        private readonly Conv2dLayer _convolution;
        private readonly BatchNormLayer _norm;

        internal Training(ReferenceBackend backend, DType type, ulong seed)
        {
            _backend = backend;
            _type = type;
            ParameterGroup group = Store.Group("weights");
            _convolution = new Conv2dLayer(group, "conv", 2, 4, 3, new Conv2dOptions(1, 1));
            _norm = new BatchNormLayer(group, Store.Group("statistics", isBuffer: true), Store, "bn", 4);
            Store.Allocate(backend, type);
            Store.Initialize(seed);
            Optimizer = new Adam(Store, [new OptimizerGroup(group, 0.01)], [], weightDecay: 1e-4);
        }

        internal ParameterStore Store { get; } = new();

        internal Adam Optimizer { get; }

        public void Dispose()
        {
            Optimizer.Dispose();
            Store.Dispose();
        }

        internal void Run(int steps)
        {
            for (int i = 0; i < steps; i++)
            {
                using var step = new Step(_backend);
                Tensor images = step.FromDoubles(new Shape(2, 3, 4, 2), _type, [.. Enumerable.Range(0, 48).Select(k => Math.Sin(k + Optimizer.StepCount))]);
                Optimizer.ClearGradients();
                step.Backward(step.Mean(step.Exp(_norm.Forward(step, _convolution.Forward(step, images), training: true))));
                Optimizer.Step();
            }
        }

        internal double[] State() => [.. Store.Parameters.SelectMany(p => p.Value.ToDoubles()), .. Optimizer.State.SelectMany(b => b.Tensor.ToDoubles())];
    }
}
