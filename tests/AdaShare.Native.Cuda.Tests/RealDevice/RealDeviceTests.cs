using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Conformance.Checks;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Search;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Tests.RealDevice;

/// <summary>The CUDA backend on the machine's own GPU against the reference backend: the conformance suite of every backend, op by op and kernel by kernel.</summary>
/// <remarks>One backend serves all cases: making a context and compiling the kernels takes longer than they do.</remarks>
[TestFixture]
[Category(Gpu.Category)]
[NonParallelizable]
public sealed class RealDeviceTests
{
    private readonly Dictionary<CudaBackendOptions, CudaBackend> _engines = [];
    private CudaBackend? _backend;

    // The last has one image at a time laid out in memory.
    private static readonly CudaBackendOptions[] Engines =
    [
        new() { Convolutions = ConvolutionEngine.Cudnn }, new() { Convolutions = ConvolutionEngine.Products }, new() { Convolutions = ConvolutionEngine.Products, UnrolledBytes = 1 },
    ];

    private static IEnumerable<TestCaseData> Ops => Gpu.Cases(OpCatalogue.All.Select(opCase => new TestCaseData(opCase).SetArgDisplayNames(opCase.FullName)));

    private static IEnumerable<TestCaseData> Bfloat16Ops => Gpu.Cases(
        OpCatalogue.All.Where(opCase => opCase.TakesBfloat16).Select(opCase => new TestCaseData(opCase).SetArgDisplayNames(opCase.FullName)));

    private static IEnumerable<TestCaseData> Convolutions => Gpu.Cases(
        OpCatalogue.All.Where(opCase => opCase.Family == "Convolution").Select(opCase => new TestCaseData(opCase).SetArgDisplayNames(opCase.FullName)));

    private static IEnumerable<TestCaseData> Kernels => Gpu.Cases(KernelCases.All.Select(kernel => new TestCaseData(kernel).SetArgDisplayNames(kernel.Name)));

    [OneTimeSetUp]
    public void Open() => _backend = Gpu.Open(new CudaBackendOptions());

    [OneTimeTearDown]
    public void Dispose()
    {
        _backend?.Dispose();
        foreach (CudaBackend backend in _engines.Values)
        {
            backend.Dispose();
        }
    }

    [TestCaseSource(nameof(Ops))]
    public void Ops_and_gradients_are_those_of_the_reference(OpCase opCase) => Check(backend => BackendConformance.Values(opCase, backend, DType.Float32));

    [TestCaseSource(nameof(Kernels))]
    public void Kernels_are_those_of_the_reference(KernelCase kernel) => Check(backend => BackendConformance.Kernel(kernel, backend, DType.Float32));

    [TestCaseSource(nameof(Ops))]
    public void A_step_repeats_itself_bit_for_bit_without_new_memory(OpCase opCase) => Check(backend => BackendConformance.Repetition(opCase, backend, DType.Float32));

    [TestCaseSource(nameof(Bfloat16Ops))]
    public void Ops_on_bfloat16_are_those_of_the_reference(OpCase opCase) => Check(backend => BackendConformance.Values(opCase, backend, DType.BFloat16));

    [TestCaseSource(nameof(Bfloat16Ops))]
    public void A_step_on_bfloat16_repeats_itself_bit_for_bit_without_new_memory(OpCase opCase) => Check(backend => BackendConformance.Repetition(opCase, backend, DType.BFloat16));

    [TestCaseSource(nameof(Convolutions))]
    public void Convolutions_are_those_of_the_reference_whatever_computes_them(OpCase opCase)
    {
        Gpu.Require();
        foreach (CudaBackendOptions engine in Engines)
        {
            if (!_engines.TryGetValue(engine, out CudaBackend? backend))
            {
                backend = Gpu.Open(engine)!;
                _engines.Add(engine, backend);
            }

            foreach (DType type in (DType[])[DType.Float32, DType.BFloat16])
            {
                Assert.That(BackendConformance.Values(opCase, backend, type), Is.Empty, $"{engine}, {type}");
            }
        }
    }

    [Test]
    public void Memory_is_counted_reused_and_trimmed() => Check(BackendConformance.Memory);

    [Test]
    public void The_driver_accepts_every_kernel()
    {
        CudaSearch search = Gpu.Require();
        foreach (CudaDeviceFacts device in search.Devices.Where(device => device.IsSupported))
        {
            CudaDeviceCheck check = CudaDeviceCheck.Run(search.Libraries!, device.Ordinal);
            Assert.That(check.Fault, Is.Null);
            Assert.That(check.Modules, Is.EqualTo(KernelModules.Embedded(check.Architecture).Count).And.GreaterThan(0));
        }
    }

    private void Check(Func<CudaBackend, IReadOnlyList<string>> check)
    {
        Gpu.Require();
        Assert.That(check(_backend!), Is.Empty);
        Assert.That(_backend!.Memory.LiveBuffers, Is.Zero);
    }
}
