namespace AdaShare.Native.Learning.Configuration;

/// <summary>Which regions of an image <c>dataload.crop: resized</c> takes. The defaults are torchvision's.</summary>
public sealed class ResizedCropConfig
{
    /// <summary>The smallest share of the image's area, above 0.</summary>
    public double AreaMin { get; set; } = 0.08;

    /// <summary>The largest share of the image's area, up to 1.</summary>
    public double AreaMax { get; set; } = 1;

    /// <summary>The smallest quotient of a region's width and height, in pixels of the stored image.</summary>
    public double AspectMin { get; set; } = 3.0 / 4;

    /// <summary>The largest quotient of a region's width and height.</summary>
    public double AspectMax { get; set; } = 4.0 / 3;
}
