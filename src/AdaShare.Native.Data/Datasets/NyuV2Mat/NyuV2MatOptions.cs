using AdaShare.Native.Data.Datasets.Dense;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.NyuV2Mat;

/// <summary>How <see cref="NyuV2MatDataset"/> reads its file.</summary>
public sealed record NyuV2MatOptions : DenseOptions
{
    /// <summary>The largest <see cref="NormalRadius"/>.</summary>
    public const int MaxNormalRadius = 32;

    /// <summary>True for the depth as it was measured, 0 where nothing was, and no normals there; false for the depth with holes filled in.</summary>
    public bool RawDepth { get; init; }

    /// <summary>How far around a pixel, in pixels, the plane is fitted that gives its normal, 1 … <see cref="MaxNormalRadius"/>; see <see cref="DepthNormals"/>.</summary>
    public int NormalRadius { get; init; } = 4;

    /// <exception cref="ConfigurationException">A value is out of its range; the message names it.</exception>
    internal void CheckMat(string name)
    {
        if (Classes is not (null or 40 or 13))
        {
            throw new ConfigurationException($"{name}: classes is {Classes}; the 894 names map to 40 or to 13 classes: give one of these");
        }

        if (NormalRadius is < 1 or > MaxNormalRadius)
        {
            throw new ConfigurationException($"{name}: normal radius is {NormalRadius}, which is out of range; give 1 to {MaxNormalRadius}");
        }
    }
}
