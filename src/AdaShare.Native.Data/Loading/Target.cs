using System.Buffers;
using AdaShare.Native.Data.Augmentation;
using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Data.Loading;

/// <summary>The targets of one label for a batch. What an image or a pixel lacks is masked, so that it contributes nothing.</summary>
public sealed class Target
{
    private const float Ignored = 255;
    private const float SmallestDepth = 3e-5f;

    internal Target(Label label, int pixels)
    {
        Label = label;
        int values = checked(pixels * label.Channels);
        (Classes, Values) = label.IsOfClasses ? (new int[pixels], Array.Empty<float>()) : ([], new float[values]);
        Mask = new byte[HasMaskOfChannels(label) ? values : pixels];
    }

    /// <summary>The label.</summary>
    public Label Label { get; }

    /// <summary>For classes: [N, h, w] class indices, where there is none 255 (of pixels) or -1 (of images); otherwise empty. h and w are 1 where the label speaks of the image.</summary>
    public int[] Classes { get; }

    /// <summary>For the other labels: [N, h, w, channels]; otherwise empty. Numbers that are not known are 0.</summary>
    public float[] Values { get; }

    /// <summary>[N, h, w], of attributes and values [N, channels]: 1 where it counts, else 0.</summary>
    public byte[] Mask { get; }

    /// <summary>The weight of each class in the loss; empty where all weigh the same.</summary>
    public IReadOnlyList<float> ClassWeights { get; internal set; } = [];

    /// <summary>Whether a value of a label counts in losses and metrics.</summary>
    /// <param name="kind">What the label says.</param>
    /// <param name="pixel">The pixel's channels; of attributes and values one channel.</param>
    /// <returns>
    /// Depth: more than 3e-5 m. Normals: the largest channel is below 255. Classes of images: 0 or more. Values: a number. Others: not 255. As in the official losses.
    /// </returns>
    public static bool Counts(LabelKind kind, ReadOnlySpan<float> pixel) => kind switch
    {
        LabelKind.Depth => pixel[0] > SmallestDepth,
        LabelKind.SurfaceNormals => Math.Max(pixel[0], Math.Max(pixel[1], pixel[2])) < Ignored,
        LabelKind.Class => pixel[0] >= 0,
        LabelKind.Values => float.IsFinite(pixel[0]),
        _ => pixel[0] != Ignored,
    };

    /// <summary>A copy of the targets of one image.</summary>
    /// <param name="index">The image, from 0.</param>
    /// <param name="images">The number of images, N.</param>
    public Target OfImage(int index, int images)
    {
        int pixels = (Label.IsOfClasses ? Classes.Length : Values.Length / Label.Channels) / images;
        var own = new Target(Label, pixels) { ClassWeights = ClassWeights };
        Part(Mask, own.Mask, index);
        Part(Classes, own.Classes, index);
        Part(Values, own.Values, index);
        return own;
    }

    /// <summary>The label of an image as a whole.</summary>
    internal void Put(int index, Plane label)
    {
        if (Label.IsOfClasses)
        {
            (Classes[index], Mask[index]) = ((int)label.Values[0], Counts(Label.Kind, label.Values) ? (byte)1 : (byte)0);
            return;
        }

        for (int c = 0, at = index * Label.Channels; c < Label.Channels; c++, at++)
        {
            bool counts = Counts(Label.Kind, label.Values.AsSpan(c, 1));
            (Values[at], Mask[at]) = (counts ? label.Values[c] : 0, counts ? (byte)1 : (byte)0);
        }
    }

    /// <summary>A plane through the window of its image, at the pixels that predictions have.</summary>
    internal void Put(int index, Plane label, in LabelWindow window, ReadOnlySpan<int> rows, ReadOnlySpan<int> columns)
    {
        int pixels = rows.Length * columns.Length, start = index * pixels;
        if (Label.IsOfClasses)
        {
            PutClasses(start, label, window, rows, columns);
            return;
        }

        Span<float> values = Values.AsSpan(start * label.Channels, pixels * label.Channels);
        LabelCrop.Write(Label.Kind, label, window, rows, columns, values);
        MarkPixels(start, values, label.Channels);
    }

    /// <summary>An image that lacks the label.</summary>
    internal void PutMissing(int index, int images)
    {
        int values = Values.Length / images, classes = Classes.Length / images, masks = Mask.Length / images;
        Values.AsSpan(index * values, values).Clear();
        Classes.AsSpan(index * classes, classes).Fill(Label.IsOfImage ? -1 : (int)Ignored);
        Mask.AsSpan(index * masks, masks).Clear();
    }

    private static bool HasMaskOfChannels(Label label) => label.Kind is LabelKind.Attributes or LabelKind.Values;

    private void PutClasses(int start, Plane label, in LabelWindow window, ReadOnlySpan<int> rows, ReadOnlySpan<int> columns)
    {
        int pixels = rows.Length * columns.Length;
        float[] scratch = ArrayPool<float>.Shared.Rent(pixels);
        try
        {
            Span<float> values = scratch.AsSpan(0, pixels);
            LabelCrop.Write(Label.Kind, label, window, rows, columns, values);
            for (int i = 0; i < pixels; i++)
            {
                Classes[start + i] = (int)values[i];
            }

            MarkPixels(start, values, channels: 1);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(scratch);
        }
    }

    private void MarkPixels(int start, ReadOnlySpan<float> values, int channels)
    {
        for (int i = 0; i * channels < values.Length; i++)
        {
            Mask[start + i] = Counts(Label.Kind, values.Slice(i * channels, channels)) ? (byte)1 : (byte)0;
        }
    }

    private static void Part<T>(T[] all, T[] own, int index) => Array.Copy(all, index * own.Length, own, 0, own.Length);
}
