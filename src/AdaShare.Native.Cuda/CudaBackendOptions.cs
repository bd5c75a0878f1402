namespace AdaShare.Native.Cuda;

/// <summary>What computes convolutions.</summary>
public enum ConvolutionEngine
{
    /// <summary>
    /// What is fastest: cuDNN where it may use tensor cores; in full single precision, for windows of a single tap, and for large windows many of whose taps lie in the padding, products of matrices.
    /// </summary>
    Auto,

    /// <summary>cuDNN wherever it has an engine.</summary>
    Cudnn,

    /// <summary>Products of matrices by cuBLAS, over windows that a kernel of ours has laid out in memory.</summary>
    Products,
}

/// <summary>What an embedding program can choose about the CUDA backend.</summary>
public sealed record CudaBackendOptions
{
    /// <summary>The device's ordinal as the driver counts them, from 0.</summary>
    public int Device { get; init; }

    /// <summary>
    /// Whether convolutions and matrix products may round factors to TF32 (10 bits of mantissa), and convolutions may use Winograd's and Fourier's transforms. Off, results are those of
    /// the CPU backend to a few units in the last place; on, tensor cores make them several times faster. Tensors of bfloat16 use tensor cores either way.
    /// </summary>
    public bool AllowTf32 { get; init; }

    /// <summary>What computes convolutions. To find out whether a library is at fault, let another one do it.</summary>
    public ConvolutionEngine Convolutions { get; init; }

    /// <summary>
    /// The most bytes of windows that convolutions by <see cref="ConvolutionEngine.Products"/> lay out in memory at once, at least 1; images that do not fit take turns, and a single image is never cut.
    /// </summary>
    public long UnrolledBytes { get; init; } = 256L << 20;

    /// <summary>Whether equal inputs give equal bits: cuDNN's engines that add in changing order are left out.</summary>
    public bool Deterministic { get; init; } = true;

    /// <summary>Whether every launch is waited for, so that an error names the call that caused it. For debugging: nothing overlaps any more.</summary>
    public bool SynchronizeLaunches { get; init; }

    /// <summary>The most bytes of device memory that tensors and workspaces may take; null for all that there is. At least 32 MiB.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>Whether the repeated part of training steps is captured as a CUDA graph and replayed; results are the same bits either way.</summary>
    public bool CaptureSteps { get; init; } = true;

    /// <summary>Whether cuDNN's engines for a convolution are timed when it is first used; otherwise cuDNN's heuristics choose. Another choice may give other last bits.</summary>
    public bool Autotune { get; init; }

    /// <summary>Where the results of <see cref="Autotune"/> are kept between runs, so that later runs choose the same engines; null for nowhere.</summary>
    public string? AutotuneFile { get; init; }

    /// <summary>Bytes, a multiple of 4, by which tensors start after a multiple of 512: kernels move vectors only where addresses allow it, and the tests check the other paths with it.</summary>
    internal int Misalignment { get; init; }
}
