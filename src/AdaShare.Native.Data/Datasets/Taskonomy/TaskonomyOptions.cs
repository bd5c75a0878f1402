using AdaShare.Native.Data.Datasets.Dense;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Taskonomy;

/// <summary>How <see cref="TaskonomyDataset"/> reads its folder.</summary>
public sealed record TaskonomyOptions : DenseOptions
{
    /// <summary>The largest <see cref="Size"/>.</summary>
    public const int MaxSize = 4096;

    /// <summary>Rows and columns to which pictures and labels are brought, by their nearest pixels, 1 … <see cref="MaxSize"/>; 256 in the official code.</summary>
    public int Size { get; init; } = 256;

    /// <exception cref="ConfigurationException">A value is out of its range; the message names it.</exception>
    internal void CheckSize(string name)
    {
        if (Size is < 1 or > MaxSize)
        {
            throw new ConfigurationException($"{name}: size is {Size}, which is out of range; give 1 to {MaxSize}");
        }

        if (Classes is not (null or TaskonomyDataset.ClassCount))
        {
            throw new ConfigurationException($"{name}: classes is {Classes}; the data set has {TaskonomyDataset.ClassCount}: give that number, or leave it out");
        }
    }
}
