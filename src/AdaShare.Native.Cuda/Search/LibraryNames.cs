namespace AdaShare.Native.Cuda.Search;

/// <summary>How NVIDIA names its library files.</summary>
internal sealed class LibraryNames(bool windows)
{
    /// <summary>The CUDA majors whose cuBLAS is accepted, newest first.</summary>
    public static IReadOnlyList<int> CudaMajors { get; } = [13, 12];

    /// <summary>The parts of cuDNN 9 that convolutions need, in the order in which they are loaded. cuDNN itself aborts the process where it looks for one in vain.</summary>
    public static IReadOnlyList<string> RequiredParts { get; } = ["graph", "engines_precompiled", "engines_runtime_compiled", "heuristic", "ops", "cnn"];

    /// <summary>Parts that some versions have, loaded beside the others so that they are never taken from another folder.</summary>
    public static IReadOnlyList<string> OptionalParts { get; } = ["engines_tensor_ir", "ext", "adv"];

    /// <summary>The driver.</summary>
    public string Driver => windows ? "nvcuda.dll" : "libcuda.so.1";

    /// <summary>cuDNN's dispatcher.</summary>
    public string Cudnn => windows ? "cudnn64_9.dll" : "libcudnn.so.9";

    /// <summary>The dispatcher of the version before, to tell users why it is not taken.</summary>
    public string OldCudnn => windows ? "cudnn64_8.dll" : "libcudnn.so.8";

    /// <summary>A part of cuDNN.</summary>
    public string CudnnPart(string part) => windows ? $"cudnn_{part}64_9.dll" : $"libcudnn_{part}.so.9";

    /// <summary>cuBLAS of a CUDA major.</summary>
    public string Cublas(int major) => windows ? $"cublas64_{major}.dll" : $"libcublas.so.{major}";

    /// <summary>cuBLASLt of a CUDA major, without which cuBLAS can't be loaded.</summary>
    public string CublasLt(int major) => windows ? $"cublasLt64_{major}.dll" : $"libcublasLt.so.{major}";

    /// <summary>The run-time compiler of a CUDA major, which some of cuDNN's engines use.</summary>
    public string Nvrtc(int major) => windows ? $"nvrtc64_{major}0_0.dll" : $"libnvrtc.so.{major}";

    /// <summary>Whether a file is cuDNN's dispatcher or one of its parts.</summary>
    public bool IsCudnn(string fileName) => fileName.StartsWith(windows ? "cudnn" : "libcudnn", StringComparison.OrdinalIgnoreCase);
}
