using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>
/// How operands are walked to fill an output, from the last dimension to the first: dimensions of size 1 dropped, neighbours merged that all operands walk alike, because each one left
/// costs a division an element.
/// </summary>
internal struct BroadcastLayout
{
    private Steps _sizes;
    private Steps _left;
    private Steps _right;

    /// <summary>The number of dimensions left, at least 1.</summary>
    public int Rank { get; private set; }

    /// <summary>Whether all operands have the output's elements in the output's order.</summary>
    public readonly bool IsPlain => Rank == 1 && _left[0] == 1 && _right[0] == 1;

    /// <summary>Aligns shapes at the last dimension.</summary>
    public static BroadcastLayout Of(Shape output, Shape left, Shape right)
    {
        var layout = default(BroadcastLayout);
        long leftStep = 1, rightStep = 1;
        for (int d = 1; d <= output.Rank; d++)
        {
            long size = output[-d], leftSize = d <= left.Rank ? left[-d] : 1, rightSize = d <= right.Rank ? right[-d] : 1;
            if (size != 1)
            {
                layout.Add(size, leftSize == 1 ? 0 : leftStep, rightSize == 1 ? 0 : rightStep);
            }

            leftStep *= leftSize;
            rightStep *= rightSize;
        }

        if (layout.Rank == 0)
        {
            layout.Add(1, 1, 1);
        }

        return layout;
    }

    /// <summary>The kernel's parameters: rank, and the sizes of all dimensions but the first.</summary>
    public readonly KernelCall Sizes(KernelCall call)
    {
        call.Int(Rank);
        for (int d = 0; d < Shape.MaxRank - 1; d++)
        {
            call.Count(d < Rank ? _sizes[d] : 1);
        }

        return call;
    }

    /// <summary>The kernel's parameters: steps of the left operand.</summary>
    public readonly KernelCall Left(KernelCall call) => Write(call, _left);

    /// <summary>The kernel's parameters: steps of the right operand.</summary>
    public readonly KernelCall Right(KernelCall call) => Write(call, _right);

    private static KernelCall Write(KernelCall call, in Steps steps)
    {
        for (int d = 0; d < Shape.MaxRank; d++)
        {
            call.Count(steps[d]);
        }

        return call;
    }

    private void Add(long size, long left, long right)
    {
        int last = Rank - 1;
        if (Rank > 0 && left == _left[last] * _sizes[last] && right == _right[last] * _sizes[last])
        {
            _sizes[last] *= size;
            return;
        }

        (_sizes[Rank], _left[Rank], _right[Rank]) = (size, left, right);
        Rank++;
    }

    [System.Runtime.CompilerServices.InlineArray(Shape.MaxRank)]
    private struct Steps
    {
        private long _first;
    }
}
