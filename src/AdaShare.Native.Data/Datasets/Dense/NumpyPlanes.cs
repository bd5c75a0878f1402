using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Dense;

/// <summary>Images and labels in .npy files as MTAN's archives have them, of any type of number and in either order, and checks what they hold.</summary>
/// <remarks>Source of the layout: github.com/lorenmt/mtan, im2im_pred/create_dataset.py; github.com/sunxm2357/AdaShare, dataloaders/cityscapes_dataloader.py.</remarks>
internal static class NumpyPlanes
{
    private const float Ignored = 255;
    private const int Void = -1;

    /// <summary>How far rounding may lead a channel of a unit vector beyond 1.</summary>
    private const float LargestNormal = 1.001f;

    /// <summary>
    /// A picture of R, G, B in [0, 1], shape (rows, columns, 3): bytes in B, G, R order, 255 v rounded to the nearest whole number, ties to even. What was a byte divided by 255 is that
    /// byte again; what was interpolated moves by at most half a grey level.
    /// </summary>
    public static BgrImage Image(string path)
    {
        NumpyArray array = NumpyArray.Read(path, shape =>
        {
            if (shape is not [>= 1, >= 1, 3])
            {
                throw new DataException($"{path}: image of shape ({string.Join(", ", shape)}); expected (rows, columns, 3), channels last; write it again");
            }
        });
        (int height, int width) = (array.Shape[0], array.Shape[1]);
        byte[] pixels = GC.AllocateUninitializedArray<byte>(array.Values.Length);
        for (int i = GreyLevels.OfColors(array.Values, pixels); i < pixels.Length; i++)
        {
            float value = MathF.Round(array.Values[i] * 255);
            if (!(value is >= 0 and <= 255))
            {
                throw new DataException(
                    $"{path}: image value {array.Values[i]} at pixel {At(i / 3, width)}; expected red, green and blue from 0 to 1; divide by the largest value and save the image again");
            }

            pixels[i + 2 - (2 * (i % 3))] = (byte)value;
        }

        return new(height, width, pixels);
    }

    /// <summary>Classes: whole numbers 0 … <paramref name="classes"/> - 1, and -1 where a pixel is ignored, shape (rows, columns), or with a last dimension of 1.</summary>
    public static Plane Classes(string path, BgrImage image, int classes)
    {
        float[] values = Read(path, image, channels: 1);
        for (int i = 0; i < values.Length; i++)
        {
            float label = values[i];
            if (!(label >= Void && label < classes) || label != MathF.Floor(label))
            {
                throw new DataException(
                    $"{path}: segmentation label {label} at pixel {At(i, image.Width)}; expected whole numbers from 0 to {classes - 1}, or {Void} to ignore; check the number of classes");
            }

            values[i] = label == Void ? Ignored : label;
        }

        return new(image.Height, image.Width, 1, values);
    }

    /// <summary>Depth or inverse depth, 0 where it is not known, shape (rows, columns, 1) or (rows, columns).</summary>
    /// <param name="path">The file.</param>
    /// <param name="image">The picture that it belongs to.</param>
    /// <param name="largest">The largest value that makes sense.</param>
    /// <param name="meaning">What values are, for messages.</param>
    public static Plane Depth(string path, BgrImage image, float largest, string meaning)
    {
        float[] values = Read(path, image, channels: 1);
        int wrong = Within.FirstBeyond(values, 0, largest);
        return wrong < 0
            ? new(image.Height, image.Width, 1, values)
            : throw new DataException($"{path}: depth is {values[wrong]} at pixel {At(wrong, image.Width)}; expected {meaning}, 0 to {largest}, 0 where it is not known");
    }

    /// <summary>Surface normals, unit vectors (x, y, z), the zero vector where there is none, shape (rows, columns, 3).</summary>
    public static Plane Normals(string path, BgrImage image, bool decode)
    {
        float[] values = Read(path, image, channels: 3);
        int wrong = Within.FirstBeyond(values, -LargestNormal, LargestNormal);
        if (wrong >= 0)
        {
            throw new DataException($"{path}: surface normals have {values[wrong]} at pixel {At(wrong / 3, image.Width)}; expected unit vectors, each channel from -1 to 1, or 0, 0, 0 where there is none");
        }

        return new(image.Height, image.Width, 3, new NumpyNormals(values, image.Width, decode));
    }

    /// <summary>A place in words.</summary>
    public static string At(int pixel, int width) => $"(row {pixel / width}, column {pixel % width})";

    private static float[] Read(string path, BgrImage image, int channels)
    {
        (int height, int width) = (image.Height, image.Width);
        NumpyArray array = NumpyArray.Read(path, shape =>
        {
            bool fits = shape.Count is 2 or 3 && shape[0] == height && shape[1] == width && (shape.Count == 2 ? channels == 1 : shape[2] == channels);
            if (!fits)
            {
                string flat = channels == 1 ? $" or ({height}, {width})" : "";
                throw new DataException($"{path}: array of shape ({string.Join(", ", shape)}); expected ({height}, {width}, {channels}){flat} as its image; write it again");
            }
        });
        return array.Values;
    }
}
