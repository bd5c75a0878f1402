using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Conformance.Checks;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Tests.Simulated;

/// <summary>The CUDA backend over the simulated device against the reference backend, op by op and kernel by kernel, with the device's checks on.</summary>
[TestFixture]
[Parallelizable(ParallelScope.Children)]
public sealed class ConformanceTests
{
    private static IEnumerable<TestCaseData> Cases => OpCatalogue.All.Select(static opCase => new TestCaseData(opCase).SetArgDisplayNames(opCase.FullName));

    private static IEnumerable<TestCaseData> Kernels => KernelCases.All.Select(static kernel => new TestCaseData(kernel).SetArgDisplayNames(kernel.Name));

    [TestCaseSource(nameof(Cases))]
    public void Ops_and_gradients_are_those_of_the_reference(OpCase opCase) => Check(backend => BackendConformance.Values(opCase, backend, DType.Float32));

    [TestCaseSource(nameof(Kernels))]
    public void Kernels_are_those_of_the_reference(KernelCase kernel) => Check(backend => BackendConformance.Kernel(kernel, backend, DType.Float32));

    [TestCaseSource(nameof(Cases))]
    public void A_step_repeats_itself_without_new_memory(OpCase opCase) => Check(backend => BackendConformance.Repetition(opCase, backend, DType.Float32));

    [Test]
    public void Memory_is_counted_reused_and_trimmed() => Check(BackendConformance.Memory);

    private static void Check(Func<Backend, IReadOnlyList<string>> check)
    {
        using var device = new SimulatedBackend();
        Assert.That(check(device.Backend), Is.Empty);
        device.AssertClean();
    }
}
