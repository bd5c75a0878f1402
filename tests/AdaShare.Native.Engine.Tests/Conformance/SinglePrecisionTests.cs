using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Conformance.Checks;
using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Conformance;

/// <summary>The tolerances of the catalogue against the reference backend itself, storing its results in single precision.</summary>
[TestFixture]
public sealed class SinglePrecisionTests
{
    private static IEnumerable<TestCaseData> Cases => OpCatalogue.All.Select(c => new TestCaseData(c).SetArgDisplayNames(c.FullName));

    private static IEnumerable<TestCaseData> Kernels => KernelCases.All.Select(c => new TestCaseData(c).SetArgDisplayNames(c.Name));

    [TestCaseSource(nameof(Cases))]
    public void Rounding_of_stored_results_stays_within_the_tolerance(OpCase opCase)
    {
        using var backend = new ReferenceBackend();
        Assert.That(BackendConformance.Values(opCase, backend, DType.Float32), Is.Empty);
    }

    [TestCaseSource(nameof(Kernels))]
    public void Rounding_of_kernel_results_stays_within_the_tolerance(KernelCase kernel)
    {
        using var backend = new ReferenceBackend();
        Assert.That(BackendConformance.Kernel(kernel, backend, DType.Float32), Is.Empty);
    }
}
