using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>Softmax and log-softmax of rows.</summary>
internal sealed unsafe class SoftmaxKernels(CpuThreads threads) : ISoftmaxKernels
{
    // An exponential costs about as much as this many plain operations.
    private const long ExpCost = 4;

    /// <inheritdoc/>
    public void Forward(Tensor input, bool logarithm, Tensor output)
    {
        if (Lanes.IsSingle(input))
        {
            Forward<float>(input, logarithm, output);
        }
        else
        {
            Forward<double>(input, logarithm, output);
        }
    }

    /// <inheritdoc/>
    public void Backward(Tensor output, bool logarithm, Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        if (Lanes.IsSingle(output))
        {
            Backward<float>(output, logarithm, gradOutput, gradInput, accumulate);
        }
        else
        {
            Backward<double>(output, logarithm, gradOutput, gradInput, accumulate);
        }
    }

    private void Forward<T>(Tensor input, bool logarithm, Tensor output) where T : unmanaged, IFloatingPointIeee754<T>
    {
        int columns = input.Shape[-1];
        if (input.Count > 0)
        {
            Ranges.For(threads, input.Count / columns, ExpCost * columns, new ForwardBody<T>(input.Pointer<T>(), output.Pointer<T>(), columns, logarithm));
        }
    }

    private void Backward<T>(Tensor output, bool logarithm, Tensor gradOutput, Tensor gradInput, bool accumulate) where T : unmanaged, IFloatingPointIeee754<T>
    {
        int columns = output.Shape[-1];
        if (output.Count > 0)
        {
            var body = new BackwardBody<T>(output.Pointer<T>(), gradOutput.Pointer<T>(), gradInput.Pointer<T>(), columns, logarithm, accumulate);
            Ranges.For(threads, output.Count / columns, (logarithm ? ExpCost : 1) * columns, body);
        }
    }

    private readonly struct ForwardBody<T>(T* input, T* output, int columns, bool logarithm) : IRangeBody where T : unmanaged, IFloatingPointIeee754<T>
    {
        public void Run(long start, long end)
        {
            for (long row = start; row < end; row++)
            {
                T* x = input + (row * columns), y = output + (row * columns);
                T max = RowMath.Max(x, columns);
                if (logarithm)
                {
                    // Two steps: the maximum cancels exactly, so no digits of a small logarithm drown in a large maximum.
                    double logSum = Math.Log(RowMath.SumExp(x, columns, max));
                    RowMath.Shift(x, -max, y, columns);
                    RowMath.Shift(y, Lanes.Round<T>(-logSum), y, columns);
                }
                else
                {
                    double sum = RowMath.Exp(x, y, columns, max);
                    RowMath.Scale(y, Lanes.Round<T>(1 / sum), y, columns, accumulate: false);
                }
            }
        }
    }

    private readonly struct BackwardBody<T>(T* output, T* gradOutput, T* gradInput, int columns, bool logarithm, bool accumulate) : IRangeBody
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public void Run(long start, long end)
        {
            for (long row = start; row < end; row++)
            {
                T* y = output + (row * columns), dy = gradOutput + (row * columns), dx = gradInput + (row * columns);
                if (logarithm)
                {
                    LogRow(y, dy, dx, columns, Lanes.Round<T>(RowMath.Sum(dy, columns)), accumulate);
                }
                else
                {
                    Row(y, dy, dx, columns, Lanes.Round<T>(RowMath.Dot(dy, y, columns)), accumulate);
                }
            }
        }

        // dx = y (dy - sum(dy y)).
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Row(T* y, T* dy, T* dx, long count, T dot, bool accumulate)
        {
            Vector256<T> dots = Vector256.Create(dot);
            long i = 0;
            for (; i <= count - Vector256<T>.Count; i += Vector256<T>.Count)
            {
                Vector256<T> gradient = Vector256.Load(y + i) * (Vector256.Load(dy + i) - dots);
                (accumulate ? gradient + Vector256.Load(dx + i) : gradient).Store(dx + i);
            }

            for (; i < count; i++)
            {
                T gradient = y[i] * (dy[i] - dot);
                dx[i] = accumulate ? dx[i] + gradient : gradient;
            }
        }

        // dx = dy - e^y sum(dy).
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void LogRow(T* y, T* dy, T* dx, long count, T sum, bool accumulate)
        {
            Vector256<T> sums = Vector256.Create(sum);
            long i = 0;
            for (; i <= count - Vector256<T>.Count; i += Vector256<T>.Count)
            {
                Vector256<T> gradient = Vector256.Load(dy + i) - (Lanes.Exp(Vector256.Load(y + i)) * sums);
                (accumulate ? gradient + Vector256.Load(dx + i) : gradient).Store(dx + i);
            }

            if (i < count)
            {
                long rest = count - i;
                Vector256<T> gradient = Lanes.LoadPartial(dy + i, rest) - (Lanes.Exp(Lanes.LoadPartial(y + i, rest)) * sums);
                Lanes.StorePartial(accumulate ? gradient + Lanes.LoadPartial(dx + i, rest) : gradient, dx + i, rest);
            }
        }
    }
}
