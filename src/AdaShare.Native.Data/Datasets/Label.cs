namespace AdaShare.Native.Data.Datasets;

/// <summary>A label of a data set: what it says, and which of several that say the same kind of thing it is.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Name">Its name in the data set. Where a data set has one label of a kind, the kind's own name.</param>
/// <param name="Channels">Values a pixel, or an image: 1 for classes, depth and strengths, 3 for normals, as many as there are for <see cref="LabelKind.Attributes"/> and <see cref="LabelKind.Values"/>.</param>
public readonly record struct Label(LabelKind Kind, string Name, int Channels)
{
    /// <summary>The one class plane of a data set.</summary>
    public static Label Segmentation { get; } = Of(LabelKind.Segmentation);

    /// <summary>The one plane of surface normals of a data set.</summary>
    public static Label SurfaceNormals { get; } = Of(LabelKind.SurfaceNormals);

    /// <summary>The one depth plane of a data set.</summary>
    public static Label Depth { get; } = Of(LabelKind.Depth);

    /// <summary>The one plane of keypoint heat of a data set.</summary>
    public static Label Keypoints { get; } = Of(LabelKind.Keypoints);

    /// <summary>The one plane of edge strengths of a data set.</summary>
    public static Label Edges { get; } = Of(LabelKind.Edges);

    /// <summary>Whether it speaks of the image as a whole, as a plane of one pixel, and not of its pixels.</summary>
    public bool IsOfImage => Kind is LabelKind.Class or LabelKind.Attributes or LabelKind.Values;

    /// <summary>Whether its values are numbers of classes.</summary>
    public bool IsOfClasses => Kind is LabelKind.Segmentation or LabelKind.Class;

    /// <summary>The only label of a kind of planes.</summary>
    public static Label Of(LabelKind kind) => Of(kind, kind.ToString());

    /// <summary>A label with a name of its own, of one value, or three for normals.</summary>
    public static Label Of(LabelKind kind, string name) => new(kind, name, kind == LabelKind.SurfaceNormals ? 3 : 1);

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
