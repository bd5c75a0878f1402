using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Weightings;

namespace AdaShare.Native.Benchmarks.Weightings;

/// <summary>
/// Two quadratics of two variables whose minima lie apart: f_t(p) = s_t (p - c_t) · A_t (p - c_t) / 2 + 0.1 with c = (-1, 0) and (1, 0.5), A = diag(1, 4) and the same turned by 60 degrees, s = 1 and 6. Of the second,
/// gradients are six times as large; losses end at 0.1, as losses of networks end above 0.
/// </summary>
internal static class ConvexToy
{
    private const double Rate = 0.004;
    private const double Floor = 0.1;
    private const int Steps = 4000;
    private const int Epoch = 50;

    private static readonly Dictionary<(string Name, (double X, double Y) Start), IReadOnlyList<(double X, double Y)>> Known = [];
    private static readonly double[] Scale = [1, 6];
    private static readonly (double X, double Y)[] Centres = [(-1, 0), (1, 0.5)];
    private static readonly double[][,] Forms = [Form(0), Form(Math.PI / 3)];

    /// <summary>Where trajectories start.</summary>
    public static IReadOnlyList<(double X, double Y)> Starts { get; } = [(-1.2, 1.6), (1.7, 1.5), (-0.2, -1.4)];

    /// <summary>The minimum of a loss.</summary>
    public static (double X, double Y) Minimum(int task) => Centres[task];

    /// <summary>The Pareto set: the minima of (1 - m) f_1 + m f_2 for m from 0 to 1.</summary>
    public static IReadOnlyList<(double X, double Y)> ParetoSet { get; } = [.. Enumerable.Range(0, 2001).Select(static i => Balanced(i / 2000.0))];

    /// <summary>The distance of a point from the Pareto set.</summary>
    public static double Distance((double X, double Y) point) => ParetoSet.Min(other => Math.Sqrt(Square(other.X - point.X) + Square(other.Y - point.Y)));

    /// <summary>The points of a level of a loss, around its minimum.</summary>
    /// <param name="task">Whose loss.</param>
    /// <param name="level">Its value above the least.</param>
    public static IEnumerable<(double X, double Y)> Level(int task, double level)
    {
        for (int i = 0; i <= 120; i++)
        {
            double angle = 2 * Math.PI * i / 120, x = Math.Cos(angle), y = Math.Sin(angle);
            double form = (Forms[task][0, 0] * x * x) + (2 * Forms[task][0, 1] * x * y) + (Forms[task][1, 1] * y * y);
            double radius = Math.Sqrt(2 * level / (Scale[task] * form));
            yield return (Centres[task].X + (radius * x), Centres[task].Y + (radius * y));
        }
    }

    /// <summary>Gradient descent under a weighting.</summary>
    /// <param name="name">The weighting.</param>
    /// <param name="start">From where.</param>
    /// <returns>The points, the first one included.</returns>
    public static IReadOnlyList<(double X, double Y)> Descend(string name, (double X, double Y) start)
    {
        if (!Known.TryGetValue((name, start), out IReadOnlyList<(double X, double Y)>? path))
        {
            Known[(name, start)] = path = Path(name, start);
        }

        return path;
    }

    private static List<(double X, double Y)> Path(string name, (double X, double Y) start)
    {
        var run = WeightingRun.Begin(new RunConfig { Weighting = { Method = name } }, new WeightingSetting(2, Seed: 1, Epoch), null);
        var points = new List<(double X, double Y)> { start };
        (double X, double Y) p = start;
        for (int i = 0; i < Steps; i++)
        {
            double[] losses = Losses(p);
            (double X, double Y)[] gradients = [Gradient(0, p), Gradient(1, p)];
            var view = new WeightingView(i, losses, Gram(gradients));
            double[] factors = run?.Weighting.Weigh(view) ?? [1, 1];
            p = (p.X - (Rate * ((factors[0] * gradients[0].X) + (factors[1] * gradients[1].X))), p.Y - (Rate * ((factors[0] * gradients[0].Y) + (factors[1] * gradients[1].Y))));
            run?.Learn(new StepWeights(factors, view, run.Weighting.LearnsFromUpdate ? Losses(p) : null), losses);
            points.Add(p);
        }

        return points;
    }

    private static double[] Losses((double X, double Y) p) => [.. Enumerable.Range(0, 2).Select(t =>
    {
        (double x, double y) = (p.X - Centres[t].X, p.Y - Centres[t].Y);
        return Floor + (Scale[t] / 2 * ((Forms[t][0, 0] * x * x) + (2 * Forms[t][0, 1] * x * y) + (Forms[t][1, 1] * y * y)));
    })];

    private static (double X, double Y) Gradient(int t, (double X, double Y) p)
    {
        (double x, double y) = (p.X - Centres[t].X, p.Y - Centres[t].Y);
        return (Scale[t] * ((Forms[t][0, 0] * x) + (Forms[t][0, 1] * y)), Scale[t] * ((Forms[t][0, 1] * x) + (Forms[t][1, 1] * y)));
    }

    private static double[,] Gram((double X, double Y)[] g)
    {
        double Product(int i, int j) => (g[i].X * g[j].X) + (g[i].Y * g[j].Y);
        return new[,] { { Product(0, 0), Product(0, 1) }, { Product(1, 0), Product(1, 1) } };
    }

    private static double[,] Form(double angle)
    {
        (double c, double s) = (Math.Cos(angle), Math.Sin(angle));
        return new[,] { { (c * c) + (4 * s * s), -3 * s * c }, { -3 * s * c, (s * s) + (4 * c * c) } };
    }

    private static (double X, double Y) Balanced(double share)
    {
        double[,] sum = new double[2, 2];
        double bx = 0, by = 0;
        for (int t = 0; t < 2; t++)
        {
            double weight = Scale[t] * (t == 0 ? 1 - share : share);
            for (int i = 0; i < 4; i++)
            {
                sum[i / 2, i % 2] += weight * Forms[t][i / 2, i % 2];
            }

            bx += weight * ((Forms[t][0, 0] * Centres[t].X) + (Forms[t][0, 1] * Centres[t].Y));
            by += weight * ((Forms[t][1, 0] * Centres[t].X) + (Forms[t][1, 1] * Centres[t].Y));
        }

        double determinant = (sum[0, 0] * sum[1, 1]) - (sum[0, 1] * sum[1, 0]);
        return (((sum[1, 1] * bx) - (sum[0, 1] * by)) / determinant, ((sum[0, 0] * by) - (sum[1, 0] * bx)) / determinant);
    }

    private static double Square(double x) => x * x;
}
