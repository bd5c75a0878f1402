using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.CudaSimulation.Driver;
using AdaShare.Native.CudaSimulation.Interpreter;

namespace AdaShare.Native.CudaSimulation.Cudnn;

/// <summary>A tensor as its descriptor says it lies in memory, read into and written from dense arrays in the descriptor's order of dimensions.</summary>
internal sealed class TensorView
{
    private readonly long[] _strides;
    private readonly CudnnDataType _type;

    public TensorView(BackendDescriptor descriptor)
    {
        Dimensions = descriptor.Longs(CudnnAttribute.TensorDimensions);
        _strides = descriptor.Longs(CudnnAttribute.TensorStrides);
        _type = (CudnnDataType)descriptor.Int(CudnnAttribute.TensorDataType);
        Id = descriptor.Longs(CudnnAttribute.TensorUniqueId)[0];
        Alignment = descriptor.Longs(CudnnAttribute.TensorByteAlignment)[0];
    }

    public long[] Dimensions { get; }

    public long Id { get; }

    public long Alignment { get; }

    public bool IsBfloat16 => _type == CudnnDataType.Bfloat16;

    public long Count => Dimensions.Aggregate(1L, static (a, b) => a * b);

    private int ElementBytes => IsBfloat16 ? 2 : 4;

    /// <summary>Reads all elements.</summary>
    public double[] Read(RangeAccess access, ulong address, string what)
    {
        var values = new double[Count];
        ForEachRun((index, stepIndex, offset, count) =>
        {
            ReadOnlySpan<byte> bytes = access.Read(address + (ulong)(offset * ElementBytes), count * ElementBytes, what);
            for (int i = 0; i < count; i++)
            {
                values[index + (i * stepIndex)] = Value(bytes[(i * ElementBytes)..]);
            }
        });
        return values;
    }

    /// <summary>Writes all elements, and none between them.</summary>
    public void Write(RangeAccess access, ulong address, double[] values, string what) => ForEachRun((index, stepIndex, offset, count) =>
    {
        Span<byte> bytes = access.Write(address + (ulong)(offset * ElementBytes), count * ElementBytes, what);
        for (int i = 0; i < count; i++)
        {
            Put(bytes[(i * ElementBytes)..], values[index + (i * stepIndex)]);
        }
    });

    private double Value(ReadOnlySpan<byte> bytes) => IsBfloat16 ? BitConverter.UInt32BitsToSingle((uint)MemoryMarshal.Read<ushort>(bytes) << 16) : MemoryMarshal.Read<float>(bytes);

    private void Put(Span<byte> bytes, double value)
    {
        if (IsBfloat16)
        {
            MemoryMarshal.Write(bytes, Bfloat16.FromSingle((float)value));
        }
        else
        {
            MemoryMarshal.Write(bytes, (float)value);
        }
    }

    /// <summary>Visits runs of neighbouring elements in memory: index and step in the dense array, offset in memory, length.</summary>
    private void ForEachRun(Action<long, long, long, long> visit)
    {
        // Steps in the dense array, last dimension fastest.
        var steps = new long[Dimensions.Length];
        long step = 1;
        for (int d = Dimensions.Length - 1; d >= 0; d--)
        {
            steps[d] = step;
            step *= Dimensions[d];
        }

        int inner = Array.FindIndex(_strides, static stride => stride == 1);
        long run = inner < 0 ? 1 : Dimensions[inner];
        long runs = Count / run;
        for (long r = 0; r < runs; r++)
        {
            long rest = r, index = 0, offset = 0;
            for (int d = Dimensions.Length - 1; d >= 0; d--)
            {
                if (d != inner)
                {
                    index += rest % Dimensions[d] * steps[d];
                    offset += rest % Dimensions[d] * _strides[d];
                    rest /= Dimensions[d];
                }
            }

            visit(index, inner < 0 ? 1 : steps[inner], offset, run);
        }
    }
}
