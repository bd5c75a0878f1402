using AdaShare.Native.Cpu.Numerics;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests;

/// <summary>Matrix products of odd sizes in every transposition against the definition.</summary>
[TestFixture]
public sealed class MatrixTests
{
    private static readonly (int M, int N, int K)[] Sizes =
    [
        (1, 1, 1), (1, 17, 3), (5, 1, 7), (6, 16, 4), (7, 15, 9), (13, 33, 257), (64, 40, 300), (3, 5, 1000), (401, 19, 5), (2, 3, 0), (100, 101, 102),
        (12, 32, 8), (20, 48, 31), (25, 49, 12),
    ];

    public static IEnumerable<object[]> Cases => from size in Sizes
                                                 from a in new[] { false, true }
                                                 from b in new[] { false, true }
                                                 from type in new[] { DType.Float32, DType.Float64 }
                                                 select new object[] { size.M, size.N, size.K, a, b, type };

    [TestCaseSource(nameof(Cases))]
    public void Multiply_is_the_definition(int m, int n, int k, bool transposeLeft, bool transposeRight, DType type)
    {
        foreach (VectorWidth vectors in VectorWidths.Supported)
        {
            using var backend = new CpuBackend(new CpuBackendOptions { Threads = 2, VectorWidth = vectors, PoisonMemory = true });
            Tensor a = Random(backend, transposeLeft ? new Shape(k, m) : new Shape(m, k), type, 1);
            Tensor b = Random(backend, transposeRight ? new Shape(n, k) : new Shape(k, n), type, 2);
            Tensor c = Tensor.Allocate(backend, new Shape(m, n), type);
            double[] expected = Naive(a.ToDoubles(), b.ToDoubles(), m, n, k, transposeLeft, transposeRight);

            backend.Matrix.Multiply(a, transposeLeft, b, transposeRight, c, accumulate: false);
            ConvolutionTests.AssertClose(c, expected, type);

            backend.Matrix.Multiply(a, transposeLeft, b, transposeRight, c, accumulate: true);
            ConvolutionTests.AssertClose(c, [.. expected.Select(static x => 2 * x)], type);
            c.Storage.Release();
        }
    }

    [Test]
    public void Bits_do_not_depend_on_the_number_of_threads([Values(DType.Float32, DType.Float64)] DType type)
    {
        foreach (VectorWidth vectors in VectorWidths.Supported)
        {
            double[] alone = Run(1, vectors);
            Assert.Multiple(() =>
            {
                Assert.That(Run(2, vectors), Is.EqualTo(alone), vectors.ToString());
                Assert.That(Run(5, vectors), Is.EqualTo(alone), vectors.ToString());
            });
        }

        double[] Run(int threads, VectorWidth vectors)
        {
            using var backend = new CpuBackend(new CpuBackendOptions { Threads = threads, VectorWidth = vectors });
            Tensor a = Random(backend, new Shape(401, 519), type, 1), b = Random(backend, new Shape(519, 77), type, 2), c = Tensor.Allocate(backend, new Shape(401, 77), type);
            backend.Matrix.Multiply(a, false, b, false, c, accumulate: false);
            return c.ToDoubles();
        }
    }

    private static double[] Naive(double[] a, double[] b, int m, int n, int k, bool transposeLeft, bool transposeRight)
    {
        var c = new double[m * n];
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                for (int l = 0; l < k; l++)
                {
                    c[(i * n) + j] += a[transposeLeft ? (l * m) + i : (i * k) + l] * b[transposeRight ? (j * k) + l : (l * n) + j];
                }
            }
        }

        return c;
    }

    private static Tensor Random(CpuBackend backend, Shape shape, DType type, long time)
    {
        var stream = RandomStream.For(3, "matrix", time);
        var values = new double[shape.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = stream.Uniform((ulong)i) - 0.5;
        }

        Tensor tensor = Tensor.Allocate(backend, shape, type);
        tensor.CopyFromDoubles(values);
        return tensor;
    }
}
