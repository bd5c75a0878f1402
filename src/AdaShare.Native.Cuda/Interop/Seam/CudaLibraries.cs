namespace AdaShare.Native.Cuda.Interop;

/// <summary>The three libraries behind the backend: the installed ones, or a simulated device.</summary>
/// <param name="Driver">The CUDA driver.</param>
/// <param name="Cudnn">cuDNN.</param>
/// <param name="Cublas">cuBLAS.</param>
/// <param name="Origin">Where they came from, for logs: paths and versions, or the simulator's name.</param>
public sealed record CudaLibraries(ICudaDriver Driver, ICudnn Cudnn, ICublas Cublas, string Origin);
