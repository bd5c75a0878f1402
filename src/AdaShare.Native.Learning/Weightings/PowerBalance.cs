namespace AdaShare.Native.Learning.Weightings;

/// <summary>
/// The positive solution of G x = x^(-p), element by element, for a matrix of inner products G and p above 0: the minimum of x · G x / 2 + sum of h(x_i) with h' = -x^(-p), which is strictly convex, by Newton's method with
/// halved steps.
/// </summary>
internal static class PowerBalance
{
    // At a Pareto-stationary point some positive combination of gradients is 0, and weights would grow without end.
    private const double Ridge = 1e-7;
    private const int MostSteps = 200;
    private const double Precision = 1e-12;

    /// <summary>Solves it.</summary>
    public static double[] Solve(double[,] gram, double p)
    {
        double[,] g = SmallMatrices.WithRidge(gram, Ridge);
        double[] x = Array.ConvertAll(SmallMatrices.Diagonal(g), d => Math.Pow(d, -1 / (1 + p)));
        for (int i = 0; i < MostSteps; i++)
        {
            double[] slope = [.. SmallMatrices.Times(g, x).Zip(x, (gx, one) => gx - Math.Pow(one, -p))];
            if (slope.Zip(x, (s, one) => Math.Abs(s) * Math.Pow(one, p)).Max() < Precision)
            {
                break;
            }

            var hessian = (double[,])g.Clone();
            for (int k = 0; k < x.Length; k++)
            {
                hessian[k, k] += p * Math.Pow(x[k], -p - 1);
            }

            double[] step = SmallMatrices.Solve(hessian, Array.ConvertAll(slope, static s => -s));
            double before = Value(g, x, p), share = 1;
            double[] next = Moved(x, step, share);
            while (share > 1e-12 && (next.Any(static one => !(one > 0)) || Value(g, next, p) > before))
            {
                share /= 2;
                next = Moved(x, step, share);
            }

            if (share <= 1e-12)
            {
                break;
            }

            x = next;
        }

        return x;
    }

    private static double[] Moved(double[] x, double[] step, double share) => [.. x.Zip(step, (one, d) => one + (share * d))];

    private static double Value(double[,] g, double[] x, double p) =>
        (SmallMatrices.Quadratic(g, x) / 2) - x.Sum(one => p == 1 ? Math.Log(one) : Math.Pow(one, 1 - p) / (1 - p));
}
