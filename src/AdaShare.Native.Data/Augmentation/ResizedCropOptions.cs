using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Augmentation;

/// <summary>From which regions of an image crops are made: torchvision's <c>RandomResizedCrop(size, scale, ratio)</c>.</summary>
public sealed record ResizedCropOptions
{
    /// <summary>Creates the options.</summary>
    /// <param name="areaMin">The smallest share of the image's area, above 0 (<c>scale[0]</c>).</param>
    /// <param name="areaMax">The largest share of it, from the smallest to 1 (<c>scale[1]</c>).</param>
    /// <param name="aspectMin">The smallest quotient of a region's width and height, above 0 (<c>ratio[0]</c>).</param>
    /// <param name="aspectMax">The largest one, at least the smallest (<c>ratio[1]</c>).</param>
    /// <exception cref="ConfigurationException">A value is out of range.</exception>
    public ResizedCropOptions(double areaMin, double areaMax, double aspectMin, double aspectMax)
    {
        if (!(areaMin > 0) || !(areaMax >= areaMin) || areaMax > 1 || !(aspectMin > 0) || !(aspectMax >= aspectMin) || !double.IsFinite(aspectMax))
        {
            throw new ConfigurationException($"augmentation: areas {areaMin} to {areaMax} must be in order, above 0 and up to 1, aspects {aspectMin} to {aspectMax} in order and above 0");
        }

        (AreaMin, AreaMax, AspectMin, AspectMax) = (areaMin, areaMax, aspectMin, aspectMax);
    }

    /// <summary>The smallest share of the image's area.</summary>
    public double AreaMin { get; }

    /// <summary>The largest share of the image's area.</summary>
    public double AreaMax { get; }

    /// <summary>The smallest quotient of width and height.</summary>
    public double AspectMin { get; }

    /// <summary>The largest quotient of width and height.</summary>
    public double AspectMax { get; }
}
