using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.NyuV2;

/// <summary>How <see cref="NyuV2Dataset"/> reads its folder.</summary>
public sealed record NyuV2Options
{
    private static readonly Label[] Offered = [Label.Segmentation, Label.SurfaceNormals, Label.Depth, Label.Keypoints, Label.Edges];

    /// <summary>The most segmentation classes: 255 is the mark of ignored pixels.</summary>
    public const int MaxClasses = 255;

    /// <summary>
    /// The number of segmentation classes, 1 … <see cref="MaxClasses"/>; null takes it from <c>scenes.json</c> where there is one, and otherwise
    /// 40, as in NYU v2.
    /// </summary>
    public int? Classes { get; init; }

    /// <summary>The kinds of label that every example must have; null for all that the folder offers.</summary>
    public IReadOnlyList<Label>? Labels { get; init; }

    /// <summary>True for surface normals in [-1, 1]; false for the stored values 0 … 255, on which the official code trains.</summary>
    public bool DecodeNormals { get; init; } = true;

    /// <summary>The seed of the splits that the folder does not state itself.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// The part of the training examples that is held out for selection where the folder states no validation set, 0 … 0.5;
    /// at least one example, and none for 0. In a folder without any split it is a part of all examples.
    /// </summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>Says what is wrong with the options.</summary>
    /// <exception cref="ConfigurationException">A value is out of its range; the message names it.</exception>
    internal void Check()
    {
        if (Classes is < 1 or > MaxClasses)
        {
            throw new ConfigurationException($"NYU v2: classes is {Classes}, which is out of range; give 1 to {MaxClasses}");
        }

        if (!(ValidationFraction >= 0 && ValidationFraction <= 0.5))
        {
            throw new ConfigurationException($"NYU v2: validation fraction is {ValidationFraction}, which is out of range; give 0 for none, up to 0.5");
        }

        if (Labels is { Count: 0 } || Labels?.Except(Offered).Any() == true || Labels?.Distinct().Count() != Labels?.Count)
        {
            throw new ConfigurationException(
                $"NYU v2: labels are '{string.Join(", ", Labels!)}'; give one or more different ones of {string.Join(", ", Offered)}");
        }
    }
}
