namespace AdaShare.Native.Learning.Weightings;

/// <summary>
/// Symmetric matrices with a row for each task. They have a handful of rows, so the plainest methods are exact and take microseconds; a library of linear algebra would be a dependency of everyone who embeds Learning,
/// for a hundred lines.
/// </summary>
internal static class SmallMatrices
{
    private const int MostSweeps = 100;

    /// <summary>A x.</summary>
    public static double[] Times(double[,] a, double[] x)
    {
        var y = new double[a.GetLength(0)];
        for (int i = 0; i < y.Length; i++)
        {
            for (int j = 0; j < x.Length; j++)
            {
                y[i] += a[i, j] * x[j];
            }
        }

        return y;
    }

    /// <summary>x · A x.</summary>
    public static double Quadratic(double[,] a, double[] x) => SmallVectors.Dot(x, Times(a, x));

    /// <summary>The diagonal.</summary>
    public static double[] Diagonal(double[,] a) => [.. Enumerable.Range(0, a.GetLength(0)).Select(i => a[i, i])];

    /// <summary>The rows and columns of some indices.</summary>
    public static double[,] Part(double[,] a, IReadOnlyList<int> indices)
    {
        var part = new double[indices.Count, indices.Count];
        for (int i = 0; i < indices.Count; i++)
        {
            for (int j = 0; j < indices.Count; j++)
            {
                part[i, j] = a[indices[i], indices[j]];
            }
        }

        return part;
    }

    /// <summary>A with its diagonal made larger by a share of itself, which keeps a matrix of inner products from being singular by rounding.</summary>
    public static double[,] WithRidge(double[,] a, double share)
    {
        var ridged = (double[,])a.Clone();
        for (int i = 0; i < a.GetLength(0); i++)
        {
            ridged[i, i] *= 1 + share;
        }

        return ridged;
    }

    /// <summary>The solution of A x = b by elimination with row pivots; where A is singular, the pivots that vanish are left out.</summary>
    public static double[] Solve(double[,] a, double[] b)
    {
        int n = b.Length;
        var m = (double[,])a.Clone();
        double[] x = [.. b];
        for (int c = 0; c < n; c++)
        {
            int pivot = c;
            for (int r = c + 1; r < n; r++)
            {
                pivot = Math.Abs(m[r, c]) > Math.Abs(m[pivot, c]) ? r : pivot;
            }

            for (int k = 0; k < n && pivot != c; k++)
            {
                (m[c, k], m[pivot, k]) = (m[pivot, k], m[c, k]);
            }

            (x[c], x[pivot]) = (x[pivot], x[c]);
            for (int r = c + 1; r < n && m[c, c] != 0; r++)
            {
                double factor = m[r, c] / m[c, c];
                x[r] -= factor * x[c];
                for (int k = c; k < n; k++)
                {
                    m[r, k] -= factor * m[c, k];
                }
            }
        }

        for (int r = n - 1; r >= 0; r--)
        {
            for (int k = r + 1; k < n; k++)
            {
                x[r] -= m[r, k] * x[k];
            }

            x[r] = m[r, r] == 0 ? 0 : x[r] / m[r, r];
        }

        return x;
    }

    /// <summary>The eigenvalues of a symmetric matrix, and their vectors in the columns, by Jacobi's rotations.</summary>
    public static (double[] Values, double[,] Vectors) Eigen(double[,] symmetric)
    {
        int n = symmetric.GetLength(0);
        var a = (double[,])symmetric.Clone();
        var v = new double[n, n];
        for (int i = 0; i < n; i++)
        {
            v[i, i] = 1;
        }

        for (int sweep = 0; sweep < MostSweeps; sweep++)
        {
            bool rotated = false;
            for (int p = 0; p < n; p++)
            {
                for (int q = p + 1; q < n; q++)
                {
                    rotated |= Rotate(a, v, p, q);
                }
            }

            if (!rotated)
            {
                break;
            }
        }

        return (Diagonal(a), v);
    }

    private static bool Rotate(double[,] a, double[,] v, int p, int q)
    {
        if (Math.Abs(a[p, q]) <= double.Epsilon + (1e-17 * Math.Sqrt(Math.Abs(a[p, p] * a[q, q]))))
        {
            return false;
        }

        double theta = (a[q, q] - a[p, p]) / (2 * a[p, q]);
        double tan = (theta >= 0 ? 1 : -1) / (Math.Abs(theta) + Math.Sqrt((theta * theta) + 1));
        double cos = 1 / Math.Sqrt((tan * tan) + 1), sin = tan * cos;
        int n = a.GetLength(0);
        for (int k = 0; k < n; k++)
        {
            (a[k, p], a[k, q]) = ((cos * a[k, p]) - (sin * a[k, q]), (sin * a[k, p]) + (cos * a[k, q]));
            (v[k, p], v[k, q]) = ((cos * v[k, p]) - (sin * v[k, q]), (sin * v[k, p]) + (cos * v[k, q]));
        }

        for (int k = 0; k < n; k++)
        {
            (a[p, k], a[q, k]) = ((cos * a[p, k]) - (sin * a[q, k]), (sin * a[p, k]) + (cos * a[q, k]));
        }

        return true;
    }
}
