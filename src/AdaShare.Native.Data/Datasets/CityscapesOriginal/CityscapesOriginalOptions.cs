using AdaShare.Native.Data.Datasets.Dense;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.CityscapesOriginal;

/// <summary>How <see cref="CityscapesOriginalDataset"/> reads its folder.</summary>
public sealed record CityscapesOriginalOptions : DenseOptions
{
    /// <summary>The largest <see cref="Reduction"/>.</summary>
    public const int MaxReduction = 16;

    /// <summary>What the depth label is.</summary>
    public CityscapesDepth Depth { get; init; } = CityscapesDepth.Inverse;

    /// <summary>
    /// How many pixels along each side become one, 1 … <see cref="MaxReduction"/>; the pictures' sides must be multiples. Of images the mean over the block, rounded half up; of labels the
    /// pixel at row and column <c>Reduction / 2</c> of the block. 8 makes 128x256 of 1024x2048.
    /// </summary>
    public int Reduction { get; init; } = 1;

    /// <exception cref="ConfigurationException">A value is out of its range; the message names it.</exception>
    internal void CheckOriginal(string name)
    {
        if (Classes is not (null or 19 or 7))
        {
            throw new ConfigurationException($"{name}: classes is {Classes}; label ids give 19 classes, or 7 categories: give one of these");
        }

        if (Reduction is < 1 or > MaxReduction)
        {
            throw new ConfigurationException($"{name}: reduction is {Reduction}, which is out of range; give 1 to {MaxReduction}");
        }

        if (!Enum.IsDefined(Depth))
        {
            throw new ConfigurationException($"{name}: depth is {Depth}; give one of {string.Join(", ", Enum.GetNames<CityscapesDepth>())}");
        }
    }
}
