namespace AdaShare.Native.Learning.Gates;

/// <summary>For each image of a group whether a block runs. Decisions that are the same for every image are equal.</summary>
public sealed class ImageDecisions : IEquatable<ImageDecisions>
{
    private readonly string _runs;

    /// <summary>Wraps decisions.</summary>
    /// <param name="runs">Whether the block runs, image by image.</param>
    public ImageDecisions(IEnumerable<bool> runs) => _runs = string.Concat(runs.Select(static run => run ? '#' : '.'));

    /// <summary>The number of images, N.</summary>
    public int Count => _runs.Length;

    /// <summary>Whether an image runs the block.</summary>
    public bool this[int image] => _runs[image] == '#';

    /// <inheritdoc/>
    public bool Equals(ImageDecisions? other) => other?._runs == _runs;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ImageDecisions);

    /// <inheritdoc/>
    public override int GetHashCode() => _runs.GetHashCode(StringComparison.Ordinal);

    /// <summary>A sign an image: # runs, . does not.</summary>
    public override string ToString() => _runs;
}
