using System.Numerics;
using System.Runtime.CompilerServices;
using AdaShare.Native.Cpu.Numerics;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>The innermost loops of bias, ReLU and dropout in one pass.</summary>
internal static unsafe class BiasReluDropoutRows<T, TVector, TDoubles, TSimd>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TVector : struct
    where TSimd : struct, IChannelSimd<T, TVector, TDoubles>
{
    /// <summary>y = max(x + bias, 0) scale where the uniform number is at least the probability, else 0; no uniform numbers, nothing dropped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(T* x, T* bias, T* uniforms, T probability, T scale, T* y, long count)
    {
        TVector scales = TSimd.Broadcast(scale), threshold = TSimd.Broadcast(probability);
        long i = 0;
        for (; i <= count - TSimd.Lanes; i += TSimd.Lanes)
        {
            TVector value = TSimd.Load(x + i);
            value = TSimd.Relu(bias != null ? TSimd.Add(value, TSimd.Load(bias + i)) : value);
            if (uniforms != null)
            {
                value = TSimd.WhereAtLeast(TSimd.Load(uniforms + i), threshold, TSimd.Multiply(value, scales));
            }

            TSimd.Store(y + i, value);
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
        TVector scales = TSimd.Broadcast(scale);
        for (; count > 0;)
        {
            int rows = count >= 4L * length ? 4 : 1;
            long end = Math.Min(count, length), i = 0;
            for (; i <= end - TSimd.Lanes; i += TSimd.Lanes)
            {
                TSimd.Widen(TSimd.Broadcast(T.Zero), out TDoubles lowSum, out TDoubles highSum);
                for (int r = 0; r < rows; r++)
                {
                    long at = i + ((long)r * length);
                    TVector gradient = TSimd.WherePositive(TSimd.Load(y + at), TSimd.Load(upper + at));
                    TSimd.Widen(gradient, out TDoubles low, out TDoubles high);
                    lowSum = TSimd.AddDoubles(lowSum, low);
                    highSum = TSimd.AddDoubles(highSum, high);
                    if (gradInput != null)
                    {
                        gradient = TSimd.Multiply(gradient, scales);
                        TSimd.Store(gradInput + at, accumulate ? TSimd.Add(TSimd.Load(gradInput + at), gradient) : gradient);
                    }
                }

                if (sums != null)
                {
                    TSimd.StoreDoubles(sums + i, TSimd.AddDoubles(TSimd.LoadDoubles(sums + i), lowSum));
                    if (typeof(T) == typeof(float))
                    {
                        TSimd.StoreDoubles(sums + i + TSimd.Doubles, TSimd.AddDoubles(TSimd.LoadDoubles(sums + i + TSimd.Doubles), highSum));
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
