using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>
/// How up to three operands are walked together, from the last dimension to the first: dimensions of size 1 dropped, neighbours merged that all operands walk alike, because each one left
/// costs a division an element.
/// </summary>
internal struct StridedLayout
{
    private Steps _sizes;
    private Steps _first;
    private Steps _second;
    private Steps _third;

    /// <summary>The number of dimensions left, at least 1.</summary>
    public int Rank { get; private set; }

    /// <summary>Merges what all operands walk alike.</summary>
    public static StridedLayout Of(Shape sizes, in Strides first, in Strides second, in Strides third = default)
    {
        var layout = default(StridedLayout);
        for (int d = sizes.Rank - 1; d >= 0; d--)
        {
            if (sizes[d] != 1)
            {
                layout.Add(sizes[d], first[d], second[d], third[d]);
            }
        }

        if (layout.Rank == 0)
        {
            layout.Add(1, 1, 1, 1);
        }

        return layout;
    }

    /// <summary>The way through an operand that repeats to a shape: steps of 0 where it does. Nothing at all, for an operand that is missing.</summary>
    public static Strides Broadcast(Tensor? operand, Shape output)
    {
        var strides = default(Strides);
        if (operand is null)
        {
            return strides;
        }

        var own = Strides.Of(operand.Shape);
        int missing = output.Rank - operand.Shape.Rank;
        for (int d = 0; d < operand.Shape.Rank; d++)
        {
            strides[d + missing] = operand.Shape[d] == 1 ? 0 : own[d];
        }

        return strides;
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

    /// <summary>The kernel's parameters: steps of the first operand.</summary>
    public readonly KernelCall First(KernelCall call) => Write(call, _first);

    /// <summary>The kernel's parameters: steps of the second operand.</summary>
    public readonly KernelCall Second(KernelCall call) => Write(call, _second);

    /// <summary>The kernel's parameters: steps of the third operand.</summary>
    public readonly KernelCall Third(KernelCall call) => Write(call, _third);

    // Steps backwards are added as 32-bit numbers that wrap.
    private static KernelCall Write(KernelCall call, in Steps steps)
    {
        for (int d = 0; d < Shape.MaxRank; d++)
        {
            call.Int(checked((int)steps[d]));
        }

        return call;
    }

    private void Add(long size, long first, long second, long third)
    {
        int last = Rank - 1;
        if (Rank > 0 && first == _first[last] * _sizes[last] && second == _second[last] * _sizes[last] && third == _third[last] * _sizes[last])
        {
            _sizes[last] *= size;
            return;
        }

        (_sizes[Rank], _first[Rank], _second[Rank], _third[Rank]) = (size, first, second, third);
        Rank++;
    }

    [System.Runtime.CompilerServices.InlineArray(Shape.MaxRank)]
    private struct Steps
    {
        private long _first;
    }
}
