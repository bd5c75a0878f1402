using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests.Safety;

/// <summary>What a sequence of calls works on: two backends, a few steps and tensors, a model with its optimiser.</summary>
internal sealed class World : IDisposable
{
    private readonly CpuBackend _cpu;
    private readonly CpuBackend _otherCpu;
    private readonly List<Step> _steps = [];
    private readonly List<Tensor> _tensors = [];
    private readonly List<Tensor> _ownTensors = [];
    private readonly List<IDisposable> _pauses = [];

    public World(int threads)
    {
        // What a kernel writes past the end of a tensor is found when the memory comes back.
        _cpu = new CpuBackend(new CpuBackendOptions { Threads = threads, PoisonMemory = true, Numerics = threads > 1 ? NumericsMode.Fast : NumericsMode.Exact });
        _otherCpu = new CpuBackend(new CpuBackendOptions { Threads = 1, PoisonMemory = true });
        Backend = new SmallBackend(_cpu);
        Other = new SmallBackend(_otherCpu);
        Store = new ParameterStore();
        ParameterGroup weights = Store.Group("weights"), buffers = Store.Group("buffers", isBuffer: true);
        Filter = new Conv2dLayer(weights, "conv", 3, 4, 3, new(1, 1), bias: true);
        Norm = new BatchNormLayer(weights, buffers, Store, "norm", 4);
        Linear = new LinearLayer(weights, "linear", 4, 3);
        Store.Allocate(Backend, DType.Float32);
        Store.Initialize(3);
        Optimizer = new Sgd(Store, [new OptimizerGroup(weights, 0.1)], [], 0.9);
        _steps.Add(new Step(Backend));
    }

    public Backend Backend { get; }

    public Backend Other { get; }

    public ParameterStore Store { get; }

    public Conv2dLayer Filter { get; }

    public BatchNormLayer Norm { get; }

    public LinearLayer Linear { get; }

    public Sgd Optimizer { get; }

    /// <summary>Whether calls have held or let go of memory by hand, so that what is left at the end says nothing.</summary>
    public bool CountsAreOff { get; set; }

    /// <summary>A step, the last one mostly.</summary>
    public Step Step(Choices c) => c.OneIn(12) ? c.Of<Step>([.. _steps]) : _steps[^1];

    public void Add(Step step) => _steps.Add(step);

    public void Add(IDisposable pause) => _pauses.Add(pause);

    /// <summary>A tensor outside of steps.</summary>
    public Tensor Own(Tensor tensor)
    {
        _ownTensors.Add(tensor);
        return Keep(tensor);
    }

    /// <summary>Remembers a tensor for later calls.</summary>
    public Tensor Keep(Tensor tensor)
    {
        _tensors.Add(tensor);
        return tensor;
    }

    /// <summary>What an op is given: any tensor, very seldom none.</summary>
    public Tensor Input(Choices c) => c.OneIn(100) ? null! : Any(c);

    /// <summary>A tensor that a call before has made.</summary>
    public Tensor Any(Choices c) => _tensors.Count == 0 || c.OneIn(20) ? New(c, c.Shape()) : _tensors[^(1 + c.Below(Math.Min(8, _tensors.Count)))];

    /// <summary>A tensor of a shape: a new one, one that a call before has made, or something else.</summary>
    public Tensor Like(Choices c, Shape shape, DType type = DType.Float32)
    {
        if (c.OneIn(15))
        {
            return Any(c);
        }

        Tensor? found = _tensors.FindLast(t => t.Shape == shape && t.DType == type && !t.IsFilter);
        return found is not null && c.OneIn(2) ? found : New(c, c.Near(shape), c.OneIn(15) ? c.Type() : type);
    }

    /// <summary>A tensor of a rank.</summary>
    public Tensor OfRank(Choices c, int rank) => _tensors.FindLast(t => t.Shape.Rank == rank && t.DType == DType.Float32 && !t.IsFilter) is { } found && !c.OneIn(3) ? found : Like(c, c.Shape(rank));

    /// <summary>A new tensor with numbers in it, watched now and then.</summary>
    public Tensor New(Choices c, Shape shape, DType type = DType.Float32)
    {
        Step step = Step(c);
        Tensor tensor = Keep(step.New(shape, type));
        Fill(c, tensor);
        return type == DType.Float32 && c.OneIn(2) ? step.Watch(tensor) : tensor;
    }

    public static void Fill(Choices c, Tensor tensor)
    {
        switch (tensor.DType)
        {
            case DType.Int32:
                tensor.CopyFrom<int>(Numbers(tensor.Count, _ => c.NearBelow(4)));
                break;
            case DType.UInt8:
                tensor.CopyFrom<byte>(Numbers(tensor.Count, _ => (byte)c.Below(2)));
                break;
            case DType.Float64:
                tensor.CopyFrom<double>(Numbers(tensor.Count, static i => (i % 7) - 2.5));
                break;
            default:
                float factor = (float)c.Near(1.0);
                tensor.CopyFrom<float>(Numbers(tensor.Count, i => factor * ((i % 5) - 1.5f)));
                break;
        }
    }

    /// <summary>Gives everything back.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public string? Finish()
    {
        _pauses.ForEach(static pause => pause.Dispose());
        _steps.ForEach(static step => step.Dispose());
        Optimizer.Dispose();
        Store.Dispose();
        foreach (Tensor tensor in _ownTensors.Where(static t => !t.Storage.IsFreed))
        {
            tensor.Storage.Release();
        }

        string? left = null;
        foreach (CpuBackend backend in new[] { _cpu, _otherCpu })
        {
            if (backend.OpenSteps != 0 || (!CountsAreOff && !backend.IsDisposed && backend.Memory.LiveBuffers != 0))
            {
                left = $"{backend.OpenSteps} steps are open and {backend.Memory.LiveBuffers} buffers live though all was given back";
            }
        }

        return left;
    }

    public void Dispose()
    {
        _cpu.Dispose();
        _otherCpu.Dispose();
    }

    private static T[] Numbers<T>(long count, Func<long, T> number)
    {
        var numbers = new T[count];
        for (long i = 0; i < count; i++)
        {
            numbers[i] = number(i);
        }

        return numbers;
    }
}
