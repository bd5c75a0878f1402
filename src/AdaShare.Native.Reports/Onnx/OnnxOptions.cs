namespace AdaShare.Native.Reports.Onnx;

/// <summary>What the graph takes for an image.</summary>
public enum OnnxInput
{
    /// <summary>R, G, B on the scale 0 … 255; the graph turns the channels around and subtracts the mean colour.</summary>
    Rgb,

    /// <summary>What the network itself is given: B, G, R on the scale 0 … 255 with the mean colour subtracted.</summary>
    Network,
}

/// <summary>How a network is written as an ONNX graph.</summary>
public sealed record OnnxOptions
{
    /// <summary>Rows and columns of the images; any if null.</summary>
    public (int Height, int Width)? Size { get; init; }

    /// <summary>The number of images; any if null.</summary>
    public int? Batch { get; init; }

    /// <summary>What the graph takes for an image.</summary>
    public OnnxInput Input { get; init; } = OnnxInput.Rgb;

    /// <summary>Whether predictions of pixels are brought to the image's size by bilinear interpolation, as they are before they are measured or painted; otherwise they have that of the network's features.</summary>
    public bool EnlargesOutputs { get; init; }
}

/// <summary>What a model says of itself in its metadata.</summary>
/// <param name="Method">The method that trained it, by its name.</param>
/// <param name="Title">The network's name for people.</param>
/// <param name="Names">For each task, by its name, the names of its classes, attributes or numbers; none where nobody knows them.</param>
/// <param name="DecodedNormals">Whether the network was trained on normals that were decoded to [-1, 1].</param>
public sealed record OnnxDescription(string Method, string Title, IReadOnlyDictionary<string, IReadOnlyList<string>> Names, bool DecodedNormals)
{
    /// <summary>Rows and columns to which the run brought its images when it read them, whatever they had; null where it took them as they were.</summary>
    public (int Height, int Width)? Resize { get; init; }
}
