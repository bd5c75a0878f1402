using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.NyuV2;

/// <summary>
/// Reads single examples of a folder in the NYU v2 layout by their stem, without splits and as the official code does: for comparison with it, so normals without a direction
/// (a grey border) count as they do there.
/// </summary>
public static class NyuV2Files
{
    private static readonly Dictionary<Label, (string Folder, string Ending)> Places = new()
    {
        [Label.Segmentation] = ("seg", ".png"),
        [Label.SurfaceNormals] = ("normal_mask", ".png"),
        [Label.Depth] = ("depth", ".npy"),
        [Label.Keypoints] = ("keypoint", ".npy"),
        [Label.Edges] = ("edge", ".npy"),
    };

    /// <summary>Reads an image and some of its labels.</summary>
    /// <param name="root">The folder that holds <c>img</c>, <c>seg</c>, <c>normal_mask</c>, <c>depth</c>, <c>keypoint</c>, <c>edge</c>.</param>
    /// <param name="id">The files' stem, for example <c>0061</c>.</param>
    /// <param name="labels">The labels to read.</param>
    /// <param name="decodeNormals">Whether normals are decoded to [-1, 1].</param>
    /// <param name="classes">The number of segmentation classes; larger labels but 255 are an error.</param>
    /// <exception cref="DataException">A file is missing or damaged; the message names it.</exception>
    public static Sample Load(string root, string id, IReadOnlyList<Label> labels, bool decodeNormals, int classes)
    {
        BgrImage image = NyuV2Planes.Image(Path.Combine(root, "img", id + ".png"));
        return new Sample(id, image, labels.ToDictionary(static label => label, label =>
        {
            (string folder, string ending) = Places[label];
            return NyuV2Planes.Label(label.Kind, Path.Combine(root, folder, id + ending), image, classes, decodeNormals, officialMask: true);
        }));
    }
}
