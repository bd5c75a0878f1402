using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Data.Scenes;

/// <summary>One scene as it is stored: 8-bit picture, classes and normals, and three maps in single precision. All row-major.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Image">Three values a pixel in B, G, R order.</param>
/// <param name="Classes">One class id a pixel.</param>
/// <param name="Normals">Three values a pixel in B, G, R order, that is (z, y, x): round((n + 1) * 127.5), at most 254.</param>
/// <param name="Depth">Planar depth in metres.</param>
/// <param name="Edges">Edge strength in [-1, 1].</param>
/// <param name="Keypoints">Keypoint heat in [-1, 1].</param>
internal sealed record RenderedScene(
    int Height, int Width, byte[] Image, byte[] Classes, byte[] Normals, float[] Depth, float[] Edges, float[] Keypoints)
{
    /// <summary>The memory of the arrays.</summary>
    public long Bytes => Image.Length + Classes.Length + Normals.Length + (sizeof(float) * ((long)Depth.Length + Edges.Length + Keypoints.Length));

    /// <summary>The picture; it shares this scene's memory.</summary>
    public BgrImage Picture() => new(Height, Width, Image);

    /// <summary>A label as a plane of its own.</summary>
    /// <param name="kind">The label.</param>
    /// <param name="decodeNormals">Whether normals become v / 127.5 - 1, or stay as stored.</param>
    public Plane LabelPlane(LabelKind kind, bool decodeNormals) => kind switch
    {
        LabelKind.Segmentation => new(Height, Width, 1, Array.ConvertAll(Classes, value => (float)value)),
        LabelKind.SurfaceNormals => new(Height, Width, 3, Array.ConvertAll<byte, float>(Normals, decodeNormals ? value => (value / 127.5f) - 1 : value => value)),
        LabelKind.Depth => new(Height, Width, 1, [.. Depth]),
        LabelKind.Keypoints => new(Height, Width, 1, [.. Keypoints]),
        LabelKind.Edges => new(Height, Width, 1, [.. Edges]),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not a label of procedural scenes"),
    };
}
