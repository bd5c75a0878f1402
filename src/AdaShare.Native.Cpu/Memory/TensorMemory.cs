using System.Buffers;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Memory;

/// <summary>A tensor's elements as memory that a lambda can capture. It holds no memory: each span is refused once the tensor's has gone.</summary>
internal sealed unsafe class TensorMemory<T>(Tensor tensor) : MemoryManager<T> where T : unmanaged
{
    /// <inheritdoc/>
    public override Span<T> GetSpan()
    {
        tensor.ThrowIfFreed("cpu");
        return new Span<T>(tensor.Pointer<T>(), (int)tensor.Count);
    }

    /// <summary>Native memory does not move.</summary>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)tensor.Count, nameof(elementIndex));
        tensor.ThrowIfFreed("cpu");
        return new MemoryHandle(tensor.Pointer<T>() + elementIndex);
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
