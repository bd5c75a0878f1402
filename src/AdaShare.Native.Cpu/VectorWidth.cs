namespace AdaShare.Native.Cpu;

/// <summary>The vector registers that matrix and convolution kernels compute in.</summary>
public enum VectorWidth
{
    /// <summary>The widest that pays on this processor.</summary>
    Auto,

    /// <summary>None: one number at a time. Every processor can.</summary>
    Scalar,

    /// <summary>128 bits: SSE, and ARM's.</summary>
    Bits128,

    /// <summary>256 bits: AVX2 with FMA.</summary>
    Bits256,

    /// <summary>512 bits: AVX-512.</summary>
    Bits512,
}
