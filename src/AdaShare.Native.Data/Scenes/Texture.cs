namespace AdaShare.Native.Data.Scenes;

/// <summary>The colour of a material at a place on its surface.</summary>
internal static class Texture
{
    /// <summary>The linear RGB colour.</summary>
    /// <param name="material">What the surface is made of.</param>
    /// <param name="lattice">The noise that all surfaces share.</param>
    /// <param name="u">Metres along the surface.</param>
    /// <param name="v">Metres across it; upwards on upright surfaces.</param>
    public static Vector3D Sample(Material material, Lattice lattice, double u, double v) => material.Pattern switch
    {
        Pattern.Plain => material.First * (0.92 + (0.16 * lattice.Noise((u * 2) + material.Offset, v * 2))),
        Pattern.Stripes => IsOdd(u / material.Scale) ? material.Second : material.First,
        Pattern.Checker => IsOdd(u / material.Scale) != IsOdd(v / material.Scale) ? material.Second : material.First,
        Pattern.Blots => Blots(material, lattice, u / material.Scale, v / material.Scale),
        Pattern.Bricks => Bricks(material, lattice, u / material.Scale, v / (0.4 * material.Scale)),
        Pattern.Planks => Planks(material, lattice, u / (6 * material.Scale), v / material.Scale),
        Pattern.Tiles => Tiles(material, lattice, u / material.Scale, v / material.Scale),
        Pattern.Carpet => Vector3D.Lerp(material.First, material.Second, lattice.Noise((u / material.Scale) + material.Offset, v / material.Scale)),
        Pattern.Wood => Wood(material, lattice, u, v),
        Pattern.Door => Door(material, lattice, u, v),
        Pattern.Window => Window(material, lattice, u, v),
        Pattern.Picture => Picture(material, lattice, u, v),
        Pattern.Drawers => Drawers(material, u, v),
        _ => Books(material, lattice, u, v),
    };

    private static bool IsOdd(double x) => ((int)Math.Floor(x) & 1) != 0;

    private static double Fraction(double x) => x - Math.Floor(x);

    private static double Clamp(double x) => Math.Min(Math.Max(x, 0), 1);

    private static Vector3D Blots(Material m, Lattice lattice, double u, double v)
    {
        double noise = lattice.Noise(u + m.Offset, v + m.Offset);
        return Vector3D.Lerp(m.First, m.Second, Clamp((noise - 0.4) * 4));
    }

    private static Vector3D Bricks(Material m, Lattice lattice, double u, double v)
    {
        int row = (int)Math.Floor(v);
        double shifted = u + ((row & 1) * 0.5);
        bool mortar = Fraction(v) < 0.14 || Fraction(shifted) < 0.07;
        return mortar ? m.Second : m.First * (0.75 + (0.5 * lattice.At((int)Math.Floor(shifted) + m.Offset, row)));
    }

    private static Vector3D Planks(Material m, Lattice lattice, double u, double v)
    {
        int row = (int)Math.Floor(v);
        double shifted = u + (lattice.At(row, m.Offset) * 3);
        bool joint = Fraction(v) < 0.08 || Fraction(shifted) < 0.015;
        double tint = lattice.At(row, (int)Math.Floor(shifted) + m.Offset);
        double grain = lattice.Noise(shifted * 4, (v * 5) + m.Offset);
        return m.First * (joint ? 0.45 : 0.7 + (0.35 * tint) + (0.2 * grain));
    }

    private static Vector3D Tiles(Material m, Lattice lattice, double u, double v)
    {
        bool grout = Fraction(u) < 0.06 || Fraction(v) < 0.06;
        return grout ? m.Second : m.First * (0.85 + (0.3 * lattice.At((int)Math.Floor(u) + m.Offset, (int)Math.Floor(v))));
    }

    private static Vector3D Wood(Material m, Lattice lattice, double u, double v)
    {
        double grain = lattice.Noise((u * 2) + m.Offset, v * 22);
        return m.First * (0.75 + (0.5 * grain));
    }

    private static Vector3D Door(Material m, Lattice lattice, double u, double v)
    {
        double edge = Math.Min(u, Math.Min(m.Width - u, m.Height - v));
        if (edge < 0.07)
        {
            return m.Third;
        }

        if (Math.Abs(v - (0.48 * m.Height)) < 0.04 && u > m.Width - 0.24 && u < m.Width - 0.1)
        {
            return new(0.5, 0.45, 0.3);
        }

        bool inColumn = u > 0.22 && u < m.Width - 0.22;
        bool sunk = inColumn && ((v > 0.2 && v < 0.42 * m.Height) || (v > 0.54 * m.Height && v < m.Height - 0.25));
        return (sunk ? m.Second : m.First) * (0.9 + (0.2 * lattice.Noise((u * 14) + m.Offset, v * 2)));
    }

    private static Vector3D Window(Material m, Lattice lattice, double u, double v)
    {
        double edge = Math.Min(Math.Min(u, m.Width - u), Math.Min(v, m.Height - v));
        if (edge < 0.06 || Math.Abs(u - (m.Width * 0.5)) < 0.03 || Math.Abs(v - (m.Height * 0.6)) < 0.025)
        {
            return m.Third;
        }

        double horizon = (0.25 * m.Height) + (0.3 * (lattice.Noise((u * 4) + m.Offset, 0.5) - 0.3));
        double cloud = lattice.Noise((u * 3) + m.Offset, v * 6);
        return v < horizon ? m.Second : Vector3D.Lerp(m.First, new(1, 1, 1), 0.5 * cloud);
    }

    private static Vector3D Picture(Material m, Lattice lattice, double u, double v)
    {
        double edge = Math.Min(Math.Min(u, m.Width - u), Math.Min(v, m.Height - v));
        if (edge < 0.045)
        {
            return m.Third;
        }

        double noise = lattice.Noise((u * 5) + m.Offset, v * 5);
        return noise < 0.5 ? m.First : Vector3D.Lerp(m.Second, m.Third, (noise - 0.5) * 1.4);
    }

    private static Vector3D Drawers(Material m, double u, double v)
    {
        double x = Fraction(u / m.Width);
        double y = Fraction(v / m.Scale);
        if (x < 0.03 || x > 0.97 || y < 0.06 || y > 0.94)
        {
            return m.Second;
        }

        return Math.Abs(x - 0.5) < 0.09 && Math.Abs(y - 0.6) < 0.09 ? m.Third : m.First;
    }

    private static Vector3D Books(Material m, Lattice lattice, double u, double v)
    {
        int shelf = (int)Math.Floor(v / m.Scale);
        double y = Fraction(v / m.Scale);
        double x = u / 0.07;
        double book = lattice.At((int)Math.Floor(x) + m.Offset, shelf);
        if (y < 0.12)
        {
            return m.First;
        }

        if (y > 0.55 + (0.35 * book) || Fraction(x) < 0.12)
        {
            return m.First * 0.25;
        }

        return book < 0.35 ? m.Second : book < 0.7 ? m.Third : Vector3D.Lerp(m.Second, m.Third, Fraction(book * 10));
    }
}
