namespace AdaShare.Native.Data.Scenes;

/// <summary>Draws materials that hint at a class without giving it away: families of colours and patterns that overlap.</summary>
/// <param name="random">The scene's random numbers.</param>
internal sealed class Palette(SceneRandom random)
{
    private const double Degrees = 1.0 / 360.0;

    /// <summary>Paint or wallpaper of a room's walls, or brick.</summary>
    public Material Wall()
    {
        Vector3D paint = Color(random.Range(0, 1), random.Range(0.02, 0.4), random.Range(0.6, 0.95));
        Vector3D other = Color(random.Range(0, 1), random.Range(0.05, 0.45), random.Range(0.5, 0.9));
        return random.Integer(10) switch
        {
            < 4 => Of(Pattern.Plain, paint, paint, 1),
            < 6 => Of(Pattern.Stripes, paint, Vector3D.Lerp(paint, other, 0.6), random.Range(0.12, 0.4)),
            < 8 => Of(Pattern.Blots, paint, Vector3D.Lerp(paint, other, 0.6), random.Range(0.12, 0.5)),
            8 => Of(Pattern.Checker, paint, Vector3D.Lerp(paint, other, 0.35), random.Range(0.2, 0.5)),
            _ => Of(Pattern.Bricks, Color(random.Range(5, 25) * Degrees, random.Range(0.3, 0.6), random.Range(0.5, 0.75)), Grey(0.65, 0.85), random.Range(0.28, 0.45)),
        };
    }

    /// <summary>Boards, tiles, carpet or lino of a floor.</summary>
    public Material Floor()
    {
        Vector3D carpet = Color(random.Range(0, 1), random.Range(0.05, 0.4), random.Range(0.3, 0.65));
        Vector3D tile = Color(random.Range(0, 1), random.Range(0, 0.15), random.Range(0.5, 0.85));
        return random.Integer(10) switch
        {
            < 4 => Of(Pattern.Planks, WoodColor(), Vector3D.Zero, random.Range(0.12, 0.25)),
            < 6 => Of(Pattern.Tiles, tile, Grey(0.35, 0.6), random.Range(0.3, 0.6)),
            < 7 => Of(Pattern.Checker, tile, tile * random.Range(0.25, 0.6), random.Range(0.3, 0.6)),
            _ => Of(Pattern.Carpet, carpet, carpet * random.Range(0.5, 0.8), random.Range(0.05, 0.12)),
        };
    }

    /// <summary>A rug: stronger colours and patterns than a floor.</summary>
    public Material Rug()
    {
        Vector3D color = Color(random.Range(0, 1), random.Range(0.3, 0.7), random.Range(0.4, 0.75));
        Vector3D other = Color(random.Range(0, 1), random.Range(0.1, 0.6), random.Range(0.4, 0.85));
        return Of(random.Pick(Pattern.Stripes, Pattern.Checker, Pattern.Blots, Pattern.Carpet), color, other, random.Range(0.12, 0.35));
    }

    /// <summary>The paint of a ceiling.</summary>
    public Material Ceiling()
    {
        Vector3D paint = Color(random.Range(20, 60) * Degrees, random.Range(0, 0.12), random.Range(0.85, 1));
        return random.Chance(0.75)
            ? Of(Pattern.Plain, paint, paint, 1)
            : Of(Pattern.Tiles, paint, paint * 0.8, random.Range(0.4, 0.7));
    }

    /// <summary>A door of a size in metres.</summary>
    public Material Door(double width, double height)
    {
        Vector3D leaf = random.Chance(0.6) ? WoodColor() : Color(random.Range(0, 1), random.Range(0, 0.5), random.Range(0.5, 0.95));
        Vector3D frame = random.Chance(0.5) ? Grey(0.8, 0.95) : leaf * 0.7;
        return Of(Pattern.Door, leaf, leaf * random.Range(0.6, 0.85), frame, 1, width, height);
    }

    /// <summary>A window of a size in metres.</summary>
    public Material Window(double width, double height)
    {
        Vector3D sky = Color(random.Range(195, 225) * Degrees, random.Range(0.05, 0.5), random.Range(0.8, 1));
        Vector3D ground = Color(random.Range(60, 140) * Degrees, random.Range(0.2, 0.6), random.Range(0.3, 0.7));
        Vector3D frame = random.Chance(0.7) ? Grey(0.8, 0.95) : WoodColor();
        return Of(Pattern.Window, sky, ground, frame, 1, width, height) with { Glow = random.Range(0.4, 0.9) };
    }

    /// <summary>A painting of a size in metres.</summary>
    public Material Picture(double width, double height)
    {
        Vector3D frame = random.Chance(0.5) ? Grey(0.05, 0.3) : Color(random.Range(30, 50) * Degrees, random.Range(0.3, 0.7), random.Range(0.4, 0.8));
        return Of(Pattern.Picture, Vivid(), Vivid(), frame, 1, width, height);
    }

    /// <summary>The wood or paint of a table, a chair or a cabinet.</summary>
    public Material Carpentry()
    {
        Vector3D color = random.Integer(10) switch
        {
            < 6 => WoodColor(),
            < 8 => Grey(0.7, 0.95),
            8 => Grey(0.08, 0.3),
            _ => Color(random.Range(0, 1), random.Range(0.2, 0.6), random.Range(0.4, 0.8)),
        };
        return Of(random.Chance(0.7) ? Pattern.Wood : Pattern.Plain, color, color * 0.7, 1);
    }

    /// <summary>The front of a cabinet.</summary>
    /// <param name="body">What the rest of it is made of.</param>
    /// <param name="width">The width of one door or drawer in metres.</param>
    /// <param name="height">The height of one drawer or shelf in metres.</param>
    /// <param name="shelf">True for open shelves with books.</param>
    public Material CabinetFront(Material body, double width, double height, bool shelf) => shelf
        ? Of(Pattern.Books, body.First, Vivid(), Vivid(), height)
        : Of(Pattern.Drawers, body.First, body.First * 0.45, Grey(0.1, 0.9), height, width);

    /// <summary>The cover of a sofa, a bed or a seat.</summary>
    public Material Cloth()
    {
        Vector3D color = Color(random.Range(0, 1), random.Range(0.1, 0.75), random.Range(0.25, 0.8));
        Vector3D other = Color(random.Range(0, 1), random.Range(0.1, 0.5), random.Range(0.4, 0.9));
        return random.Integer(6) switch
        {
            < 3 => Of(Pattern.Carpet, color, color * 0.75, random.Range(0.03, 0.08)),
            3 => Of(Pattern.Stripes, color, Vector3D.Lerp(color, other, 0.7), random.Range(0.08, 0.2)),
            4 => Of(Pattern.Checker, color, Vector3D.Lerp(color, other, 0.5), random.Range(0.1, 0.25)),
            _ => Of(Pattern.Plain, color, color, 1),
        };
    }

    /// <summary>Bed linen and pillows.</summary>
    public Material Linen()
    {
        Vector3D color = Color(random.Range(0, 1), random.Range(0, 0.2), random.Range(0.75, 0.98));
        return Of(Pattern.Plain, color, color, 1);
    }

    /// <summary>The shade of a lamp; it shines.</summary>
    public Material Shade()
    {
        Vector3D color = Color(random.Range(30, 60) * Degrees, random.Range(0.1, 0.55), random.Range(0.85, 1));
        return Of(Pattern.Plain, color, color, 1) with { Glow = random.Range(0.3, 1.2) };
    }

    /// <summary>The metal of a lamp's foot.</summary>
    public Material Metal()
    {
        Vector3D color = Grey(0.1, 0.7);
        return Of(Pattern.Plain, color, color, 1);
    }

    /// <summary>The skin of a ball.</summary>
    public Material Ball() => Of(random.Pick(Pattern.Plain, Pattern.Stripes, Pattern.Checker), Vivid(), Vivid(), random.Range(0.08, 0.16));

    /// <summary>Cardboard, or a plastic crate.</summary>
    public Material Carton()
    {
        Vector3D color = random.Chance(0.65)
            ? Color(random.Range(24, 40) * Degrees, random.Range(0.3, 0.55), random.Range(0.5, 0.8))
            : Vivid();
        return Of(random.Pick(Pattern.Plain, Pattern.Stripes), color, color * random.Range(0.6, 0.9), random.Range(0.1, 0.3));
    }

    private Vector3D WoodColor() => Color(random.Range(16, 42) * Degrees, random.Range(0.25, 0.7), random.Range(0.3, 0.85));

    private Vector3D Vivid() => Color(random.Range(0, 1), random.Range(0.5, 0.95), random.Range(0.4, 0.95));

    private Vector3D Grey(double low, double high) => Color(0, 0, random.Range(low, high));

    private Material Of(Pattern pattern, Vector3D first, Vector3D second, double scale) => Of(pattern, first, second, second, scale);

    private Material Of(Pattern pattern, Vector3D first, Vector3D second, Vector3D third, double scale, double width = 1, double height = 1) =>
        new(pattern, first, second, third, scale, random.Integer(64), width, height);

    /// <summary>Hue, saturation and value, each 0 … 1, as a linear colour; the display curve is a square root.</summary>
    private static Vector3D Color(double hue, double saturation, double value)
    {
        double Channel(double shift)
        {
            double k = (hue + shift) * 6 % 6;
            double display = value * (1 - (saturation * Math.Max(0, Math.Min(1, Math.Min(k, 4 - k)))));
            return display * display;
        }

        return new(Channel(5.0 / 6), Channel(3.0 / 6), Channel(1.0 / 6));
    }
}
