using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>
/// How an input is walked to sum it into an output: dimensions of size 1 dropped, neighbours of one kind merged, so that kept and summed ones alternate.
/// </summary>
internal unsafe struct ReductionPlan
{
    /// <summary>The elements of the innermost dimension, and whether it is kept.</summary>
    public long Inner;

    /// <summary>Whether the innermost dimension is kept.</summary>
    public bool InnerKept;

    /// <summary>The number of combinations of the outer kept dimensions: the output is [KeptOuter, Inner] or [KeptOuter].</summary>
    public long KeptOuter;

    /// <summary>The number of combinations of the outer summed dimensions: rows of <see cref="Inner"/> elements to sum for each output.</summary>
    public long SummedOuter;

    /// <summary>The size of the last outer summed dimension: where the inner one is kept, so many rows lie one after the other.</summary>
    public long RowRun;

    private int _rank;
    private fixed long _sizes[Shape.MaxRank];
    private fixed long _steps[Shape.MaxRank];
    private fixed bool _kept[Shape.MaxRank];

    /// <summary>Aligns the shapes at the last dimension.</summary>
    public static ReductionPlan Of(Shape input, Shape output)
    {
        var plan = default(ReductionPlan);
        long step = 1;
        for (int d = 1; d <= input.Rank; d++)
        {
            if (input[-d] != 1)
            {
                plan.AddOuter(input[-d], step, d <= output.Rank && output[-d] != 1);
            }

            step *= input[-d];
        }

        if (plan._rank == 0)
        {
            plan.AddOuter(1, 1, kept: true);
        }

        plan.Inner = plan._sizes[0];
        plan.InnerKept = plan._kept[0];
        plan.KeptOuter = 1;
        plan.SummedOuter = 1;
        for (int d = 1; d < plan._rank; d++)
        {
            if (plan._kept[d])
            {
                plan.KeptOuter *= plan._sizes[d];
            }
            else
            {
                plan.SummedOuter *= plan._sizes[d];
            }
        }

        plan.RowRun = plan.InnerKept && plan._rank > 1 ? plan._sizes[1] : 1;
        return plan;
    }

    /// <summary>The first input element of a combination of outer kept, or of outer summed indices.</summary>
    public readonly long Offset(long combination, bool kept)
    {
        long offset = 0;
        for (int d = 1; d < _rank && combination > 0; d++)
        {
            if (_kept[d] == kept)
            {
                offset += combination % _sizes[d] * _steps[d];
                combination /= _sizes[d];
            }
        }

        return offset;
    }

    private void AddOuter(long size, long step, bool kept)
    {
        if (_rank > 0 && _kept[_rank - 1] == kept)
        {
            _sizes[_rank - 1] *= size;
            return;
        }

        _sizes[_rank] = size;
        _steps[_rank] = step;
        _kept[_rank++] = kept;
    }
}
