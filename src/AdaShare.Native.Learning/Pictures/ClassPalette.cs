namespace AdaShare.Native.Learning.Pictures;

/// <summary>Fixed colours of segmentation classes: each is as far as possible, to the eye, from black and from all before it.</summary>
public static class ClassPalette
{
    private const int Classes = 255;
    private const int Levels = 16;
    private static readonly Colour[] Colours = Choose();

    /// <summary>The colour of a class; black for the ignored label 255 and for what is no class.</summary>
    public static Colour Of(int label) => label is >= 0 and < Classes ? Colours[label] : Colour.Black;

    private static Colour[] Choose()
    {
        (Colour Colour, (double L, double A, double B) Place)[] candidates = [.. Candidates()];
        double[] nearest = [.. candidates.Select(c => Distance(c.Place, Colour.Black.ToOkLab()))];
        var chosen = new Colour[Classes];
        for (int i = 0; i < Classes; i++)
        {
            int best = Array.IndexOf(nearest, nearest.Max());
            chosen[i] = candidates[best].Colour;
            for (int c = 0; c < candidates.Length; c++)
            {
                nearest[c] = Math.Min(nearest[c], Distance(candidates[c].Place, candidates[best].Place));
            }
        }

        return chosen;
    }

    /// <summary>A grid of colours without the very dark ones, which would pass for black, and the near-greys, which look alike.</summary>
    private static IEnumerable<(Colour Colour, (double L, double A, double B) Place)> Candidates()
    {
        for (int i = 0; i < Levels * Levels * Levels; i++)
        {
            var colour = new Colour((byte)(i / (Levels * Levels) * 17), (byte)(i / Levels % Levels * 17), (byte)(i % Levels * 17));
            (double l, double a, double b) = colour.ToOkLab();
            if (l is > 0.40 and < 0.93 && Math.Sqrt((a * a) + (b * b)) is > 0.05 and < 0.22)
            {
                yield return (colour, (l, a, b));
            }
        }
    }

    private static double Distance((double L, double A, double B) p, (double L, double A, double B) q)
    {
        double l = p.L - q.L, a = p.A - q.A, b = p.B - q.B;
        return (l * l) + (a * a) + (b * b);
    }
}
