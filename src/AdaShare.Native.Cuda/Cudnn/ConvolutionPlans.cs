using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Cuda.Cudnn;

/// <summary>The plans of a backend by key: chosen by cuDNN's heuristics, or timed where that is asked for.</summary>
internal sealed class ConvolutionPlans(DeviceContext context) : IDisposable
{
    // More than that is for a huge batch or an engine that unrolls everything.
    private const long MostWorkspace = 1L << 30;

    // As many as PyTorch times (torch.backends.cudnn.benchmark_limit): the heuristics name the best early, and making a plan takes longer than timing it.
    private const int MostTimed = 10;

    private readonly Dictionary<ConvolutionKey, ConvolutionPlan?> _plans = [];
    private readonly List<ConvolutionGraph> _graphs = [];
    private readonly EngineSearch _search = new(context.Device, context.Options);
    private readonly EngineTimer _timer = new(context.Device);
    private AutotuneFile? _file;
    private nint _handle;

    /// <summary>Whether the engine for a key has been chosen.</summary>
    public bool Knows(in ConvolutionKey key) => _plans.ContainsKey(key);

    /// <summary>The plan of a key, or null where no engine does it.</summary>
    /// <param name="key">The convolution.</param>
    /// <param name="input">The input's address, or its gradient's; engines are timed on it, which overwrites the result.</param>
    /// <param name="filter">The filter's address, or its gradient's.</param>
    /// <param name="output">The output's address, or its gradient's.</param>
    public ConvolutionPlan? Find(in ConvolutionKey key, ulong input, ulong filter, ulong output)
    {
        if (!_plans.TryGetValue(key, out ConvolutionPlan? plan))
        {
            context.Device.Activate();
            plan = Create(key, input, filter, output);
            _plans.Add(key, plan);
            if (plan is not null)
            {
                plan.Index = context.Commands.Register(plan);
            }
        }

        return plan;
    }

    public void Dispose()
    {
        foreach (ConvolutionPlan? plan in _plans.Values)
        {
            plan?.Dispose();
        }

        foreach (ConvolutionGraph graph in _graphs)
        {
            graph.Dispose();
        }

        _plans.Clear();
        _graphs.Clear();
        if (_handle != 0)
        {
            context.Device.Libraries.Cudnn.Destroy(_handle);
            _handle = 0;
        }
    }

    private nint Handle()
    {
        if (_handle == 0)
        {
            CudaDevice device = context.Device;
            device.Check("cudnnCreate", device.Libraries.Cudnn.Create(out _handle));
            device.Check("cudnnSetStream", device.Libraries.Cudnn.SetStream(_handle, device.ComputeStream));
        }

        return _handle;
    }

    private ConvolutionPlan? Create(in ConvolutionKey key, ulong input, ulong filter, ulong output)
    {
        var graph = new ConvolutionGraph(context.Device, Handle(), key);
        _graphs.Add(graph);
        if (context.Options.Autotune)
        {
            return Tune(key, graph, input, filter, output);
        }

        return Plans(graph, key, transforms: false).FirstOrDefault() ?? Plans(graph, key, transforms: true).FirstOrDefault();
    }

    /// <summary>The plans that engines accept, best first; each is made when it is asked for.</summary>
    private IEnumerable<ConvolutionPlan> Plans(ConvolutionGraph graph, ConvolutionKey key, bool transforms)
    {
        foreach (CudnnDescriptor config in _search.Candidates(graph, key.Type, transforms))
        {
            if (ConvolutionPlan.TryCreate(context.Device, Handle(), config) is { } plan)
            {
                if (plan.WorkspaceBytes <= MostWorkspace)
                {
                    yield return plan;
                }
                else
                {
                    plan.Dispose();
                }
            }
        }
    }

    private ConvolutionPlan? Tune(in ConvolutionKey key, ConvolutionGraph graph, ulong input, ulong filter, ulong output)
    {
        _file ??= AutotuneFile.Open(context);
        if (_file.Find(key) is { } known && known.TryBuild(context.Device, graph) is { } config && ConvolutionPlan.TryCreate(context.Device, Handle(), config) is { } kept)
        {
            return kept;
        }

        // Engines are timed on the tensors themselves: what a step holds back must have been done before.
        context.Steps.Flush();
        (ConvolutionPlan? best, double time) = Fastest(Plans(graph, key, transforms: false).Take(MostTimed), input, filter, output);
        if (best is null)
        {
            (best, time) = Fastest(Plans(graph, key, transforms: true).Take(MostTimed), input, filter, output);
        }

        if (best is not null)
        {
            _file.Add(key, EngineChoice.Of(context.Device, _search, best.Config, time));
        }

        return best;
    }

    private (ConvolutionPlan? Plan, double Milliseconds) Fastest(IEnumerable<ConvolutionPlan> plans, ulong input, ulong filter, ulong output)
    {
        ConvolutionPlan? best = null;
        double bestTime = double.PositiveInfinity;
        foreach (ConvolutionPlan plan in plans)
        {
            using Memory.Scratch workspace = context.Scratch(plan.WorkspaceBytes);
            double time = _timer.Milliseconds(plan, input, filter, output, workspace.Address);
            (ConvolutionPlan? worse, best, bestTime) = time < bestTime ? (best, plan, time) : (plan, best, bestTime);
            worse?.Dispose();
        }

        return (best, bestTime);
    }
}
