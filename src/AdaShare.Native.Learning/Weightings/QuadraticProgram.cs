namespace AdaShare.Native.Learning.Weightings;

/// <summary>
/// Minimises x · Q x / 2 + q · x over numbers of 0 or more, on the simplex or without a sum, for a symmetric Q without negative eigenvalues: an active-set method in the manner of Lawson and Hanson (1974), which ends at
/// the exact solution after a few solves of at most K + 1 equations.
/// </summary>
internal static class QuadraticProgram
{
    // A ridge that keeps gradients which depend on one another from making the equations singular.
    private const double Ridge = 1e-12;
    private const double Tolerance = 1e-11;

    /// <summary>Solves the program.</summary>
    /// <param name="q">[K, K].</param>
    /// <param name="linear">[K].</param>
    /// <param name="sumsToOne">Whether the solution adds up to 1.</param>
    public static double[] Minimize(double[,] q, double[] linear, bool sumsToOne)
    {
        int n = linear.Length;
        double scale = Math.Max(SmallMatrices.Diagonal(q).Max(), linear.Max(Math.Abs));
        if (!(scale > 0))
        {
            return [.. Enumerable.Repeat(sumsToOne ? 1.0 / n : 0, n)];
        }

        var x = new double[n];
        var free = new SortedSet<int>();
        if (sumsToOne)
        {
            int vertex = Enumerable.Range(0, n).MinBy(i => (q[i, i] / 2) + linear[i]);
            x[vertex] = 1;
            free.Add(vertex);
        }

        // Each free set is met once at most; the bound is for rounding.
        for (int round = 0; round < 20 * n; round++)
        {
            double[] slope = [.. SmallMatrices.Times(q, x).Zip(linear, static (a, b) => a + b)];
            double level = sumsToOne ? SmallVectors.Dot(slope, x) : 0;
            int steepest = Enumerable.Range(0, n).Where(i => !free.Contains(i)).DefaultIfEmpty(-1).MinBy(i => i < 0 ? 0 : slope[i]);
            if (steepest < 0 || slope[steepest] - level >= -Tolerance * scale)
            {
                break;
            }

            free.Add(steepest);
            Descend(q, linear, sumsToOne, scale, x, free);
        }

        return x;
    }

    /// <summary>Goes to the minimum over the free numbers, and makes those fixed that would become negative on the way.</summary>
    private static void Descend(double[,] q, double[] linear, bool sumsToOne, double scale, double[] x, SortedSet<int> free)
    {
        while (free.Count > 0)
        {
            int[] indices = [.. free];
            double[] target = Unbounded(q, linear, sumsToOne, scale, indices);
            double reach = 1;
            int blocking = -1;
            for (int i = 0; i < indices.Length; i++)
            {
                double from = x[indices[i]];
                if (target[i] < 0 && from / (from - target[i]) is var share && share < reach)
                {
                    (reach, blocking) = (share, indices[i]);
                }
            }

            for (int i = 0; i < indices.Length; i++)
            {
                x[indices[i]] = Math.Max(0, x[indices[i]] + (reach * (target[i] - x[indices[i]])));
            }

            if (blocking < 0)
            {
                return;
            }

            x[blocking] = 0;
            free.Remove(blocking);
        }
    }

    private static double[] Unbounded(double[,] q, double[] linear, bool sumsToOne, double scale, int[] free)
    {
        int n = free.Length, rows = sumsToOne ? n + 1 : n;
        var m = new double[rows, rows];
        var b = new double[rows];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                m[i, j] = q[free[i], free[j]] / scale;
            }

            m[i, i] += Ridge;
            b[i] = -linear[free[i]] / scale;
            if (sumsToOne)
            {
                m[i, n] = m[n, i] = 1;
            }
        }

        if (sumsToOne)
        {
            b[n] = 1;
        }

        return SmallMatrices.Solve(m, b)[..n];
    }
}
