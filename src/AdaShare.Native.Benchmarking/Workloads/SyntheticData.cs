using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Verification;

namespace AdaShare.Native.Benchmarking.Workloads;

/// <summary>Random images and labels from a formula that is the same everywhere, see <see cref="GoldenFormula"/>. Never zeros: they would compute faster on some devices, and draw less power.</summary>
public static class SyntheticData
{
    private const int Classes = 40;

    /// <summary>The numbers offset + scale * uniform(name, i), rounded to single precision; see <see cref="GoldenFormula.Uniform(string, long)"/>.</summary>
    /// <param name="name">The sequence's name.</param>
    /// <param name="count">How many.</param>
    /// <param name="offset">The smallest number.</param>
    /// <param name="scale">The distance between the smallest and the largest.</param>
    public static float[] Uniform(string name, long count, double offset, double scale)
    {
        var values = new float[count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(offset + (scale * GoldenFormula.Uniform(name, i)));
        }

        return values;
    }

    /// <summary>A batch of images [count, height, width, 3].</summary>
    /// <exception cref="ConfigurationException">No array holds so many values.</exception>
    public static float[] Images(int count, int height, int width)
    {
        Check(count, height, width);
        return Uniform("eval/image", 3L * count * height * width, -128, 256);
    }

    /// <summary>A training batch.</summary>
    /// <param name="labels">The kinds of label that it has.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="inputs">What its examples are.</param>
    public static Batch Batch(IReadOnlyList<Label> labels, BatchShape shape, InputKind inputs = InputKind.Image)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return BatchAssembler.Assemble([.. Enumerable.Range(0, shape.Count).Select(i => Sample(i, shape.Height, shape.Width, labels, inputs))], labels, shape);
    }

    /// <summary>Refuses images that no array holds.</summary>
    internal static void Check(int count, int height, int width)
    {
        if (3.0 * count * height * width > Array.MaxLength)
        {
            throw new ConfigurationException($"images of {count} x {height} x {width} x 3 values are more than the {Array.MaxLength} of one buffer; take a smaller batch or smaller images");
        }
    }

    private static Sample Sample(int i, int height, int width, IReadOnlyList<Label> labels, InputKind inputs) => new(
        $"synthetic {i}", inputs == InputKind.Text
            ? new CharacterText(Array.ConvertAll(Uniform($"step/{i}/text", width, 0, TextAlphabet.Count - 1), static v => (byte)v))
            : new BgrImage(height, width, Array.ConvertAll(Uniform($"step/{i}/image", 3L * height * width, 0, 255), static v => (byte)v)), labels.ToDictionary(static label => label, label => PlaneOf(i, height, width, label)));

    private static Plane PlaneOf(int i, int height, int width, Label label)
    {
        long pixels = (long)height * width;
        Plane Of(string name, double offset, double scale, int channels = 1) => new(height, width, channels, Uniform($"step/{i}/{name}", pixels * channels, offset, scale));
        Plane OfImage(Func<float, float> value) => new(1, 1, label.Channels, Array.ConvertAll(Uniform($"step/{i}/{label}", label.Channels, 0, 1), v => value(v)));
        return label.Kind switch
        {
            LabelKind.Segmentation => new Plane(height, width, 1, Array.ConvertAll(Of("seg", 0, Classes).Values, static c => MathF.Min(Classes - 1, MathF.Floor(c)))),
            LabelKind.SurfaceNormals => Of("sn", 1, 200, channels: 3),
            LabelKind.Depth => Of("depth", 0.5, 4),
            LabelKind.Keypoints => Of("keypoint", -1, 2),
            LabelKind.Class => OfImage(static v => MathF.Min(1, MathF.Floor(2 * v))),
            LabelKind.Attributes => OfImage(MathF.Round),
            LabelKind.Values => OfImage(static v => v),
            _ => Of("edge", -1, 2),
        };
    }
}
