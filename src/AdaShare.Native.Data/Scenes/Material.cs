namespace AdaShare.Native.Data.Scenes;

/// <summary>How the three colours of a <see cref="Material"/> are laid out on a surface.</summary>
internal enum Pattern
{
    /// <summary>One colour with faint blotches.</summary>
    Plain,

    /// <summary>Upright stripes.</summary>
    Stripes,

    /// <summary>A checkerboard.</summary>
    Checker,

    /// <summary>Soft blots of the second colour, as on wallpaper.</summary>
    Blots,

    /// <summary>Bricks in running bond with mortar of the second colour.</summary>
    Bricks,

    /// <summary>Floor boards with grain and dark joints.</summary>
    Planks,

    /// <summary>Square tiles, each a little different, with grout of the second colour.</summary>
    Tiles,

    /// <summary>Fine speckles of two colours.</summary>
    Carpet,

    /// <summary>Wood grain along the first axis.</summary>
    Wood,

    /// <summary>A door: frame, two sunk panels, a handle.</summary>
    Door,

    /// <summary>A window: frame, cross bar, sky over ground.</summary>
    Window,

    /// <summary>A framed painting.</summary>
    Picture,

    /// <summary>Drawers or cupboard doors with knobs.</summary>
    Drawers,

    /// <summary>Shelf boards with books between them.</summary>
    Books,
}

/// <summary>What a surface looks like: a pattern of up to three linear RGB colours.</summary>
/// <param name="Pattern">How the colours are laid out.</param>
/// <param name="First">The main colour, linear RGB, 0 … 1.</param>
/// <param name="Second">The colour of stripes, joints, panels.</param>
/// <param name="Third">The colour of frames, handles, knobs.</param>
/// <param name="Scale">The period of the pattern in metres.</param>
/// <param name="Offset">Where in the noise the pattern starts, so that equal patterns differ.</param>
/// <param name="Width">The width of the surface in metres, for patterns that have an outline.</param>
/// <param name="Height">The height of the surface in metres, for patterns that have an outline.</param>
/// <param name="Glow">The share of the colour that shines by itself, 0 for a surface that is only lit.</param>
internal sealed record Material(
    Pattern Pattern,
    Vector3D First,
    Vector3D Second,
    Vector3D Third,
    double Scale,
    int Offset,
    double Width = 1,
    double Height = 1,
    double Glow = 0);
