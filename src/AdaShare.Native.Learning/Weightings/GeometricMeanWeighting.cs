namespace AdaShare.Native.Learning.Weightings;

/// <summary>
/// The K-th root of the product of the losses is minimised; its gradient has the weights root / (K L_t) (Chennupati et al.: "MultiNet++", CVPR workshops 2019). A task without labels in a step, whose loss is 0, is left
/// out of the product.
/// </summary>
internal sealed class GeometricMeanWeighting(int tasks) : Weighting(tasks)
{
    public static WeightingKind Kind { get; } = WeightingKind.Of("geometric_mean", "the geometric mean of the losses", WeightingNeeds.Losses, static setting => new GeometricMeanWeighting(setting.Tasks));

    public override WeightingNeeds Needs => WeightingNeeds.Losses;

    public override double[] Weigh(WeightingView view)
    {
        double[] present = [.. view.Losses.Where(static loss => loss > 0)];
        double root = Math.Exp(present.Sum(Math.Log) / Math.Max(1, present.Length));
        return Array.ConvertAll(view.Losses, loss => loss > 0 ? root / (present.Length * loss) : 0);
    }
}
