namespace AdaShare.Native.Cuda.Commands;

/// <summary>What a command of the compute stream does; its first word.</summary>
internal enum CommandKind : ulong
{
    /// <summary>Launches a kernel: function, grid x and y, grid z and block x, block y and z, bytes of dynamic shared memory, which words start parameters, the parameters' words.</summary>
    Kernel,

    /// <summary>Sets bytes: target, value, count.</summary>
    SetBytes,

    /// <summary>Sets 16-bit words: target, value, count.</summary>
    SetHalves,

    /// <summary>Sets 32-bit words: target, value, count.</summary>
    SetWords,

    /// <summary>Copies on the device: target, source, bytes.</summary>
    Copy,

    /// <summary>Runs a convolution plan: index of the plan, three tensors, workspace.</summary>
    Convolution,

    /// <summary>Multiplies matrices: the words of a <see cref="ProductCommand"/>.</summary>
    Product,

    /// <summary>Tells an <see cref="Interop.IMemoryObserver"/> of a buffer: address, bytes.</summary>
    MemoryRented,

    /// <summary>Tells it that a block is nobody's: address, bytes.</summary>
    MemoryReturned,
}
