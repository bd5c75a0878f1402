using System.Runtime.CompilerServices;

namespace AdaShare.Native.Engine.Tensors;

/// <summary>The dimensions of a tensor, at most five; the last one is contiguous in memory. A scalar has rank 0 and one element.</summary>
/// <remarks>Sizes that are not 0 multiply to at most <see cref="MaxCount"/>, so that no count of elements or bytes, of the whole or along some dimensions, overflows.</remarks>
public readonly struct Shape : IEquatable<Shape>
{
    /// <summary>The largest rank.</summary>
    public const int MaxRank = 5;

    /// <summary>The largest product of the sizes that are not 0: 2^48, more than any memory holds.</summary>
    public const long MaxCount = 1L << 48;

    private readonly Dimensions _dimensions;

    /// <summary>Creates a shape.</summary>
    /// <param name="dimensions">At most five sizes, none negative.</param>
    /// <exception cref="Errors.ShapeException">Too many dimensions, a negative one, or a product beyond <see cref="MaxCount"/>.</exception>
    public Shape(params ReadOnlySpan<int> dimensions)
    {
        if (dimensions.Length > MaxRank)
        {
            throw new Errors.ShapeException($"shape: at most {MaxRank} dimensions, got {dimensions.Length}; merge some of them");
        }

        Rank = dimensions.Length;
        long count = 1;
        for (int i = 0; i < dimensions.Length; i++)
        {
            if (dimensions[i] < 0)
            {
                throw new Errors.ShapeException($"shape: dimension {i} is {dimensions[i]}; sizes are 0 or more");
            }

            // Below 2^48 times below 2^31 can overflow, so the bound is held before the product is taken.
            int size = Math.Max(1, dimensions[i]);
            if (count > MaxCount / size)
            {
                throw new Errors.ShapeException($"shape: [{string.Join(", ", dimensions.ToArray())}] has more than 2^48 elements, which no memory holds; check the sizes");
            }

            count *= size;
            _dimensions[i] = dimensions[i];
        }
    }

    /// <summary>The scalar shape.</summary>
    public static Shape Scalar => default;

    /// <summary>The number of dimensions.</summary>
    public int Rank { get; }

    /// <summary>The number of elements.</summary>
    public long Count
    {
        get
        {
            long count = 1;
            for (int i = 0; i < Rank; i++)
            {
                count *= _dimensions[i];
            }

            return count;
        }
    }

    /// <summary>The size of a dimension; negative indices count from the end.</summary>
    public int this[int index]
    {
        get
        {
            int i = index < 0 ? index + Rank : index;
            return (uint)i < (uint)Rank ? _dimensions[i] : throw new ArgumentOutOfRangeException(nameof(index), index, $"shape {this} has rank {Rank}");
        }
    }

    /// <summary>Whether two shapes are the same.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Whether two shapes differ.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>This shape with one dimension replaced.</summary>
    /// <param name="index">The dimension; negative indices count from the end.</param>
    /// <param name="size">Its new size, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such dimension.</exception>
    /// <exception cref="Errors.ShapeException">The size is negative or too large.</exception>
    public Shape With(int index, int size)
    {
        int[] sizes = ToArray();
        int i = index < 0 ? index + Rank : index;
        if ((uint)i >= (uint)Rank)
        {
            throw new ArgumentOutOfRangeException(nameof(index), index, $"shape {this} has rank {Rank}");
        }

        sizes[i] = size;
        return new Shape(sizes);
    }

    /// <summary>The sizes as an array.</summary>
    public int[] ToArray()
    {
        var sizes = new int[Rank];
        for (int i = 0; i < Rank; i++)
        {
            sizes[i] = _dimensions[i];
        }

        return sizes;
    }

    /// <inheritdoc/>
    public bool Equals(Shape other)
    {
        if (Rank != other.Rank)
        {
            return false;
        }

        for (int i = 0; i < Rank; i++)
        {
            if (_dimensions[i] != other._dimensions[i])
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        for (int i = 0; i < Rank; i++)
        {
            hash.Add(_dimensions[i]);
        }

        return hash.ToHashCode();
    }

    /// <summary>For example <c>[2, 13, 13, 40]</c>.</summary>
    public override string ToString() => $"[{string.Join(", ", ToArray())}]";

    [InlineArray(MaxRank)]
    private struct Dimensions
    {
#pragma warning disable IDE0044, IDE0051, CS0169, CA1823 // the one field of an inline array is never named
        private int _first;
#pragma warning restore IDE0044, IDE0051, CS0169, CA1823
    }
}
