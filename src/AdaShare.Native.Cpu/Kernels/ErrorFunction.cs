namespace AdaShare.Native.Cpu.Kernels;

/// <summary>The complement of the error function in double precision, to a few units in the last place.</summary>
internal static class ErrorFunction
{
    // From here on 1 - erf(x) would lose more than the last place.
    private const double SeriesEnd = 1;
    private const int MostTerms = 500;

    /// <summary>erfc(x) = 1 - erf(x).</summary>
    public static double Complement(double x) =>
        double.IsNaN(x) ? x
        : Math.Abs(x) < SeriesEnd ? 1 - Series(x)
        : x < 0 ? 2 - Tail(-x) : Tail(x);

    // erf(x) = 2 / sqrt(pi) e^-x^2 (x + 2 x^3 / 3 + 4 x^5 / 15 + ...), whose terms have one sign (Abramowitz and Stegun, 7.1.6).
    private static double Series(double x)
    {
        double term = x, sum = x;
        for (int n = 1; n < MostTerms && Math.Abs(term) > Math.Abs(sum) * 1e-18; n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    // erfc(x) = e^-x^2 / sqrt(pi) / (x + (1/2) / (x + 1 / (x + (3/2) / (x + ...)))), from the end (Abramowitz and Stegun, 7.1.14).
    private static double Tail(double x)
    {
        double fraction = x;

        // The error falls with e^(-2 x sqrt(2 n)).
        for (int n = 40 + (int)(260 / (x * x)); n > 0; n--)
        {
            fraction = x + (n / 2.0 / fraction);
        }

        return Math.Exp(-x * x) / Math.Sqrt(Math.PI) / fraction;
    }
}
