using System.Runtime.InteropServices;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Reference;

/// <summary>
/// How reference kernels read and write tensors: whole, as doubles. A result is computed in double precision and rounded once, when it is stored.
/// </summary>
internal static class TensorValues
{
    /// <summary>A copy of every element.</summary>
    internal static double[] Load(this Tensor tensor)
    {
        Span<byte> bytes = Memory(tensor);
        var values = new double[tensor.Count];
        switch (tensor.DType)
        {
            case DType.Float64:
                MemoryMarshal.Cast<byte, double>(bytes).CopyTo(values);
                break;
            case DType.Float32:
                Widen(MemoryMarshal.Cast<byte, float>(bytes), values);
                break;
            case DType.BFloat16:
                ReadOnlySpan<BFloat16> halves = MemoryMarshal.Cast<byte, BFloat16>(bytes);
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = halves[i];
                }

                break;
            case DType.Int32:
                Widen(MemoryMarshal.Cast<byte, int>(bytes), values);
                break;
            default:
                Widen<byte>(bytes, values);
                break;
        }

        return values;
    }

    /// <summary>A copy of every element of an integer tensor.</summary>
    internal static int[] LoadIntegers(this Tensor tensor) => Array.ConvertAll(tensor.Load(), static x => (int)x);

    /// <summary>Overwrites every element, or adds to it; floats round to nearest, and towards zero where the tensor holds integers.</summary>
    internal static void Store(this Tensor tensor, double[] values, bool accumulate = false)
    {
        double[] old = accumulate ? tensor.Load() : [];
        Span<byte> bytes = Memory(tensor);
        for (int i = 0; i < values.Length; i++)
        {
            double value = accumulate ? old[i] + values[i] : values[i];
            switch (tensor.DType)
            {
                case DType.Float64:
                    MemoryMarshal.Cast<byte, double>(bytes)[i] = value;
                    break;
                case DType.Float32:
                    MemoryMarshal.Cast<byte, float>(bytes)[i] = (float)value;
                    break;
                case DType.BFloat16:
                    MemoryMarshal.Cast<byte, BFloat16>(bytes)[i] = (BFloat16)(float)value;
                    break;
                case DType.Int32:
                    MemoryMarshal.Cast<byte, int>(bytes)[i] = (int)value;
                    break;
                default:
                    bytes[i] = (byte)value;
                    break;
            }
        }
    }

    /// <summary>For each element of the larger shape, the index of the element of the smaller one that broadcasting puts there.</summary>
    /// <remarks>NumPy's rule: shapes are aligned at the last dimension; a size of 1 or a missing leading dimension repeats.</remarks>
    internal static int[] BroadcastIndices(Shape small, Shape large)
    {
        var indices = new int[large.Count];
        for (int i = 0; i < indices.Length; i++)
        {
            int rest = i, stride = 1;
            for (int d = 1; d <= small.Rank; d++)
            {
                int coordinate = rest % large[-d];
                rest /= large[-d];
                indices[i] += small[-d] == 1 ? 0 : coordinate * stride;
                stride *= small[-d];
            }
        }

        return indices;
    }

    private static Span<byte> Memory(Tensor tensor) => ((ReferenceStorage)tensor.Storage).Of(tensor);

    private static void Widen<T>(ReadOnlySpan<T> source, double[] target) where T : System.Numerics.INumberBase<T>
    {
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = double.CreateChecked(source[i]);
        }
    }
}
