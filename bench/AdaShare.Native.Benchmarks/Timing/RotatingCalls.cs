using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Benchmarks.Timing;

/// <summary>A case's call on several sets of tensors in turn, so many that a set has left the caches when it comes round again.</summary>
internal sealed class RotatingCalls : IDisposable
{
    private const int MostSets = 1024;

    private readonly Step _step;
    private readonly Action[] _calls;
    private int _next;

    /// <summary>Makes the sets.</summary>
    /// <param name="benchmark">The case.</param>
    /// <param name="backend">Where.</param>
    /// <param name="operands">Makes tensors.</param>
    /// <param name="workingSet">The bytes that all sets together have at least; 0 where one set will do, because the case is not bound by memory.</param>
    public RotatingCalls(BenchmarkCase benchmark, Backend backend, OperandSet operands, long workingSet)
    {
        long bytes = Math.Max(1, benchmark.Bytes(operands.Activations));
        _step = new Step(backend, recordGradients: false);
        _calls = new Action[(int)Math.Clamp((workingSet + bytes - 1) / bytes, 1, MostSets)];
        for (int i = 0; i < _calls.Length; i++)
        {
            Tensor[] tensors = operands.Make(_step, benchmark, i);
            _calls[i] = benchmark.Call(backend, tensors);
        }

        backend.Synchronize();
    }

    /// <summary>The number of sets.</summary>
    public int Sets => _calls.Length;

    /// <summary>Calls the kernel on the next set.</summary>
    public void Next()
    {
        _calls[_next]();
        _next = _next + 1 == _calls.Length ? 0 : _next + 1;
    }

    /// <summary>Gives the tensors back.</summary>
    public void Dispose() => _step.Dispose();
}
