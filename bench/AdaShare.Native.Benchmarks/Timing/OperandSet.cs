using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Benchmarks.Timing;

/// <summary>Makes a case's tensors on a backend and fills them with random numbers.</summary>
/// <param name="activations">The element type of activations.</param>
internal sealed class OperandSet(DType activations)
{
    // A prime, so that equal numbers of a tensor lie at distances that no kernel's blocks have. Larger tensors repeat the pool.
    private const int PoolSize = 1_048_573;
    private const int StartStep = 7_919;
    private const ulong Seed = 20201203;

    private readonly Dictionary<(string Operand, Conformance.Catalogue.Fill Fill), double[]> _pools = [];

    /// <summary>The element type of activations.</summary>
    public DType Activations => activations;

    /// <summary>Tensors with random numbers, fitted to one another.</summary>
    /// <param name="step">Owns them.</param>
    /// <param name="benchmark">The case.</param>
    /// <param name="number">Which of several sets: each has other numbers.</param>
    public Tensor[] Make(Step step, BenchmarkCase benchmark, int number)
    {
        var tensors = new Tensor[benchmark.Operands.Count];
        for (int i = 0; i < tensors.Length; i++)
        {
            Operand operand = benchmark.Operands[i];
            tensors[i] = Allocate(step, operand, benchmark.Extents, activations);
            Write(tensors[i], Numbers(benchmark, operand, tensors[i].Count), number * StartStep);
        }

        benchmark.Prepare?.Invoke(step.Backend, tensors);
        return tensors;
    }

    /// <summary>Tensors with given numbers.</summary>
    /// <param name="step">Owns them.</param>
    /// <param name="benchmark">The case.</param>
    /// <param name="extents">Its sizes, which may be smaller than the case's own.</param>
    /// <param name="values">For each operand its elements; filters in PyTorch's order.</param>
    /// <param name="activations">The element type of activations.</param>
    public static Tensor[] Make(Step step, BenchmarkCase benchmark, Extents extents, IReadOnlyList<double[]> values, DType activations)
    {
        var tensors = new Tensor[benchmark.Operands.Count];
        for (int i = 0; i < tensors.Length; i++)
        {
            tensors[i] = Allocate(step, benchmark.Operands[i], extents, activations);
            Write(tensors[i], values[i], 0);
        }

        return tensors;
    }

    private static Tensor Allocate(Step step, Operand operand, Extents extents, DType activations)
    {
        Shape shape = extents.ShapeOf(operand.Axes);
        DType type = operand.TypeOf(activations);
        return operand.Kind == OperandKind.Filter ? step.NewFilter(shape, type) : step.New(shape, type);
    }

    private double[] Numbers(BenchmarkCase benchmark, Operand operand, long count)
    {
        // Not the case's name: the same operand of two cases of a family may share its numbers.
        (string, Conformance.Catalogue.Fill) key = ($"{benchmark.Family}/{operand.Name}", operand.Fill);
        int wanted = (int)Math.Min(count, PoolSize);
        if (!_pools.TryGetValue(key, out double[]? pool) || pool.Length < wanted)
        {
            _pools[key] = pool = operand.Fill(RandomStream.For(Seed, key.Item1), wanted);
        }

        return pool;
    }

    private static void Write(Tensor tensor, double[] pool, int start)
    {
        switch (tensor.DType)
        {
            case DType.Int32:
                Write(tensor, Array.ConvertAll(pool, static number => (int)number), start);
                break;
            case DType.UInt8:
                Write(tensor, Array.ConvertAll(pool, static number => (byte)number), start);
                break;
            case DType.Float32:
                Write(tensor, Array.ConvertAll(pool, static number => (float)number), start);
                break;
            default:
                tensor.CopyFromDoubles(Repeat(pool, tensor.Count, start));
                break;
        }
    }

    private static void Write<T>(Tensor tensor, T[] pool, int start) where T : unmanaged => tensor.CopyFrom<T>(Repeat(pool, tensor.Count, start));

    private static T[] Repeat<T>(T[] pool, long count, int start)
    {
        var target = new T[count];
        int from = start % pool.Length;
        for (int done = 0; done < target.Length; from = 0)
        {
            int run = Math.Min(pool.Length - from, target.Length - done);
            Array.Copy(pool, from, target, done, run);
            done += run;
        }

        return target;
    }
}
