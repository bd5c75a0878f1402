namespace AdaShare.Native.Learning.Pictures;

/// <summary>A colour in sRGB.</summary>
/// <param name="R">Red, 0 … 255.</param>
/// <param name="G">Green, 0 … 255.</param>
/// <param name="B">Blue, 0 … 255.</param>
public readonly record struct Colour(byte R, byte G, byte B)
{
    /// <summary>Black: what is ignored or not known.</summary>
    public static Colour Black => default;

    /// <summary>A colour of three values in [0, 1], cut off outside.</summary>
    public static Colour Of(double r, double g, double b) => new(Channel(r), Channel(g), Channel(b));

    /// <summary>A grey of a value in [0, 1], cut off outside.</summary>
    public static Colour Grey(double value) => Of(value, value, value);

    /// <summary>The position in the OKLab space (Ottosson 2020), in which distances are about as large as they look.</summary>
    public (double L, double A, double B) ToOkLab()
    {
        double r = Linear(R), g = Linear(G), b = Linear(B);
        double l = Math.Cbrt((0.4122214708 * r) + (0.5363325363 * g) + (0.0514459929 * b));
        double m = Math.Cbrt((0.2119034982 * r) + (0.6806995451 * g) + (0.1073969566 * b));
        double s = Math.Cbrt((0.0883024619 * r) + (0.2817188376 * g) + (0.6299787005 * b));
        return (
            (0.2104542553 * l) + (0.7936177850 * m) - (0.0040720468 * s),
            (1.9779984951 * l) - (2.4285922050 * m) + (0.4505937099 * s),
            (0.0259040371 * l) + (0.7827717662 * m) - (0.8086757660 * s));
    }

    private static byte Channel(double value) => double.IsNaN(value) ? (byte)0 : (byte)Math.Round(Math.Clamp(value, 0, 1) * 255);

    private static double Linear(byte value)
    {
        double v = value / 255.0;
        return v <= 0.04045 ? v / 12.92 : Math.Pow((v + 0.055) / 1.055, 2.4);
    }
}
