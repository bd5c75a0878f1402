namespace AdaShare.Native.Engine.Ops;

/// <summary>
/// How a stored image becomes an image of a batch: it is scaled, mirrored if asked, padded without end, and cropped from (<paramref name="Top"/>, <paramref name="Left"/>) on.
/// </summary>
/// <param name="SourceHeight">Rows of the stored image.</param>
/// <param name="SourceWidth">Columns of the stored image.</param>
/// <param name="ScaledHeight">Rows of the scaled image.</param>
/// <param name="ScaledWidth">Columns of the scaled image.</param>
/// <param name="Top">The crop's first row in the scaled image; negative where the crop begins in the padding.</param>
/// <param name="Left">The crop's first column in the scaled and mirrored image; negative where the crop begins in the padding.</param>
/// <param name="Mirror">Whether left and right change places.</param>
public readonly record struct CropWindow(int SourceHeight, int SourceWidth, int ScaledHeight, int ScaledWidth, int Top, int Left, bool Mirror)
{
    /// <summary>From rows of the crop to rows of the stored image.</summary>
    public CropAxis Rows => new(SourceHeight, ScaledHeight, Top, Mirror: false);

    /// <summary>From columns of the crop to columns of the stored image.</summary>
    public CropAxis Columns => new(SourceWidth, ScaledWidth, Left, Mirror);

    /// <summary>A window on an image as it is, neither scaled nor mirrored.</summary>
    /// <param name="height">Rows of the stored image.</param>
    /// <param name="width">Columns of the stored image.</param>
    /// <param name="top">The crop's first row.</param>
    /// <param name="left">The crop's first column.</param>
    public static CropWindow Unscaled(int height, int width, int top = 0, int left = 0) => new(height, width, height, width, top, left, Mirror: false);
}
