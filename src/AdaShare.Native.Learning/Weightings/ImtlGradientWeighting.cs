namespace AdaShare.Native.Learning.Weightings;

/// <summary>
/// Impartial gradients: the combination whose projections onto all unit gradients are equal. Its weights solve G alpha = (|g_1|, …, |g_K|) up to a factor that makes their sum 1; some may be negative (IMTL-G of Liu et al.:
/// "Towards impartial multi-task learning", ICLR 2021).
/// </summary>
internal sealed class ImtlGradientWeighting(int tasks) : GramWeighting(tasks)
{
    private const double Ridge = 1e-9;

    public static WeightingKind Kind { get; } = WeightingKind.Of(
        "imtl_g", "the combination that has equal projections onto all unit gradients", WeightingNeeds.SharedWeights, static setting => new ImtlGradientWeighting(setting.Tasks));

    protected override double[] Solve(double[,] gram, long step) => Weights(gram);

    internal static double[] Weights(double[,] gram)
    {
        double[] alpha = SmallMatrices.Solve(SmallMatrices.WithRidge(gram, Ridge), Array.ConvertAll(SmallMatrices.Diagonal(gram), Math.Sqrt));
        double sum = alpha.Sum(), size = alpha.Sum(Math.Abs);

        // Weights that cancel have no sum to be divided by; their direction is right all the same.
        double divisor = Math.Abs(sum) > 1e-9 * size ? sum : size;
        return Array.ConvertAll(alpha, a => a / divisor);
    }
}
