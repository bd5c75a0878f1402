using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Dense;

/// <summary>What the data sets with a label for each pixel have in common: which labels are read, and how the examples are divided where the data set does not say.</summary>
public record DenseOptions
{
    /// <summary>The most segmentation classes: 255 is the mark of ignored pixels.</summary>
    public const int MaxClasses = 255;

    /// <summary>The labels that every example must have; null for all that the data set offers.</summary>
    public IReadOnlyList<Label>? Labels { get; init; }

    /// <summary>The number of segmentation classes; null for the data set's own.</summary>
    public int? Classes { get; init; }

    /// <summary>True for surface normals in [-1, 1]; false for whole numbers 0 … 254, (n + 1) * 127.5 rounded, as the official AdaShare code trains on.</summary>
    public bool DecodeNormals { get; init; } = true;

    /// <summary>The seed of the parts that the data set does not state itself.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The part of the training examples that is held out for selection where the data set has no validation part, 0 … 0.5; at least one example, and none for 0.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>What of these options decides the values that are read, in words; see <see cref="IDataset.Reading"/>.</summary>
    internal string Reading => DecodeNormals ? "normals decoded" : "normals in whole numbers";

    /// <summary>Says what is wrong with the options.</summary>
    /// <param name="name">The data set, for messages.</param>
    /// <param name="known">The labels that it can have.</param>
    /// <exception cref="ConfigurationException">A value is out of its range; the message names it.</exception>
    internal void Check(string name, IReadOnlyList<Label> known)
    {
        if (Classes is < 1 or > MaxClasses)
        {
            throw new ConfigurationException($"{name}: classes is {Classes}, which is out of range; give 1 to {MaxClasses}");
        }

        if (!(ValidationFraction >= 0 && ValidationFraction <= 0.5))
        {
            throw new ConfigurationException($"{name}: validation fraction is {ValidationFraction}, which is out of range; give 0 for none, up to 0.5");
        }

        if (Labels is { Count: 0 } || Labels?.Any(label => !known.Contains(label)) == true || Labels?.Distinct().Count() != Labels?.Count)
        {
            throw new ConfigurationException($"{name}: labels are '{string.Join(", ", Labels!)}'; give one or more different ones of {string.Join(", ", known)}");
        }
    }
}
