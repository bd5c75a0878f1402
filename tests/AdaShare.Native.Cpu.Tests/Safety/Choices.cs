using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests.Safety;

/// <summary>The random choices of one call: mostly arguments that fit, now and then one from the edge of its range or beyond.</summary>
/// <param name="seed">The call's number.</param>
internal sealed class Choices(int seed)
{
    private static readonly int[] Edges =
    [
        0, 1, -1, 2, -2, 255, 256, 4096, 4097, 65536, 1 << 24, (1 << 24) + 1, 1 << 29, 1 << 30, (1 << 30) + 1, int.MaxValue - 1, int.MaxValue, int.MinValue, int.MinValue + 1,
    ];

    private static readonly long[] LongEdges = [0, 1, -1, 2, int.MaxValue, 1L + int.MaxValue, 1L << 48, long.MaxValue / 8, long.MaxValue - 1, long.MaxValue, long.MinValue];
    private static readonly int[] Sizes = [1, 2, 3, 4, 5, 7, 8, 9, 16, 17];
    private static readonly double[] Numbers = [0, 1, -1, 0.5, 2, 1e-5, -0.0, 1e300, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, 0.999999999999];

    private readonly RandomStream _stream = RandomStream.For((ulong)seed, "calls");
    private ulong _next;

    /// <summary>0 … bound - 1.</summary>
    public int Below(int bound) => _stream.Integer(_next++, bound);

    /// <summary>True once in so many times.</summary>
    public bool OneIn(int times) => Below(times) == 0;

    /// <summary>One of some values.</summary>
    public T Of<T>(params ReadOnlySpan<T> values) => values[Below(values.Length)];

    /// <summary>A value that is expected to fit, seldom one from the edge.</summary>
    public int Near(int fitting) => OneIn(8) ? Of<int>(Edges) : fitting;

    /// <summary>A value of 0 … bound - 1, seldom one from the edge.</summary>
    public int NearBelow(int bound) => Near(Below(Math.Max(1, bound)));

    /// <summary>As <see cref="Near"/>, of 64 bits.</summary>
    public long Near(long fitting) => OneIn(6) ? Of<long>(LongEdges) : fitting;

    /// <summary>A number that is expected to fit, seldom one from the edge.</summary>
    public double Near(double fitting) => OneIn(8) ? Of<double>(Numbers) : fitting;

    /// <summary>A size of a dimension: small, seldom 0, very seldom from the edge.</summary>
    public int Size() => OneIn(60) ? Of<int>(Edges) : OneIn(25) ? 0 : OneIn(30) ? Of(33, 64, 70, 260) : Of<int>(Sizes);

    /// <summary>A shape of any rank.</summary>
    public Shape Shape() => Shape(Below(OneIn(20) ? 8 : 5));

    /// <summary>A shape of a rank.</summary>
    public Shape Shape(int rank)
    {
        var sizes = new int[rank];
        for (int i = 0; i < rank; i++)
        {
            sizes[i] = Size();
        }

        return new Shape(sizes);
    }

    /// <summary>A shape near a given one.</summary>
    public Shape Near(Shape shape) => shape.Rank > 0 && OneIn(12) ? shape.With(Below(shape.Rank), Size()) : OneIn(20) ? Shape() : shape;

    /// <summary>The type of most tensors, seldom another one.</summary>
    public DType Type() => OneIn(12) ? Of(DType.Float64, DType.Int32, DType.UInt8, DType.BFloat16, (DType)99) : DType.Float32;
}
