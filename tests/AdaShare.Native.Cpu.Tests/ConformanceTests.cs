using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Conformance.Checks;
using AdaShare.Native.Cpu.Numerics;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests;

/// <summary>The CPU backend against the reference backend, op by op and kernel by kernel.</summary>
[TestFixture]
public sealed class ConformanceTests
{
    // What NumericsMode.Fast promises: errors up to twenty times those of exact sums.
    private const double FastErrors = 20;

    private static readonly DType[] Types = [DType.Float32, DType.Float64];

    private static IEnumerable<TestCaseData> Cases =>
        from type in Types from opCase in OpCatalogue.All select new TestCaseData(opCase, type).SetArgDisplayNames(opCase.FullName, type.ToString());

    private static IEnumerable<TestCaseData> WidthCases =>
        from vectors in Enum.GetValues<VectorWidth>()
        from numerics in Enum.GetValues<NumericsMode>()
        where (vectors, numerics) != (VectorWidth.Auto, NumericsMode.Exact)
        from type in Types
        from opCase in OpCatalogue.All
        where opCase.Family is "Convolution" or "Matrix"
        select new TestCaseData(opCase, type, vectors, numerics).SetArgDisplayNames(opCase.FullName, type.ToString(), vectors.ToString(), numerics.ToString());

    private static IEnumerable<TestCaseData> Kernels =>
        from type in Types from kernel in KernelCases.All select new TestCaseData(kernel, type).SetArgDisplayNames(kernel.Name, type.ToString());

    [TestCaseSource(nameof(Cases))]
    public void Ops_and_gradients_are_those_of_the_reference(OpCase opCase, DType type) =>
        Check(new CpuBackendOptions { PoisonMemory = true }, backend => BackendConformance.Values(opCase, backend, type));

    [TestCaseSource(nameof(WidthCases))]
    public void Every_vector_width_and_numerics_mode_gives_those_of_the_reference(OpCase opCase, DType type, VectorWidth vectors, NumericsMode numerics)
    {
        if (vectors != VectorWidth.Auto && !VectorWidths.Supported.Contains(vectors))
        {
            Assert.Ignore($"this processor has no vectors of {vectors}");
        }

        // Only what goes through Winograd's transforms may err as they do.
        bool transforms = numerics == NumericsMode.Fast && opCase.Family == "Convolution" && type == DType.Float32;
        OpCase bounded = transforms ? opCase with { Tolerance = FastErrors * opCase.Tolerance } : opCase;
        Check(new CpuBackendOptions { PoisonMemory = true, VectorWidth = vectors, Numerics = numerics }, backend => BackendConformance.Values(bounded, backend, type));
    }

    [TestCaseSource(nameof(Kernels))]
    public void Kernels_are_those_of_the_reference(KernelCase kernel, DType type) =>
        Check(new CpuBackendOptions { PoisonMemory = true }, backend => BackendConformance.Kernel(kernel, backend, type));

    [TestCaseSource(nameof(Cases))]
    public void A_step_repeats_itself_without_new_memory(OpCase opCase, DType type) =>
        Check(new CpuBackendOptions { Threads = 3 }, backend => BackendConformance.Repetition(opCase, backend, type));

    [TestCaseSource(nameof(Cases))]
    public void Bits_do_not_depend_on_the_number_of_threads(OpCase opCase, DType type)
    {
        using var other = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        Check(new CpuBackendOptions { Threads = 3 }, backend => BackendConformance.SameBits(opCase, backend, other, type));
    }

    [Test]
    public void Memory_is_counted_reused_and_trimmed() => Check(new CpuBackendOptions(), BackendConformance.Memory);

    private static void Check(CpuBackendOptions options, Func<CpuBackend, IReadOnlyList<string>> check)
    {
        using var backend = new CpuBackend(options);
        Assert.That(check(backend), Is.Empty);
        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }
}
