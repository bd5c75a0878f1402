using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Folder;

/// <summary>Reads label files of one's own folder as planes of the image's size, and checks what they hold. PNG or npy; of a kind's own form after that, see <see cref="LabelKind"/>.</summary>
internal static class FolderPlanes
{
    private const float Ignored = 255;
    private const float MaxDepth = 1000;
    private const double ShortestNormal = 0.5, LongestNormal = 1.5;

    /// <summary>The plane of a label file.</summary>
    /// <param name="label">The label.</param>
    /// <param name="path">The file.</param>
    /// <param name="image">The image that it belongs to.</param>
    /// <param name="decodeNormals">Whether normals are in [-1, 1], or 0 … 255 as pictures store them.</param>
    /// <exception cref="DataException">The file is missing, damaged, of another size, or holds values out of range; the message names it.</exception>
    public static Plane Read(FolderLabel label, string path, BgrImage image, bool decodeNormals) => label.Label.Kind switch
    {
        LabelKind.Segmentation => label.Task.Colors.Count > 0 ? Painted(label, path, image) : Classes(label, path, image),
        LabelKind.SurfaceNormals => Normals(label, path, image, decodeNormals),
        _ => Numbers(label, path, image),
    };

    private static Plane Classes(FolderLabel label, string path, BgrImage image)
    {
        Plane stored = Stored(path, image, 1);
        float ignore = (float)(label.Task.Ignore ?? Ignored);
        for (int i = 0; i < stored.Values.Length; i++)
        {
            float value = stored.Values[i];
            if (value == ignore)
            {
                stored.Values[i] = Ignored;
            }
            else if (!(value >= 0 && value < label.Classes && value == MathF.Floor(value)))
            {
                throw new DataException($"{path}: class {value} of task {label.Task.Name} at pixel {At(i, image)}; expected 0 to {label.Classes - 1}, or {ignore} to ignore; check classes and ignore of the task");
            }
        }

        return stored;
    }

    /// <summary>A label picture whose colours stand for classes; a colour that stands for none is an error, unless it is the one that <c>ignore</c> tells, -1 for all others.</summary>
    private static Plane Painted(FolderLabel label, string path, BgrImage image)
    {
        ByteImage stored = Png.Read(path, (height, width) => RequireSize(path, height, width, image));
        var classes = new Dictionary<(byte, byte, byte), float>();
        for (int c = 0; c < label.Task.Colors.Count; c++)
        {
            classes[label.Task.Colors[c]] = c;
        }

        var values = new float[image.Height * image.Width];
        int blue = stored.Channels - 1, green = blue / 2;
        for (int i = 0; i < values.Length; i++)
        {
            int at = i * stored.Channels;
            var colour = (stored.Pixels[at], stored.Pixels[at + green], stored.Pixels[at + blue]);
            if (!classes.TryGetValue(colour, out values[i]))
            {
                values[i] = label.Task.Ignore is not null ? Ignored : throw new DataException(
                    $"{path}: colour #{colour.Item1:x2}{colour.Item2:x2}{colour.Item3:x2} at pixel {At(i, image)} is no class of task {label.Task.Name}; add it to colors, or give the task an ignore, which passes over other colours");
            }
        }

        return new(image.Height, image.Width, 1, values);
    }

    private static Plane Normals(FolderLabel label, string path, BgrImage image, bool decode)
    {
        Plane stored = Stored(path, image, 3);
        bool isPicture = IsPicture(path);
        var values = new float[stored.Values.Length];
        for (int i = 0; i < values.Length; i += 3)
        {
            // Pictures and arrays have x, y, z; planes have z, y, x.
            double x = Component(i), y = Component(i + 1), z = Component(i + 2), length = Math.Sqrt((x * x) + (y * y) + (z * z));
            bool known = length is >= ShortestNormal and <= LongestNormal && (label.Task.Ignore is not { } ignore || stored.Values[i] != ignore || stored.Values[i + 1] != ignore || stored.Values[i + 2] != ignore);
            (values[i], values[i + 1], values[i + 2]) = known ? (Kept(z), Kept(y), Kept(x)) : (Ignored, Ignored, Ignored);
        }

        return new(image.Height, image.Width, 3, values);

        double Component(int i) => isPicture ? (stored.Values[i] / 127.5) - 1 : stored.Values[i];
        float Kept(double v) => decode ? (float)v : (float)Math.Min(254, Math.Round((v + 1) * 127.5));
    }

    private static Plane Numbers(FolderLabel label, string path, BgrImage image)
    {
        Plane plane = Stored(path, image, 1);
        bool isDepth = label.Label.Kind == LabelKind.Depth;
        float ignored = isDepth ? 0 : Ignored;
        for (int i = 0; i < plane.Values.Length; i++)
        {
            float stored = plane.Values[i];
            if ((label.Task.Ignore is { } ignore && stored == (float)ignore) || (isDepth && (stored == 0 || float.IsNaN(stored))) || (!isDepth && label.Task.Ignore is null && stored == Ignored))
            {
                plane.Values[i] = ignored;
                continue;
            }

            float value = (float)((stored + label.Task.Offset) * label.Task.Scale);
            bool fits = isDepth ? value is > 0 and <= MaxDepth : value is >= -1 and <= 1;
            plane.Values[i] = fits ? value : throw new DataException(
                $"{path}: {stored} at pixel {At(i, image)} is {value} after offset and scale of task {label.Task.Name}; expected {(isDepth ? $"metres, above 0 and at most {MaxDepth}" : "-1 to 1")}; check scale, offset and ignore of the task");
        }

        return plane;
    }

    /// <summary>What a file stores: the numbers of a PNG as they are, or of an npy array.</summary>
    private static Plane Stored(string path, BgrImage image, int channels)
    {
        if (IsPicture(path))
        {
            SampleImage samples = Png.ReadSamples(path, (height, width) => RequireSize(path, height, width, image));
            return samples.Channels == channels
                ? new Plane(image.Height, image.Width, channels, Array.ConvertAll(samples.Samples, static v => (float)v))
                : throw new DataException($"{path}: has {samples.Channels} {(samples.Channels == 1 ? "channel" : "channels")}; expected {channels}{(channels == 1 ? ", a grey or palette picture; colours that stand for classes are told by colors of the task" : "")}");
        }

        NumpyArray array = NumpyArray.Read(path, shape =>
        {
            bool fits = shape.Count >= 2 && shape[0] == image.Height && shape[1] == image.Width && (shape.Count == 2 ? channels == 1 : shape.Count == 3 && shape[2] == channels);
            if (!fits)
            {
                throw new DataException($"{path}: array of shape ({string.Join(", ", shape)}); expected ({image.Height}, {image.Width}{(channels == 1 ? "" : $", {channels}")}) as its image; write it again");
            }
        });
        return new(image.Height, image.Width, channels, array.Values);
    }

    private static bool IsPicture(string path) => !path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase);

    private static void RequireSize(string path, int height, int width, BgrImage image)
    {
        if (height != image.Height || width != image.Width)
        {
            throw new DataException($"{path}: label of {height}x{width} pixels, but its image has {image.Height}x{image.Width}; make both one size");
        }
    }

    private static string At(int index, BgrImage image) => $"({index / image.Width}, {index % image.Width})";
}
