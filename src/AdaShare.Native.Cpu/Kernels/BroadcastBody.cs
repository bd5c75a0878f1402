using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>A function of two numbers, for whole vectors; single elements are computed in a vector too, so that an element's place never matters.</summary>
internal interface IBinaryFunction<T> where T : unmanaged
{
    /// <summary>The function's value.</summary>
    Vector256<T> Apply(Vector256<T> left, Vector256<T> right);
}

/// <summary>output = function(left, right) with broadcasting.</summary>
internal readonly unsafe struct BroadcastBody<T, TFunction>(BroadcastPlan plan, TFunction function, T* left, T* right, T* output) : IRangeBody
    where T : unmanaged
    where TFunction : struct, IBinaryFunction<T>
{
    // Rows shorter than this are repeated in a table, so that the inner loop is worth its start.
    private const int ShortRow = 256;

    /// <summary>Plans and runs one operation.</summary>
    public static void Run(CpuThreads threads, TFunction function, Tensor left, Tensor right, Tensor output)
    {
        var plan = BroadcastPlan.Of(output.Shape, left.Shape, right.Shape);
        T* l = left.Pointer<T>(), r = right.Pointer<T>();
        if (plan.Rank == 2 && plan.Inner < ShortRow && plan.Left[1] == 1 && plan.Right[1] == 1)
        {
            if (plan.Left[0] != 0 && plan.Right[0] == 0)
            {
                r = Repeat(threads, ref plan, r);
                plan.Left[0] = plan.Inner;
            }
            else if (plan.Left[0] == 0 && plan.Right[0] != 0)
            {
                l = Repeat(threads, ref plan, l);
                plan.Right[0] = plan.Inner;
            }
        }

        Ranges.For(threads, output.Count, 1, new BroadcastBody<T, TFunction>(plan, function, l, r, output.Pointer<T>()));
    }

    /// <inheritdoc/>
    public void Run(long start, long end)
    {
        long inner = plan.Inner, column = start % inner;
        long* index = stackalloc long[Shape.MaxRank];
        long leftOffset = 0, rightOffset = 0, row = start / inner;
        for (int d = plan.Rank - 2; d >= 0; d--)
        {
            index[d] = row % plan.Sizes[d];
            row /= plan.Sizes[d];
            leftOffset += index[d] * plan.Left[d];
            rightOffset += index[d] * plan.Right[d];
        }

        long leftStep = plan.Left[plan.Rank - 1], rightStep = plan.Right[plan.Rank - 1];
        while (start < end)
        {
            long count = Math.Min(inner - column, end - start);
            Row(function, left + leftOffset + (column * leftStep), leftStep, right + rightOffset + (column * rightStep), rightStep, output + start, count);
            start += count;
            column = 0;
            for (int d = plan.Rank - 2; d >= 0; d--)
            {
                leftOffset += plan.Left[d];
                rightOffset += plan.Right[d];
                if (++index[d] < plan.Sizes[d])
                {
                    break;
                }

                leftOffset -= plan.Left[d] * plan.Sizes[d];
                rightOffset -= plan.Right[d] * plan.Sizes[d];
                index[d] = 0;
            }
        }
    }

    private static T* Repeat(CpuThreads threads, ref BroadcastPlan plan, T* row)
    {
        int channels = (int)plan.Inner, length = ChannelTable.Length(channels);
        T* table = threads.Scratch.Shared<T>(ScratchSlot.Small, length);
        new Span<T>(row, channels).CopyTo(new Span<T>(table, channels));
        ChannelTable.Repeat(table, channels, length);

        // The last long row may be a partial one; the range of elements ends in it.
        plan.Sizes[0] = ((plan.Sizes[0] * channels) + length - 1) / length;
        plan.Sizes[1] = length;
        return table;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row(TFunction function, T* left, long leftStep, T* right, long rightStep, T* output, long count)
    {
        long i = 0;
        long full = count - (count % Vector256<T>.Count);
        if (leftStep != 0 && rightStep != 0)
        {
            for (; i < full; i += Vector256<T>.Count)
            {
                function.Apply(Vector256.Load(left + i), Vector256.Load(right + i)).Store(output + i);
            }
        }
        else if (leftStep != 0)
        {
            Vector256<T> constant = Vector256.Create(*right);
            for (; i < full; i += Vector256<T>.Count)
            {
                function.Apply(Vector256.Load(left + i), constant).Store(output + i);
            }
        }
        else if (rightStep != 0)
        {
            Vector256<T> constant = Vector256.Create(*left);
            for (; i < full; i += Vector256<T>.Count)
            {
                function.Apply(constant, Vector256.Load(right + i)).Store(output + i);
            }
        }
        else
        {
            Vector256<T> constant = function.Apply(Vector256.Create(*left), Vector256.Create(*right));
            for (; i < full; i += Vector256<T>.Count)
            {
                constant.Store(output + i);
            }
        }

        if (i < count)
        {
            Vector256<T> a = leftStep != 0 ? Lanes.LoadPartial(left + i, count - i) : Vector256.Create(*left);
            Vector256<T> b = rightStep != 0 ? Lanes.LoadPartial(right + i, count - i) : Vector256.Create(*right);
            Lanes.StorePartial(function.Apply(a, b), output + i, count - i);
        }
    }
}
