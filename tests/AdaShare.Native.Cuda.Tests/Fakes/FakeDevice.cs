using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Tests.Fakes;

/// <summary>A backend over fakes.</summary>
internal sealed class FakeDevice : IDisposable
{
    private CudaBackend? _backend;

    public FakeDriver Driver { get; } = new();

    public FakeCudnn Cudnn { get; } = new();

    public FakeCublas Cublas { get; } = new();

    public CudaLibraries Libraries => new(Driver, Cudnn, Cublas, "fake");

    /// <summary>The backend, made when it is first asked for. It asks cuDNN for every convolution, because that is what the fakes watch.</summary>
    public CudaBackend Backend => _backend ??= new CudaBackend(Libraries, Options with { Convolutions = ConvolutionEngine.Cudnn });

    public CudaBackendOptions Options { get; set; } = new();

    public void Dispose()
    {
        _backend?.Dispose();
        Driver.Dispose();
    }
}
