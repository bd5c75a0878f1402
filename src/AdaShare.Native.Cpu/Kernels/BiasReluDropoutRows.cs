using System.Numerics;
using System.Runtime.CompilerServices;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>The innermost loops of bias, ReLU and dropout in one pass.</summary>
internal static unsafe class BiasReluDropoutRows<T, TVector, TDoubles, TWidth>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TWidth : struct, IVectorWidth<T, TVector, TDoubles>
{
    /// <summary>y = max(x + bias, 0) scale where the uniform number is at least the probability, else 0; no uniform numbers, nothing dropped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(T* x, T* bias, T* uniforms, T probability, T scale, T* y, long count)
    {
        TVector scales = TWidth.Create(scale), threshold = TWidth.Create(probability);
        long i = 0;
        for (; i <= count - TWidth.Count; i += TWidth.Count)
        {
            TVector value = TWidth.Load(x + i);
            value = TWidth.Relu(bias != null ? TWidth.Add(value, TWidth.Load(bias + i)) : value);
            if (uniforms != null)
            {
                value = TWidth.WhereAtLeast(TWidth.Load(uniforms + i), threshold, TWidth.Multiply(value, scales));
            }

            TWidth.Store(value, y + i);
        }

        for (; i < count; i++)
        {
            T value = bias != null ? x[i] + bias[i] : x[i];
            value = value < T.Zero ? T.Zero : value;
            y[i] = uniforms == null ? value : uniforms[i] >= probability ? value * scale : T.Zero;
        }
    }

    /// <summary>dx (+)= scale dy where y is positive, else 0; adds the same without the scale to sums of the length of a row. Either target may be null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gradients(T* y, T* upper, T scale, T* gradInput, bool accumulate, double* sums, int length, long count)
    {
        TVector scales = TWidth.Create(scale);
        for (; count > 0;)
        {
            int rows = count >= 4L * length ? 4 : 1;
            long end = Math.Min(count, length), i = 0;
            for (; i <= end - TWidth.Count; i += TWidth.Count)
            {
                TWidth.Widen(TWidth.Create(T.Zero), out TDoubles lowSum, out TDoubles highSum);
                for (int r = 0; r < rows; r++)
                {
                    long at = i + ((long)r * length);
                    TVector gradient = TWidth.WherePositive(TWidth.Load(y + at), TWidth.Load(upper + at));
                    TWidth.Widen(gradient, out TDoubles low, out TDoubles high);
                    lowSum = TWidth.AddDoubles(lowSum, low);
                    highSum = TWidth.AddDoubles(highSum, high);
                    if (gradInput != null)
                    {
                        gradient = TWidth.Multiply(gradient, scales);
                        TWidth.Store(accumulate ? TWidth.Add(TWidth.Load(gradInput + at), gradient) : gradient, gradInput + at);
                    }
                }

                if (sums != null)
                {
                    TWidth.StoreDoubles(TWidth.AddDoubles(TWidth.LoadDoubles(sums + i), lowSum), sums + i);
                    if (typeof(T) == typeof(float))
                    {
                        TWidth.StoreDoubles(TWidth.AddDoubles(TWidth.LoadDoubles(sums + i + TWidth.Doubles), highSum), sums + i + TWidth.Doubles);
                    }
                }
            }

            for (; i < end; i++)
            {
                T gradient = y[i] > T.Zero ? upper[i] : T.Zero;
                if (sums != null)
                {
                    sums[i] += Lanes.Double(gradient);
                }

                if (gradInput != null)
                {
                    gradInput[i] = accumulate ? gradInput[i] + (gradient * scale) : gradient * scale;
                }
            }

            long done = (long)rows * length;
            count -= done;
            y += done;
            upper += done;
            gradInput = gradInput == null ? null : gradInput + done;
        }
    }
}
