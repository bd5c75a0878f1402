using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.CudaSimulation.Findings;

namespace AdaShare.Native.CudaSimulation.Tests;

/// <summary>Products of the simulated cuBLAS against sums over their definition, and calls that it must refuse.</summary>
[TestFixture]
public sealed unsafe class CublasTests
{
    private DriverBench _bench = null!;
    private ICublas _cublas = null!;
    private nint _handle;

    [SetUp]
    public void Create()
    {
        _bench = new DriverBench();
        _cublas = _bench.Device.Libraries.Cublas;
        Expect(_cublas.Create(out _handle));
        Expect(_cublas.SetStream(_handle, _bench.Stream));
    }

    [TearDown]
    public void Dispose() => _bench.Dispose();

    private static void Expect(CublasStatus status, CublasStatus expected = CublasStatus.Success) => Assert.That(status, Is.EqualTo(expected));

    private static float[] Values(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1))];
    }

    private ulong Upload(float[] values) => _bench.Upload(MemoryMarshal.Cast<float, int>(values));

    private float[] Download(ulong address, int count) => MemoryMarshal.Cast<int, float>(_bench.Download(address, count)).ToArray();

    private CublasStatus Multiply(
        CublasOperation opA, CublasOperation opB, int m, int n, int k, ulong a, int leadingA, ulong b, int leadingB, ulong c, int leadingC,
        float alpha = 1, float beta = 0, CublasCompute compute = CublasCompute.Float32) =>
        _cublas.GemmEx(_handle, opA, opB, m, n, k, &alpha, a, CublasDataType.Float32, leadingA, b, CublasDataType.Float32, leadingB, &beta, c, CublasDataType.Float32, leadingC, compute, CublasAlgorithm.Default);

    [Test]
    public void Products_are_column_major_with_their_leading_dimensions(
        [Values] CublasOperation opA, [Values] CublasOperation opB, [Values(0f, 1f, -0.5f)] float beta)
    {
        const int M = 5, N = 4, K = 7, LeadingA = 9, LeadingB = 8, LeadingC = 6;
        int columnsA = opA == CublasOperation.None ? K : M, columnsB = opB == CublasOperation.None ? N : K;
        float[] a = Values(LeadingA * columnsA, 1), b = Values(LeadingB * columnsB, 2), before = Values(LeadingC * N, 3);
        ulong c = Upload(before);
        Expect(Multiply(opA, opB, M, N, K, Upload(a), LeadingA, Upload(b), LeadingB, c, LeadingC, 1.5f, beta));
        float[] actual = Download(c, before.Length);
        _bench.Device.Log.ThrowIfAny();
        Assert.Multiple(() =>
        {
            for (int i = 0; i < before.Length; i++)
            {
                int row = i % LeadingC, column = i / LeadingC;
                double sum = 0;
                for (int p = 0; p < K && row < M; p++)
                {
                    sum += (double)a[opA == CublasOperation.None ? row + (p * LeadingA) : p + (row * LeadingA)] * b[opB == CublasOperation.None ? p + (column * LeadingB) : column + (p * LeadingB)];
                }

                Assert.That(actual[i], Is.EqualTo(row < M ? (1.5 * sum) + (beta * before[i]) : before[i]).Within(1e-6));
            }
        });
    }

    [Test]
    public void Products_of_one_size_lie_at_equal_distances()
    {
        const int M = 3, N = 2, K = 4, Count = 3, DistanceA = 14, DistanceB = 9, DistanceC = 7;
        float[] a = Values((DistanceA * (Count - 1)) + (M * K), 1), b = Values((DistanceB * (Count - 1)) + (K * N), 2);
        ulong c = Upload(Values((DistanceC * (Count - 1)) + (M * N), 3));
        float[] before = Download(c, (DistanceC * (Count - 1)) + (M * N));
        float alpha = 2, beta = 1;
        Expect(_cublas.GemmStridedBatchedEx(
            _handle, CublasOperation.None, CublasOperation.None, M, N, K, &alpha, Upload(a), CublasDataType.Float32, M, DistanceA, Upload(b), CublasDataType.Float32, K, DistanceB,
            &beta, c, CublasDataType.Float32, M, DistanceC, Count, CublasCompute.Float32, CublasAlgorithm.Default));
        float[] actual = Download(c, before.Length);
        _bench.Device.Log.ThrowIfAny();
        Assert.Multiple(() =>
        {
            for (int i = 0; i < before.Length; i++)
            {
                (int batch, int within) = Math.DivRem(i, DistanceC);
                double sum = before[i];
                for (int p = 0; p < K && within < M * N; p++)
                {
                    sum += 2.0 * a[(batch * DistanceA) + (within % M) + (p * M)] * b[(batch * DistanceB) + p + (within / M * K)];
                }

                Assert.That(actual[i], Is.EqualTo(sum).Within(1e-6), $"element {i}");
            }
        });
    }

    [Test]
    public void Results_that_overlap_are_refused()
    {
        ulong a = Upload(Values(64, 1)), c = _bench.Allocate(64);
        float alpha = 1, beta = 0;
        CublasStatus status = _cublas.GemmStridedBatchedEx(
            _handle, CublasOperation.None, CublasOperation.None, 2, 2, 2, &alpha, a, CublasDataType.Float32, 2, 4, a, CublasDataType.Float32, 2, 4,
            &beta, c, CublasDataType.Float32, 2, 3, 2, CublasCompute.Float32, CublasAlgorithm.Default);
        Assert.That(status, Is.EqualTo(CublasStatus.InvalidValue));
        Assert.That(_bench.Kinds, Is.EqualTo(new[] { FindingKind.InvalidCall }));
    }

    [Test]
    public void The_result_is_not_read_where_nothing_is_added()
    {
        ulong a = Upload([2]), c = _bench.Allocate(1);
        Expect(Multiply(CublasOperation.None, CublasOperation.None, 1, 1, 1, a, 1, a, 1, c, 1));
        Assert.That(Download(c, 1)[0], Is.EqualTo(4f));
        _bench.Device.Log.ThrowIfAny();
        ulong unwritten = _bench.Allocate(1);
        Expect(Multiply(CublasOperation.None, CublasOperation.None, 1, 1, 1, a, 1, a, 1, unwritten, 1, beta: 1));
        DriverBench.Expect(_bench.Driver.CtxSynchronize());
        Assert.That(_bench.Kinds, Is.EqualTo(new[] { FindingKind.UninitializedRead }));
    }

    [Test]
    public void Tensor_cores_round_only_where_allowed()
    {
        ulong a = Upload([1.0001f]), b = Upload([1]), c = _bench.Allocate(1);
        Expect(Multiply(CublasOperation.None, CublasOperation.None, 1, 1, 1, a, 1, b, 1, c, 1));
        Assert.That(Download(c, 1)[0], Is.EqualTo(1.0001f));
        Expect(Multiply(CublasOperation.None, CublasOperation.None, 1, 1, 1, a, 1, b, 1, c, 1, compute: CublasCompute.Float32FastTf32));
        Assert.That(Download(c, 1)[0], Is.EqualTo(1f));
        Expect(_cublas.SetMathMode(_handle, CublasMath.Tf32TensorOp));
        Expect(Multiply(CublasOperation.None, CublasOperation.None, 1, 1, 1, a, 1, b, 1, c, 1));
        Assert.That(Download(c, 1)[0], Is.EqualTo(1f));
        _bench.Device.Log.ThrowIfAny();
    }

    [Test]
    public void Calls_that_the_library_refuses()
    {
        ulong a = Upload(Values(16, 1)), c = _bench.Allocate(16);
        Expect(Multiply(CublasOperation.None, CublasOperation.None, 4, 4, 4, a, 3, a, 4, c, 4), CublasStatus.InvalidValue);
        Expect(Multiply(CublasOperation.None, CublasOperation.None, 4, 4, 4, a + 2, 4, a, 4, c, 4), CublasStatus.InvalidValue);
        Expect(Multiply(CublasOperation.None, CublasOperation.None, -1, 4, 4, a, 4, a, 4, c, 4), CublasStatus.InvalidValue);
        Expect(_cublas.SetWorkspace(_handle, c + 4, 16), CublasStatus.InvalidValue);
        Expect(_cublas.SetStream(_handle, 0), CublasStatus.InvalidValue);
        Assert.That(_bench.Kinds, Is.All.EqualTo(FindingKind.InvalidCall));
        Assert.That(_bench.Device.Log.Findings, Has.Count.EqualTo(5));
    }

    [Test]
    public void A_leading_dimension_that_is_too_large_leaves_the_buffer()
    {
        ulong a = Upload(Values(16, 1)), c = _bench.Allocate(16);
        Expect(Multiply(CublasOperation.None, CublasOperation.None, 4, 4, 4, a, 5, a, 4, c, 4));
        DriverBench.Expect(_bench.Driver.CtxSynchronize(), CudaResult.IllegalAddress);
        Assert.That(_bench.Kinds, Is.EqualTo(new[] { FindingKind.OutOfBounds }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Recorded_products_need_a_workspace(bool hasWorkspace)
    {
        ulong a = Upload(Values(16, 1)), c = _bench.Allocate(16), workspace = _bench.Allocate(1024);
        if (hasWorkspace)
        {
            Expect(_cublas.SetWorkspace(_handle, workspace, 4096));
        }

        DriverBench.Expect(_bench.Driver.StreamBeginCapture(_bench.Stream, CudaCaptureMode.ThreadLocal));
        Expect(Multiply(CublasOperation.None, CublasOperation.None, 4, 4, 4, a, 4, a, 4, c, 4), hasWorkspace ? CublasStatus.Success : CublasStatus.NotSupported);
        DriverBench.Expect(_bench.Driver.StreamEndCapture(_bench.Stream, out _), hasWorkspace ? CudaResult.Success : CudaResult.StreamCaptureInvalidated);
        Assert.That(_bench.Kinds, Is.EqualTo(hasWorkspace ? [] : new[] { FindingKind.IllegalCapture }));
    }
}
