using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests;

/// <summary>A place to run one kernel: a backend whose fresh tensors hold NaN, and references in double precision.</summary>
internal sealed class Bench : IDisposable
{
    private readonly List<Tensor> _tensors = [];

    private Bench(DType type, int threads)
    {
        Type = type;
        Backend = new CpuBackend(new CpuBackendOptions { Threads = threads });
    }

    /// <summary>The floating type under test.</summary>
    public DType Type { get; }

    /// <summary>The backend.</summary>
    public CpuBackend Backend { get; }

    /// <summary>Its threads.</summary>
    public CpuThreads Threads => Backend.Threads;

    /// <summary>Runs a kernel on 1, 2 and 3 threads, checks that all give the same bits, and returns the outputs.</summary>
    public static double[][] Run(DType type, Func<Bench, Tensor[]> kernel)
    {
        double[][]? first = null;
        for (int threads = 1; threads <= 3; threads++)
        {
            using var bench = new Bench(type, threads);
            double[][] outputs = Array.ConvertAll(kernel(bench), static t => t.ToDoubles());
            first ??= outputs;
            for (int i = 0; i < outputs.Length; i++)
            {
                Assert.That(
                    outputs[i].AsSpan().SequenceEqual(first[i]) || Array.ConvertAll(outputs[i], BitConverter.DoubleToInt64Bits).AsSpan().SequenceEqual(Array.ConvertAll(first[i], BitConverter.DoubleToInt64Bits)),
                    Is.True,
                    $"output {i} differs between 1 and {threads} threads");
            }
        }

        return first!;
    }

    /// <summary>The numbers of a type near <paramref name="values"/>.</summary>
    public static double[] Rounded(DType type, double[] values) => type == DType.Float64 ? values : Array.ConvertAll(values, static v => (double)(float)v);

    /// <summary>Normal numbers that the type holds exactly.</summary>
    public static double[] Normal(DType type, long count, string name, double scale = 1, double shift = 0)
    {
        var stream = RandomStream.For(7, name);
        var values = new double[count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (stream.Normal((ulong)i) * scale) + shift;
        }

        return Rounded(type, values);
    }

    /// <summary>Asserts that |actual - expected| is at most tolerance (1 + |expected|), with a tolerance for each type.</summary>
    public static void Near(DType type, double[] actual, double[] expected, double single = 2e-6, double @double = 1e-13, string what = "output")
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length), what);
        double tolerance = type == DType.Float32 ? single : @double;
        for (int i = 0; i < expected.Length; i++)
        {
            // Written so that a NaN fails.
            if (!(Math.Abs(actual[i] - expected[i]) <= tolerance * (1 + Math.Abs(expected[i]))) && !(double.IsInfinity(expected[i]) && actual[i] == expected[i]))
            {
                Assert.Fail($"{what}[{i}] is {actual[i]:R}, expected {expected[i]:R} within {tolerance}");
            }
        }
    }

    /// <summary>A tensor of the type under test.</summary>
    public Tensor Of(Shape shape, double[] values)
    {
        Tensor tensor = Allocate(shape, Type);
        tensor.CopyFromDoubles(values);
        return tensor;
    }

    /// <summary>A tensor of integers.</summary>
    public Tensor Integers(Shape shape, params int[] values)
    {
        Tensor tensor = Allocate(shape, DType.Int32);
        tensor.CopyFrom<int>(values);
        return tensor;
    }

    /// <summary>A tensor of bytes.</summary>
    public Tensor Bytes(Shape shape, params byte[] values)
    {
        Tensor tensor = Allocate(shape, DType.UInt8);
        tensor.CopyFrom<byte>(values);
        return tensor;
    }

    /// <summary>An output to be overwritten: NaN, so that what a kernel leaves out or adds to shows.</summary>
    public Tensor Empty(Shape shape) => Full(shape, double.NaN);

    /// <summary>A tensor of one number.</summary>
    public Tensor Full(Shape shape, double value)
    {
        var values = new double[shape.Count];
        Array.Fill(values, value);
        return Of(shape, values);
    }

    /// <summary>An integer output, filled with -1.</summary>
    public Tensor EmptyIntegers(Shape shape)
    {
        var values = new int[shape.Count];
        Array.Fill(values, -1);
        return Integers(shape, values);
    }

    /// <summary>An output that holds NaN where the kernel overwrites, or <paramref name="before"/> where it adds.</summary>
    public Tensor Target(Shape shape, bool accumulate, double before = 0.75) => Full(shape, accumulate ? before : double.NaN);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in _tensors)
        {
            tensor.Storage.Release();
        }

        Backend.Dispose();
    }

    private Tensor Allocate(Shape shape, DType type)
    {
        var tensor = Tensor.Allocate(Backend, shape, type);
        _tensors.Add(tensor);
        return tensor;
    }
}
