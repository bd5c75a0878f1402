using System.Runtime.CompilerServices;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Backends;

/// <summary>Where the elements of a view lie in a tensor's memory: a first element and the way from one index to the next along each dimension.</summary>
public struct Strides
{
    private Steps _steps;

    /// <summary>The elements of a contiguous tensor, in order.</summary>
    /// <param name="shape">The tensor's shape.</param>
    public static Strides Of(Shape shape)
    {
        var strides = default(Strides);
        long step = 1;
        for (int d = shape.Rank - 1; d >= 0; d--)
        {
            strides[d] = step;
            step *= shape[d];
        }

        return strides;
    }

    /// <summary>The place of the element with all indices 0, counted in elements.</summary>
    public long Start { get; set; }

    /// <summary>Elements from one index to the next along a dimension; negative ones go backwards.</summary>
    public long this[int dimension]
    {
        readonly get => _steps[dimension];
        set => _steps[dimension] = value;
    }

    [InlineArray(Shape.MaxRank)]
    private struct Steps
    {
        private long _first;
    }
}
