using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>How two operands are walked to fill an output: its dimensions, those of size 1 dropped and neighbours merged that all operands walk alike.</summary>
internal unsafe struct BroadcastPlan
{
    /// <summary>The number of dimensions left, at least 1.</summary>
    public int Rank;

    /// <summary>Their sizes.</summary>
    public fixed long Sizes[Shape.MaxRank];

    /// <summary>Elements from one index to the next in the left operand; 0 where it repeats.</summary>
    public fixed long Left[Shape.MaxRank];

    /// <summary>The same for the right operand.</summary>
    public fixed long Right[Shape.MaxRank];

    /// <summary>The size of the innermost dimension.</summary>
    public readonly long Inner => Sizes[Rank - 1];

    /// <summary>Aligns shapes at the last dimension.</summary>
    public static BroadcastPlan Of(Shape output, Shape left, Shape right)
    {
        var plan = default(BroadcastPlan);
        long leftStep = 1, rightStep = 1;

        // Built from the innermost dimension outwards, then reversed.
        for (int d = 1; d <= output.Rank; d++)
        {
            long size = output[-d], leftSize = d <= left.Rank ? left[-d] : 1, rightSize = d <= right.Rank ? right[-d] : 1;
            if (size != 1)
            {
                plan.AddOuter(size, leftSize == 1 ? 0 : leftStep, rightSize == 1 ? 0 : rightStep);
            }

            leftStep *= leftSize;
            rightStep *= rightSize;
        }

        if (plan.Rank == 0)
        {
            plan.AddOuter(1, 1, 1);
        }

        plan.Reverse();
        return plan;
    }

    private void AddOuter(long size, long left, long right)
    {
        int last = Rank - 1;
        if (Rank > 0 && left == Left[last] * Sizes[last] && right == Right[last] * Sizes[last])
        {
            Sizes[last] *= size;
            return;
        }

        Sizes[Rank] = size;
        Left[Rank] = left;
        Right[Rank] = right;
        Rank++;
    }

    private void Reverse()
    {
        for (int i = 0, j = Rank - 1; i < j; i++, j--)
        {
            (Sizes[i], Sizes[j]) = (Sizes[j], Sizes[i]);
            (Left[i], Left[j]) = (Left[j], Left[i]);
            (Right[i], Right[j]) = (Right[j], Right[i]);
        }
    }
}
