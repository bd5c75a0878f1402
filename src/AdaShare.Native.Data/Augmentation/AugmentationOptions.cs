using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Augmentation;

/// <summary>How training images are varied.</summary>
public sealed record AugmentationOptions
{
    /// <summary>Creates the options.</summary>
    /// <param name="cropHeight">Rows of the result, at least 1.</param>
    /// <param name="cropWidth">Columns of the result, at least 1.</param>
    /// <param name="scaleMin">The smallest scale, above 0.</param>
    /// <param name="scaleMax">The largest scale, at least the smallest.</param>
    /// <param name="mirrorProbability">0 … 1.</param>
    /// <param name="decodedNormals">Whether normals are in [-1, 1], so that mirroring can negate their x.</param>
    /// <exception cref="ConfigurationException">A value is out of range.</exception>
    public AugmentationOptions(int cropHeight, int cropWidth, double scaleMin, double scaleMax, double mirrorProbability, bool decodedNormals)
    {
        if (cropHeight < 1 || cropWidth < 1 || !(scaleMin > 0) || !(scaleMax >= scaleMin) || !double.IsFinite(scaleMax) || !(mirrorProbability >= 0 && mirrorProbability <= 1))
        {
            throw new ConfigurationException(
                $"augmentation: crop {cropHeight}x{cropWidth} must be 1 or more, scales {scaleMin} to {scaleMax} above 0 and in order, the mirror probability {mirrorProbability} 0 to 1");
        }

        (CropHeight, CropWidth, ScaleMin, ScaleMax, MirrorProbability, DecodedNormals) = (cropHeight, cropWidth, scaleMin, scaleMax, mirrorProbability, decodedNormals);
    }

    /// <summary>Inputs as they are, all of one size: texts.</summary>
    /// <param name="height">Their rows.</param>
    /// <param name="width">Their columns.</param>
    public static AugmentationOptions None(int height, int width) => new(height, width, 1, 1, 0, decodedNormals: true);

    /// <summary>Rows of the result.</summary>
    public int CropHeight { get; }

    /// <summary>Columns of the result.</summary>
    public int CropWidth { get; }

    /// <summary>Scales of which each is as likely as another, in place of all from <see cref="ScaleMin"/> to <see cref="ScaleMax"/>; none for those.</summary>
    /// <exception cref="ConfigurationException">A scale is not above 0.</exception>
    public IReadOnlyList<double> Scales
    {
        get => field;
        init => field = value.FirstOrDefault(static scale => !(scale > 0) || !double.IsFinite(scale), 1) is var odd and not 1
            ? throw new ConfigurationException($"augmentation: scale {odd} must be above 0")
            : value;
    } = [];

    /// <summary>Whether metres are divided by the scale, since what is twice as large in the image is half as far away.</summary>
    public bool DividesDepth { get; init; }

    /// <summary>Regions that are brought to the size of a crop, in place of scale and window; null for these.</summary>
    public ResizedCropOptions? Resized { get; init; }

    /// <summary>The smallest scale.</summary>
    public double ScaleMin { get; }

    /// <summary>The largest scale.</summary>
    public double ScaleMax { get; }

    /// <summary>The probability of mirroring left and right.</summary>
    public double MirrorProbability { get; }

    /// <summary>Whether normals are in [-1, 1].</summary>
    public bool DecodedNormals { get; }
}
