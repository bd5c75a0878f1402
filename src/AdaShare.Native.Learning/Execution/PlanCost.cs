using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Learning.Execution;

/// <summary>
/// Multiply-adds of a plan's forward pass through the backbone for one image, against K full passes. Padding taps are counted, batch norms and gates are not: the unit of the paper's figures.
/// </summary>
/// <param name="Height">Rows of the image.</param>
/// <param name="Width">Columns of the image.</param>
/// <param name="Stem">The stem's convolution, computed once.</param>
/// <param name="Blocks">Each block under the plan: projections and bodies, silent ones included.</param>
/// <param name="FullBlocks">Each block, projection and body, in one full pass.</param>
/// <param name="Tasks">The number of tasks, K.</param>
public sealed record PlanCost(int Height, int Width, long Stem, IReadOnlyList<long> Blocks, IReadOnlyList<long> FullBlocks, int Tasks)
{
    /// <summary>Multiply-adds of the plan.</summary>
    public long Total => Stem + Blocks.Sum();

    /// <summary>Multiply-adds of K passes through every block.</summary>
    public long Full => Tasks * (Stem + FullBlocks.Sum());

    /// <summary>Counts a plan's multiply-adds.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="backbone">The backbone that it is for.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <exception cref="ArgumentException">The plan is for another number of blocks.</exception>
    public static PlanCost Of(ExecutionPlan plan, Backbone backbone, int height, int width)
    {
        PlannedBackbone.Check(backbone, plan);
        Shape image = backbone.Spec.InputShape(height, width);
        Shape shape = backbone.Stem.OutputShape(image);
        var blocks = new long[plan.Blocks.Count];
        var full = new long[blocks.Length];
        for (int b = 0; b < blocks.Length; b++)
        {
            (ResidualBlock body, Projection? projection) = backbone.Blocks[b];
            long bodyCost = body.Convolutions(shape).Sum(LayerCost.MultiplyAdds);
            long projectionCost = projection is null ? 0 : LayerCost.MultiplyAdds(projection.Convolution(shape));
            blocks[b] = (plan.Blocks[b].Streams.Count * projectionCost) + (plan.Blocks[b].BodyCount * bodyCost);
            full[b] = projectionCost + bodyCost;
            shape = body.OutputShape(shape);
        }

        return new PlanCost(height, width, backbone.Stem.MultiplyAdds(image), blocks, full, plan.Tasks);
    }
}
