using AdaShare.Native.Learning.Configuration;

namespace AdaShare.Native.Learning.Weightings;

/// <summary>The options of <see cref="CaGradWeighting"/>.</summary>
public sealed class CaGradOptions
{
    /// <summary>How far from the mean gradient the step may go, as a share of its norm; 0 is the mean.</summary>
    public double C { get; set; } = 0.5;
}

/// <summary>
/// Conflict-averse gradients: of all directions within c |g_0| of the mean gradient g_0 the one whose worst task gains most. With w the minimum over the simplex of g_w · g_0 + c |g_0| |g_w| it is g_0 + c |g_0| g_w / |g_w|,
/// divided by 1 + c^2 (Liu, Liu, Jin, Stone, Liu, NeurIPS 2021; the divisor is that of public code).
/// </summary>
internal sealed class CaGradWeighting(int tasks, double c) : GramWeighting(tasks)
{
    // Of the logarithm of the interval, which is about 20.
    private const int Halvings = 50;
    private const double LeastRadius = 1e-9;

    public static WeightingKind Kind { get; } = WeightingKind.Of<CaGradOptions>(
        "cagrad", "of the directions near the mean gradient the one whose worst task gains most", WeightingNeeds.SharedWeights,
        static (options, key) => ConfigCheck.InRange(key("c"), options.C, options.C is >= 0 and < 1, "a share from 0 up to, not including, 1"),
        static (options, setting) => new CaGradWeighting(setting.Tasks, options.C));

    protected override double[] Solve(double[,] gram, long step) => Weights(gram, c);

    internal static double[] Weights(double[,] gram, double c)
    {
        int n = gram.GetLength(0);
        double[] mean = [.. Enumerable.Repeat(1.0 / n, n)];
        double radius = c * Math.Sqrt(Math.Max(0, SmallMatrices.Quadratic(gram, mean)));
        double[] worst = Worst(gram, SmallMatrices.Times(gram, mean), radius);
        double norm = Math.Sqrt(Math.Max(0, SmallMatrices.Quadratic(gram, worst)));
        double pull = norm > 0 ? radius / norm : 0;
        return [.. worst.Select(w => ((1.0 / n) + (pull * w)) / (1 + (c * c)))];
    }

    /// <summary>
    /// The minimum over the simplex of b · w + r |g_w|. With |g_w| = min over t of (|g_w|^2 / t + t) / 2 it is a quadratic program for every t, and the right t is where t = |g_w|, which is found by halving an interval.
    /// </summary>
    private static double[] Worst(double[,] gram, double[] b, double radius)
    {
        double high = Math.Sqrt(SmallMatrices.Diagonal(gram).Max()), low = LeastRadius * high;
        double[] best = [];
        for (int i = 0; i < Halvings; i++)
        {
            double t = Math.Sqrt(low * high);
            best = QuadraticProgram.Minimize(Scaled(gram, radius / t), b, sumsToOne: true);
            if (SmallMatrices.Quadratic(gram, best) > t * t)
            {
                low = t;
            }
            else
            {
                high = t;
            }
        }

        return best;
    }

    private static double[,] Scaled(double[,] a, double factor)
    {
        var scaled = (double[,])a.Clone();
        for (int i = 0; i < a.GetLength(0); i++)
        {
            for (int j = 0; j < a.GetLength(1); j++)
            {
                scaled[i, j] *= factor;
            }
        }

        return scaled;
    }
}
