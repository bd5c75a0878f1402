namespace AdaShare.Native.Learning.Pictures;

/// <summary>The colour map Turbo (Mikhailov 2019), by its published polynomials: dark blue, cyan, green, yellow, dark red.</summary>
public static class Turbo
{
    private static readonly double[] Red = [0.13572138, 4.61539260, -42.66032258, 132.13108234, -152.94239396, 59.28637943];
    private static readonly double[] Green = [0.09140261, 2.19418839, 4.84296658, -14.18503333, 4.27729857, 2.82956604];
    private static readonly double[] Blue = [0.10667330, 12.64194608, -60.58204836, 110.36276771, -89.90310912, 27.34824973];

    /// <summary>The colour of a value in [0, 1], cut off outside.</summary>
    public static Colour Of(double value)
    {
        double v = Math.Clamp(value, 0, 1);
        return Colour.Of(Evaluate(Red, v), Evaluate(Green, v), Evaluate(Blue, v));
    }

    private static double Evaluate(double[] coefficients, double x)
    {
        double sum = 0;
        for (int i = coefficients.Length - 1; i >= 0; i--)
        {
            sum = (sum * x) + coefficients[i];
        }

        return sum;
    }
}
