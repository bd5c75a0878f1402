namespace AdaShare.Native.Learning.Weightings;

/// <summary>Vectors with a number for each task.</summary>
internal static class SmallVectors
{
    /// <summary>e^x_i / sum of e^x_j; 0 where x is minus infinity, and everywhere if all are.</summary>
    public static double[] Softmax(double[] scores)
    {
        double most = scores.Max();
        if (double.IsNegativeInfinity(most))
        {
            return new double[scores.Length];
        }

        double[] powers = Array.ConvertAll(scores, x => Math.Exp(x - most));
        double sum = powers.Sum();
        return Array.ConvertAll(powers, p => p / sum);
    }

    /// <summary>a · b.</summary>
    public static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    /// <summary>The i-th unit vector.</summary>
    public static double[] Unit(int count, int i)
    {
        var unit = new double[count];
        unit[i] = 1;
        return unit;
    }
}
