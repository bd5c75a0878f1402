using AdaShare.Native.Learning.Configuration;

namespace AdaShare.Native.Learning.Weightings;

/// <summary>The options of <see cref="NashWeighting"/>.</summary>
public sealed class NashOptions
{
    /// <summary>The largest norm of the combined gradient of shared weights; 0 for none. Public code has 1.</summary>
    public double MaxNorm { get; set; } = 1;
}

/// <summary>
/// Gradients as a bargain: weights with G alpha = 1 / alpha, G divided by its Frobenius norm as in public code (Navon et al.: "Multi-task learning as a bargaining game", ICML 2022). The equation is solved exactly, where
/// public code approximates it by a sequence of convex programs.
/// </summary>
internal sealed class NashWeighting(int tasks, double maxNorm) : GramWeighting(tasks)
{
    public static WeightingKind Kind { get; } = WeightingKind.Of<NashOptions>(
        "nash", "the bargain of Nash: no task's relative gain can grow without the others' falling by more", WeightingNeeds.SharedWeights,
        static (options, key) => ConfigCheck.InRange(key("max_norm"), options.MaxNorm, options.MaxNorm is >= 0 and <= 1e6, "a norm from 0 (none) to 1e6"),
        static (options, setting) => new NashWeighting(setting.Tasks, options.MaxNorm));

    protected override double[] Solve(double[,] gram, long step) => Weights(gram, maxNorm);

    internal static double[] Weights(double[,] gram, double maxNorm)
    {
        // For G / n the solution is that for G times the root of n.
        double frobenius = Math.Sqrt(gram.Cast<double>().Sum(static x => x * x));
        double[] alpha = Array.ConvertAll(PowerBalance.Solve(gram, 1), a => a * Math.Sqrt(frobenius));
        double norm = Math.Sqrt(Math.Max(0, SmallMatrices.Quadratic(gram, alpha)));
        double factor = maxNorm > 0 && norm > maxNorm ? maxNorm / norm : 1;
        return Array.ConvertAll(alpha, a => factor * a);
    }
}
