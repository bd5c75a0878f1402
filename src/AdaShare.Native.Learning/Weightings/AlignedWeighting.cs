namespace AdaShare.Native.Learning.Weightings;

/// <summary>
/// Aligned gradients: the gradients are turned into orthogonal ones of one length as little as can be, and these are added up. With G = V L V^T the weights are the column sums of sqrt(least l) V L^(-1/2) V^T, over the
/// eigenvalues that are not 0; some may be negative (Senushkin et al.: "Independent component alignment for multi-task learning", CVPR 2023).
/// </summary>
internal sealed class AlignedWeighting(int tasks) : GramWeighting(tasks)
{
    // Inner products are of gradients in single precision: smaller eigenvalues than this share of the largest are rounding.
    private const double Rounding = 1.1920929e-7;

    public static WeightingKind Kind { get; } = WeightingKind.Of(
        "aligned_mtl", "orthogonal gradients of one length, as near to the tasks' own as can be", WeightingNeeds.SharedWeights, static setting => new AlignedWeighting(setting.Tasks));

    protected override double[] Solve(double[,] gram, long step) => Weights(gram);

    internal static double[] Weights(double[,] gram)
    {
        int n = gram.GetLength(0);
        (double[] values, double[,] vectors) = SmallMatrices.Eigen(gram);
        double least = Rounding * n * values.Max();
        int[] used = [.. Enumerable.Range(0, n).Where(k => values[k] > least)];
        double root = Math.Sqrt(used.Min(k => values[k]));
        var weights = new double[n];
        foreach (int k in used)
        {
            double sum = Enumerable.Range(0, n).Sum(i => vectors[i, k]);
            for (int i = 0; i < n; i++)
            {
                weights[i] += root / Math.Sqrt(values[k]) * sum * vectors[i, k];
            }
        }

        return weights;
    }
}
