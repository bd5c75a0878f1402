using AdaShare.Native.Benchmarking.Workloads;

namespace AdaShare.Native.Bench.Cases;

/// <summary>Work that is timed here and in PyTorch, over the same numbers.</summary>
internal abstract class BenchCase : IDisposable
{
    /// <summary>Bytes of the parameters and of the state of the optimiser that moves them, in steps; 0 where nothing is trained.</summary>
    public virtual long StateBytes => 0;

    /// <summary>Does the work once.</summary>
    public abstract void Run();

    /// <summary>Does the work once and returns what it computed: activations as [N, H, W, C], parameters and their gradients in PyTorch's order.</summary>
    public abstract IEnumerable<(string Name, float[] Values)> Results();

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Numbers in [-1, 1).</summary>
    protected static float[] Symmetric(string name, long count) => SyntheticData.Uniform(name, count, -1, 2);
}
