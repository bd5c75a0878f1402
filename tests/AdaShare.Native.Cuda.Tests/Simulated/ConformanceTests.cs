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
    private static readonly CudaBackendOptions Misaligned = new() { Misalignment = 4 };

    private static IEnumerable<TestCaseData> Cases => OpCatalogue.All.Select(static opCase => new TestCaseData(opCase).SetArgDisplayNames(opCase.FullName));

    private static IEnumerable<TestCaseData> Bfloat16Cases => OpCatalogue.All.Where(static opCase => opCase.TakesBfloat16).Select(static opCase => new TestCaseData(opCase).SetArgDisplayNames(opCase.FullName));

    // What is left to its own choice is tested with all other ops.
    private static IEnumerable<TestCaseData> Convolutions => ConvolutionsBy(ConvolutionEngine.Cudnn, ConvolutionEngine.Products);

    private static IEnumerable<TestCaseData> Products => ConvolutionsBy(ConvolutionEngine.Products);

    private static IEnumerable<TestCaseData> Kernels => KernelCases.All.Select(static kernel => new TestCaseData(kernel).SetArgDisplayNames(kernel.Name));

    private static IEnumerable<TestCaseData> ConvolutionsBy(params ConvolutionEngine[] engines) =>
        from opCase in OpCatalogue.All
        where opCase.Family == "Convolution"
        from engine in engines
        from type in new[] { DType.Float32, DType.BFloat16 }
        select new TestCaseData(opCase, engine, type).SetArgDisplayNames(opCase.FullName, engine.ToString(), type.ToString());

    [TestCaseSource(nameof(Cases))]
    public void Ops_and_gradients_are_those_of_the_reference(OpCase opCase) => Check(backend => BackendConformance.Values(opCase, backend, DType.Float32));

    [TestCaseSource(nameof(Kernels))]
    public void Kernels_are_those_of_the_reference(KernelCase kernel) => Check(backend => BackendConformance.Kernel(kernel, backend, DType.Float32));

    [TestCaseSource(nameof(Cases))]
    public void Ops_do_without_vectors_where_addresses_do_not_allow_them(OpCase opCase) => Check(backend => BackendConformance.Values(opCase, backend, DType.Float32), Misaligned);

    [TestCaseSource(nameof(Kernels))]
    public void Kernels_do_without_vectors_where_addresses_do_not_allow_them(KernelCase kernel) =>
        Check(backend => BackendConformance.Kernel(kernel, backend, DType.Float32), Misaligned);

    [TestCaseSource(nameof(Cases))]
    public void A_step_repeats_itself_without_new_memory(OpCase opCase) => Check(backend => BackendConformance.Repetition(opCase, backend, DType.Float32));

    [TestCaseSource(nameof(Bfloat16Cases))]
    public void Ops_on_bfloat16_are_those_of_the_reference(OpCase opCase) => Check(backend => BackendConformance.Values(opCase, backend, DType.BFloat16));

    [TestCaseSource(nameof(Bfloat16Cases))]
    public void Ops_on_bfloat16_do_without_vectors_where_addresses_do_not_allow_them(OpCase opCase) =>
        Check(backend => BackendConformance.Values(opCase, backend, DType.BFloat16), Misaligned);

    [TestCaseSource(nameof(Bfloat16Cases))]
    public void A_step_on_bfloat16_repeats_itself_without_new_memory(OpCase opCase) => Check(backend => BackendConformance.Repetition(opCase, backend, DType.BFloat16));

    [TestCaseSource(nameof(Convolutions))]
    public void Convolutions_are_those_of_the_reference_whatever_computes_them(OpCase opCase, ConvolutionEngine engine, DType type) =>
        Check(backend => BackendConformance.Values(opCase, backend, type), new CudaBackendOptions { Convolutions = engine });

    // One image at a time: what a batch does where its windows are larger than the memory for them.
    [TestCaseSource(nameof(Products))]
    public void Convolutions_are_those_of_the_reference_image_by_image(OpCase opCase, ConvolutionEngine engine, DType type) =>
        Check(backend => BackendConformance.Values(opCase, backend, type), new CudaBackendOptions { Convolutions = engine, UnrolledBytes = 1 });

    [Test]
    public void Memory_is_counted_reused_and_trimmed() => Check(BackendConformance.Memory);

    private static void Check(Func<Backend, IReadOnlyList<string>> check, CudaBackendOptions? options = null)
    {
        using var device = new SimulatedBackend(options);
        Assert.That(check(device.Backend), Is.Empty);
        device.AssertClean();
    }
}
