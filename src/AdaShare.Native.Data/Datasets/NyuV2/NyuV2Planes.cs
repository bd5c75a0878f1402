using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.NyuV2;

/// <summary>Reads the files of one example as planes, and checks what they hold.</summary>
internal static class NyuV2Planes
{
    /// <summary>The value of ignored pixels.</summary>
    private const int Ignored = 255;

    /// <summary>The deepest room in metres; more is another unit, millimetres as a rule.</summary>
    private const float MaxDepth = 1000;

    /// <summary>An image as B, G, R; a grey one three times.</summary>
    public static BgrImage Image(string path) => BgrImage.Of(Png.Read(path));

    /// <summary>A label plane of the image's size.</summary>
    /// <param name="kind">The kind of label.</param>
    /// <param name="path">Its file.</param>
    /// <param name="image">The image that it belongs to.</param>
    /// <param name="classes">The number of segmentation classes.</param>
    /// <param name="decodeNormals">Whether normals are decoded to [-1, 1].</param>
    /// <param name="officialMask">Whether normals without a direction count, as in the official code.</param>
    /// <exception cref="DataException">The file is missing, damaged, of another size, or holds values out of range.</exception>
    public static Plane Label(LabelKind kind, string path, BgrImage image, int classes, bool decodeNormals, bool officialMask = false) => kind switch
    {
        LabelKind.Segmentation => Segmentation(path, image, classes),
        LabelKind.SurfaceNormals => Normals(path, image, decodeNormals, officialMask),
        LabelKind.Depth => Depth(path, image),
        _ => Strength(path, image),
    };

    private static Plane Segmentation(string path, BgrImage image, int classes)
    {
        // Stored numbers, not colours: a palette or a low bit depth must not change class indices.
        SampleImage labels = Png.ReadSamples(path, (height, width) => RequireSize(path, height, width, image));
        if (labels.Channels != 1)
        {
            throw new DataException($"{path}: segmentation has {labels.Channels} channels; expected one of class indices; write it as a grey PNG");
        }

        int wrong = FirstOther(labels.Samples, classes);
        return wrong < 0
            ? new(labels.Height, labels.Width, 1, new StoredClasses(labels.Samples, labels.Width))
            : throw new DataException(
                $"{path}: segmentation label {labels.Samples[wrong]} at pixel {At(wrong, image)}; expected 0 to {classes - 1}, or {Ignored} to ignore; check the number of classes");
    }

    /// <summary>The first label that is neither a class nor ignored; -1 where there is none.</summary>
    private static int FirstOther(ReadOnlySpan<ushort> labels, int classes)
    {
        int between = classes < Ignored ? labels.IndexOfAnyInRange((ushort)classes, (ushort)(Ignored - 1)) : -1;
        int beyond = labels.IndexOfAnyInRange((ushort)Math.Max(classes, Ignored + 1), ushort.MaxValue);
        return between < 0 || (beyond >= 0 && beyond < between) ? beyond : between;
    }

    private static Plane Normals(string path, BgrImage image, bool decode, bool officialMask)
    {
        ByteImage stored = Png.Read(path, (height, width) => RequireSize(path, height, width, image));
        if (stored.Channels != 3)
        {
            throw new DataException($"{path}: surface normals are grey; expected an RGB PNG of x, y and z");
        }

        return new(stored.Height, stored.Width, 3, new StoredNormals(stored, decode, officialMask));
    }

    private static Plane Depth(string path, BgrImage image)
    {
        Plane plane = Array(path, image);
        int wrong = Within.FirstBeyond(plane.Values, float.MinValue, MaxDepth);
        return wrong < 0
            ? plane
            : throw new DataException($"{path}: depth is {plane.Values[wrong]} at pixel {At(wrong, image)}; expected metres, at most {MaxDepth}, or 0 where it is not known");
    }

    private static Plane Strength(string path, BgrImage image)
    {
        Plane plane = Array(path, image);
        for (int i = 0; i < plane.Values.Length; i++)
        {
            if (plane.Values[i] is not ((>= -1 and <= 1) or Ignored))
            {
                throw new DataException($"{path}: value {plane.Values[i]} at pixel {At(i, image)}; expected -1 to 1, or {Ignored} to ignore");
            }
        }

        return plane;
    }

    private static Plane Array(string path, BgrImage image)
    {
        NumpyArray array = NumpyArray.Read(path, shape =>
        {
            bool fits = shape.Count is 2 or 3 && shape[0] == image.Height && shape[1] == image.Width && (shape.Count == 2 || shape[2] == 1);
            if (!fits)
            {
                throw new DataException(
                    $"{path}: array of shape ({string.Join(", ", shape)}); expected ({image.Height}, {image.Width}) as its image, or ({image.Height}, {image.Width}, 1); write it again");
            }
        });
        return new(image.Height, image.Width, 1, array.Values);
    }

    private static void RequireSize(string path, int height, int width, BgrImage image)
    {
        if (height != image.Height || width != image.Width)
        {
            throw new DataException($"{path}: {height} rows of {width} pixels; expected {image.Height} rows of {image.Width} as its image; write it again");
        }
    }

    private static string At(int pixel, BgrImage image) => $"(row {pixel / image.Width}, column {pixel % image.Width})";
}
