namespace AdaShare.Native.Learning.Weightings;

/// <summary>
/// Unconflicting projection: each gradient is projected onto the cone of directions that conflict with no gradient, and the mean of the projections is taken. In inner products the projection of g_i is the minimum of
/// v · G v over v &gt;= e_i (Quinton, Rey: "Jacobian descent for multi-objective optimization", 2024).
/// </summary>
internal sealed class UpGradWeighting(int tasks) : GramWeighting(tasks)
{
    public static WeightingKind Kind { get; } = WeightingKind.Of(
        "upgrad", "the mean of the gradients' projections onto the directions that conflict with none", WeightingNeeds.SharedWeights, static setting => new UpGradWeighting(setting.Tasks));

    protected override double[] Solve(double[,] gram, long step) => Weights(gram);

    internal static double[] Weights(double[,] gram)
    {
        int n = gram.GetLength(0);
        var weights = new double[n];
        for (int i = 0; i < n; i++)
        {
            // v = e_i + x with x >= 0.
            double[] unit = SmallVectors.Unit(n, i);
            double[] beyond = QuadraticProgram.Minimize(gram, SmallMatrices.Times(gram, unit), sumsToOne: false);
            for (int j = 0; j < n; j++)
            {
                weights[j] += (unit[j] + beyond[j]) / n;
            }
        }

        return weights;
    }
}
