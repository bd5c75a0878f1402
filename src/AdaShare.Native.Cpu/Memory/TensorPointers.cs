using System.Diagnostics;
using System.Runtime.CompilerServices;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Memory;

/// <summary>From tensors to addresses.</summary>
internal static unsafe class TensorPointers
{
    /// <summary>The address of the first element.</summary>
    /// <exception cref="ObjectDisposedException">The tensor's memory has been released.</exception>
    public static T* Pointer<T>(this Tensor tensor) where T : unmanaged
    {
        Debug.Assert(Unsafe.SizeOf<T>() == tensor.DType.Size(), "the kernel and the tensor disagree about the element type");
        if (tensor.Storage.IsFreed)
        {
            tensor.ThrowIfFreed("cpu");
        }

        return (T*)((CpuStorage)tensor.Storage).Pointer + tensor.Offset;
    }

    /// <summary>The address of the first element, or null where there is no tensor.</summary>
    public static T* PointerOrNull<T>(this Tensor? tensor) where T : unmanaged => tensor is null ? null : tensor.Pointer<T>();
}
