using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>Work on a row of the innermost dimension of a <see cref="StridedPlan"/>.</summary>
internal interface IStridedRow
{
    /// <summary>Does <paramref name="count"/> elements: the n-th one is at each place plus n times the plan's innermost step of that operand.</summary>
    void Row(in StridedPlan plan, long first, long second, long third, long index, long count);
}

/// <summary>How up to three operands are walked together: their dimensions, those of size 1 dropped and neighbours merged that all operands walk alike.</summary>
internal unsafe struct StridedPlan
{
    /// <summary>The number of dimensions left, at least 1.</summary>
    public int Rank;

    /// <summary>Their sizes.</summary>
    public fixed long Sizes[Shape.MaxRank];

    /// <summary>Elements from one index to the next in the first operand.</summary>
    public fixed long First[Shape.MaxRank];

    /// <summary>The same for the second operand.</summary>
    public fixed long Second[Shape.MaxRank];

    /// <summary>The same for the third operand.</summary>
    public fixed long Third[Shape.MaxRank];

    /// <summary>The innermost dimension.</summary>
    public readonly int Inner => Rank - 1;

    /// <summary>Merges what all operands walk alike.</summary>
    public static StridedPlan Of(Shape sizes, in Strides first, in Strides second, in Strides third = default)
    {
        var plan = default(StridedPlan);
        for (int d = 0; d < sizes.Rank; d++)
        {
            if (sizes[d] != 1)
            {
                plan.AddInner(sizes[d], first[d], second[d], third[d]);
            }
        }

        if (plan.Rank == 0)
        {
            plan.AddInner(1, 1, 1, 1);
        }

        return plan;
    }

    /// <summary>The way through an operand that repeats to a shape: steps of 0 where it does.</summary>
    public static Strides Broadcast(Shape operand, Shape output)
    {
        Strides own = Strides.Of(operand), strides = default;
        int missing = output.Rank - operand.Rank;
        for (int d = 0; d < operand.Rank; d++)
        {
            strides[d + missing] = operand[d] == 1 ? 0 : own[d];
        }

        return strides;
    }

    /// <summary>Walks the elements from one index to another, row by row.</summary>
    public readonly void Walk<TRow>(TRow body, long start, long end) where TRow : struct, IStridedRow
    {
        long* index = stackalloc long[Shape.MaxRank];
        long inner = Sizes[Inner], column = start % inner, rest = start / inner, first = 0, second = 0, third = 0;
        for (int d = Inner - 1; d >= 0; d--)
        {
            index[d] = rest % Sizes[d];
            rest /= Sizes[d];
            first += index[d] * First[d];
            second += index[d] * Second[d];
            third += index[d] * Third[d];
        }

        while (start < end)
        {
            long count = Math.Min(inner - column, end - start);
            body.Row(this, first + (column * First[Inner]), second + (column * Second[Inner]), third + (column * Third[Inner]), start, count);
            start += count;
            column = 0;
            for (int d = Inner - 1; d >= 0; d--)
            {
                first += First[d];
                second += Second[d];
                third += Third[d];
                if (++index[d] < Sizes[d])
                {
                    break;
                }

                first -= First[d] * Sizes[d];
                second -= Second[d] * Sizes[d];
                third -= Third[d] * Sizes[d];
                index[d] = 0;
            }
        }
    }

    private void AddInner(long size, long first, long second, long third)
    {
        int last = Rank - 1;
        if (Rank > 0 && First[last] == first * size && Second[last] == second * size && Third[last] == third * size)
        {
            Sizes[last] *= size;
            (First[last], Second[last], Third[last]) = (first, second, third);
            return;
        }

        (Sizes[Rank], First[Rank], Second[Rank], Third[Rank]) = (size, first, second, third);
        Rank++;
    }
}
