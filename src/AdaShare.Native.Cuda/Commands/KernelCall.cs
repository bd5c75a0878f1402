using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Memory;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Commands;

/// <summary>Puts the parameters of one launch together, in the kernel's order. There is one of it a backend, used again for every launch.</summary>
internal sealed class KernelCall(DeviceContext context) : IDescribable
{
    /// <summary>The most words of parameters: as many as bits of the mask that says where each starts.</summary>
    public const int MostWords = 64;

    private readonly ulong[] _words = new ulong[CommandStream.KernelHeader + MostWords];
    private readonly List<Tensor> _tensors = [];
    private string _kernel = string.Empty;
    private nint _function;
    private int _count;
    private ulong _starts;

    /// <summary>Begins a launch.</summary>
    public KernelCall Begin(string kernel, nint function)
    {
        _kernel = kernel;
        _function = function;
        _count = 0;
        _starts = 0;
        _tensors.Clear();
        return this;
    }

    /// <summary>A pointer to a tensor's first element; null where there is none.</summary>
    public KernelCall Tensor(Tensor? tensor)
    {
        if (tensor is null)
        {
            return Word(0);
        }

        _tensors.Add(tensor);
        return Word(context.Pointer(tensor));
    }

    /// <summary>A pointer to one of a tensor's elements.</summary>
    public KernelCall Element(Tensor tensor, long index)
    {
        _tensors.Add(tensor);
        return Word(context.Pointer(tensor) + (ulong)(index * tensor.DType.Size()));
    }

    /// <summary>A pointer.</summary>
    public KernelCall Pointer(ulong address) => Word(address);

    /// <summary>A number of elements, rows, channels: a u32 of the kernel.</summary>
    /// <exception cref="ShapeException">It does not fit.</exception>
    public KernelCall Count(long value) => value is >= 0 and <= int.MaxValue
        ? Word((ulong)value)
        : throw new ShapeException($"{context.Device.Label}: {_kernel} has {value} elements; a kernel takes at most {int.MaxValue}, so use a smaller batch or crop");

    /// <summary>A small number: an int of the kernel.</summary>
    public KernelCall Int(int value) => Word((uint)value);

    /// <summary>A condition: an int of the kernel, 0 or 1.</summary>
    public KernelCall Flag(bool value) => Word(value ? 1UL : 0);

    /// <summary>A u64 of the kernel.</summary>
    public KernelCall Long(ulong value) => Word(value);

    /// <summary>A float of the kernel.</summary>
    public KernelCall Float(float value) => Word(BitConverter.SingleToUInt32Bits(value));

    /// <summary>A double of the kernel.</summary>
    public KernelCall Double(double value) => Word(BitConverter.DoubleToUInt64Bits(value));

    /// <summary>A struct of the kernel, by value.</summary>
    public KernelCall Struct<T>(T value) where T : unmanaged
    {
        int words = (Unsafe.SizeOf<T>() + sizeof(ulong) - 1) / sizeof(ulong);
        Span<ulong> target = _words.AsSpan(CommandStream.KernelHeader + _count, words);
        target.Clear();
        MemoryMarshal.Write(MemoryMarshal.AsBytes(target), in value);
        _starts |= 1UL << _count;
        _count += words;
        return this;
    }

    /// <summary>A pointer to numbers that change from step to step; they lie in device memory, so that a captured step can be replayed with others.</summary>
    public KernelCall Numbers<T>(T numbers) where T : unmanaged => Numbers(new ReadOnlySpan<T>(ref numbers));

    /// <summary>As the other form, to several of them.</summary>
    public KernelCall Numbers<T>(ReadOnlySpan<T> numbers) where T : unmanaged => Word(context.Numbers(_kernel, MemoryMarshal.AsBytes(numbers)));

    /// <summary>As the other forms, as bytes.</summary>
    public KernelCall NumberBytes(ReadOnlySpan<byte> bytes) => Word(context.Numbers(_kernel, bytes));

    /// <summary>A pointer to a random stream: its seed and identity.</summary>
    public KernelCall Stream(RandomStream stream) => Numbers((stream.Seed, stream.Id));

    /// <summary>Launches.</summary>
    public void Launch(LaunchShape shape)
    {
        CommandStream.WriteKernel(_words, _function, shape, _starts);
        context.Commands.Issue(_words.AsSpan(0, CommandStream.KernelHeader + _count), this);
    }

    /// <inheritdoc/>
    public string Describe() => $"{_kernel}({string.Join(", ", _tensors)})";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private KernelCall Word(ulong word)
    {
        _starts |= 1UL << _count;
        _words[CommandStream.KernelHeader + _count++] = word;
        return this;
    }
}
