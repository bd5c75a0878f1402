using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Learning.Weightings;

/// <summary>
/// Projecting conflicting gradients: from a copy of each task's gradient, in random order of the others, its part along each original gradient that it conflicts with is taken away; the copies are added up (Yu et al.:
/// "Gradient surgery for multi-task learning", NeurIPS 2020).
/// </summary>
internal sealed class PcGradWeighting(int tasks, ulong seed) : GramWeighting(tasks)
{
    public static WeightingKind Kind { get; } = WeightingKind.Of(
        "pcgrad", "takes from each gradient what conflicts with the others", WeightingNeeds.SharedWeights, static setting => new PcGradWeighting(setting.Tasks, setting.Seed));

    protected override double[] Solve(double[,] gram, long step) =>
        Weights(gram, i => RandomStream.For(seed, $"weighting/pcgrad/{i}", step).Permutation(gram.GetLength(0)));

    /// <summary>The weights.</summary>
    /// <param name="gram">[K, K].</param>
    /// <param name="order">The order in which task i looks at the tasks; itself is passed over.</param>
    internal static double[] Weights(double[,] gram, Func<int, int[]> order)
    {
        int n = gram.GetLength(0);
        var sum = new double[n];
        for (int i = 0; i < n; i++)
        {
            // The copy as a combination of the original gradients.
            double[] copy = SmallVectors.Unit(n, i);
            foreach (int j in order(i))
            {
                double along = j == i ? 0 : SmallVectors.Dot(copy, SmallMatrices.Times(gram, SmallVectors.Unit(n, j)));
                if (along < 0)
                {
                    copy[j] -= along / gram[j, j];
                }
            }

            for (int j = 0; j < n; j++)
            {
                sum[j] += copy[j];
            }
        }

        return sum;
    }
}
