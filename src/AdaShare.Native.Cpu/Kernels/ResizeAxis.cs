using System.Numerics;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>One direction of a resize: for each output position its two sources and the weight of the second, and for each source the outputs that read it.</summary>
internal unsafe struct ResizeAxis<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>[out]: the source at or before the position.</summary>
    public int* Low;

    /// <summary>[out]: the source after it, or the same at the end.</summary>
    public int* High;

    /// <summary>[out]: the share of <see cref="High"/>.</summary>
    public T* Weight;

    /// <summary>[in]: the first output that reads a source; those that do lie next to each other.</summary>
    public int* FirstReader;

    /// <summary>[in + 1]: where a source's readers begin in <see cref="ReaderWeight"/>.</summary>
    public int* ReaderStart;

    /// <summary>The weights with which outputs read their sources, source by source.</summary>
    public T* ReaderWeight;

    /// <summary>Bytes that the tables of a direction take.</summary>
    public static long ByteLength(int inputs, int outputs) => (3L * outputs * sizeof(T)) + (((2L * outputs) + (2L * inputs) + 2) * sizeof(int));

    /// <summary>Nearest: floor(position * (float)in / out), in single precision as in PyTorch.</summary>
    public static ResizeAxis<T> Nearest(int inputs, int outputs, byte* memory)
    {
        ResizeAxis<T> axis = Place(inputs, outputs, memory);
        float scale = (float)inputs / outputs;
        for (int o = 0; o < outputs; o++)
        {
            int source = Math.Min((int)MathF.Floor(o * scale), inputs - 1);
            axis.Low[o] = source;
            axis.High[o] = source;
            axis.Weight[o] = T.Zero;
        }

        axis.FillReaders(inputs, outputs);
        return axis;
    }

    /// <summary>Bilinear, with or without aligned corners.</summary>
    public static ResizeAxis<T> Linear(int inputs, int outputs, bool alignCorners, byte* memory)
    {
        ResizeAxis<T> axis = Place(inputs, outputs, memory);
        for (int o = 0; o < outputs; o++)
        {
            double source = alignCorners
                ? outputs == 1 ? 0 : (double)((long)o * (inputs - 1)) / (outputs - 1)
                : Math.Max(((o + 0.5) * inputs / outputs) - 0.5, 0);
            int low = Math.Min((int)source, inputs - 1);
            axis.Low[o] = low;
            axis.High[o] = Math.Min(low + 1, inputs - 1);
            axis.Weight[o] = T.CreateTruncating(Math.Min(source - low, 1));
        }

        axis.FillReaders(inputs, outputs);
        return axis;
    }

    private static ResizeAxis<T> Place(int inputs, int outputs, byte* memory)
    {
        ResizeAxis<T> axis = default;
        axis.Weight = (T*)memory;
        axis.ReaderWeight = axis.Weight + outputs;
        axis.Low = (int*)(axis.ReaderWeight + (2L * outputs));
        axis.High = axis.Low + outputs;
        axis.FirstReader = axis.High + outputs;
        axis.ReaderStart = axis.FirstReader + inputs;
        return axis;
    }

    // Sources never go back as positions go on, so each source's readers are those between the first whose upper and the last whose lower source it is.
    private readonly void FillReaders(int inputs, int outputs)
    {
        int first = 0, end = 0, entry = 0;
        for (int i = 0; i < inputs; i++)
        {
            while (first < outputs && High[first] < i)
            {
                first++;
            }

            while (end < outputs && Low[end] <= i)
            {
                end++;
            }

            FirstReader[i] = first;
            ReaderStart[i] = entry;
            for (int o = first; o < end; o++)
            {
                ReaderWeight[entry++] = (Low[o] == i ? T.One - Weight[o] : T.Zero) + (High[o] == i ? Weight[o] : T.Zero);
            }
        }

        ReaderStart[inputs] = entry;
    }
}
