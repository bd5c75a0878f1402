using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Layers;

/// <summary>
/// Sets a tensor to a function of the elements' positions: in the order in which they are stored, a buffer at a time, by all processors. It needs neither a copy of the tensor on the
/// host nor a pass that changes the layout.
/// </summary>
internal static class ParameterFill
{
    // Small, because the pool keeps the buffer after the parameters are filled.
    private const int BufferCount = 1 << 18;
    private const int PieceCount = 1 << 14;

    /// <summary>Fills a floating tensor.</summary>
    /// <param name="target">The tensor.</param>
    /// <param name="element">From an element's position, in PyTorch's order, to its value, which is rounded to the tensor's type.</param>
    public static void Fill(Tensor target, Func<long, double> element)
    {
        if (target.DType == DType.Float64)
        {
            Fill<double>(target, element);
        }
        else
        {
            Fill<float>(target, element);
        }
    }

    private static void Fill<T>(Tensor target, Func<long, double> element) where T : unmanaged, INumberBase<T>
    {
        T[] buffer = ArrayPool<T>.Shared.Rent((int)Math.Min(BufferCount, target.Count));
        try
        {
            for (long start = 0; start < target.Count; start += buffer.Length)
            {
                int count = (int)Math.Min(buffer.Length, target.Count - start);
                FillBuffer(target, start, buffer, count, element);

                // The backend is used from one thread: only the numbers are made by several.
                target.Backend.Upload(MemoryMarshal.AsBytes(buffer.AsSpan(0, count)), target.Part(start, new Shape(count)));
            }
        }
        finally
        {
            ArrayPool<T>.Shared.Return(buffer);
        }
    }

    private static void FillBuffer<T>(Tensor target, long start, T[] buffer, int count, Func<long, double> element) where T : unmanaged, INumberBase<T>
    {
        int pieces = (count + PieceCount - 1) / PieceCount;
        void Piece(int piece)
        {
            int first = piece * PieceCount;
            FillRange(target, start + first, buffer.AsSpan(first, Math.Min(PieceCount, count - first)), element);
        }

        if (pieces == 1)
        {
            Piece(0);
        }
        else
        {
            Parallel.For(0, pieces, Piece);
        }
    }

    private static void FillRange<T>(Tensor target, long start, Span<T> values, Func<long, double> element) where T : unmanaged, INumberBase<T>
    {
        for (int done = 0; done < values.Length;)
        {
            (long position, long stride, long run) = target.IsFilter ? target.Backend.FilterLayout.Locate(target.Shape, start + done) : (start + done, 1, long.MaxValue);
            int end = (int)Math.Min(values.Length, done + Math.Min(run, values.Length));
            for (; done < end; done++)
            {
                values[done] = T.CreateTruncating(element(position));
                position += stride;
            }
        }
    }
}
