using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Methods.Tests.ImageLabels;

/// <summary>Noise in three colours with a class, two properties and a number for each image; some images lack one or two of them.</summary>
internal sealed class LabelledImages : IDataset
{
    public const int Height = 36, Width = 44;

    public static Label Class { get; } = Label.Of(LabelKind.Class);

    public static Label Properties { get; } = new(LabelKind.Attributes, "properties", 2);

    public static Label Numbers { get; } = new(LabelKind.Values, "numbers", 1);

    public string Name => "labelled images";

    public IReadOnlyList<Label> Labels { get; } = [Class, Properties, Numbers];

    public string Origin => "noise";

    public int ClassesOf(Label label) => label == Class ? 3 : 0;

    public IReadOnlyList<string> ClassNamesOf(Label label) => label == Class ? ["blue", "green", "red"] : label == Properties ? ["even", "coloured"] : ["brightness"];

    public int Count(Split split) => split switch { Split.Train => 9, Split.TrainWeights => 6, Split.TrainPolicy => 3, Split.Validation => 3, _ => 4 };

    public string Id(Split split, int index) => $"image {Number(split, index)}";

    public Sample Load(Split split, int index, IReadOnlyList<Label> labels)
    {
        int number = Number(split, index), c = number % 3;
        var stream = RandomStream.For(5, $"image {number}");
        var pixels = new byte[Height * Width * BgrImage.Channels];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)(stream.Integer((ulong)i, 100) + (i % 3 == c ? 100 : 0));
        }

        var planes = new Dictionary<Label, Plane>();
        foreach (Label label in labels)
        {
            float[]? values = label.Kind switch
            {
                LabelKind.Class => number % 4 == 3 ? null : [c],
                LabelKind.Attributes => [number % 2, number % 5 == 2 ? 255 : 1],
                _ => number % 3 == 2 ? null : [number / 10f],
            };
            if (values is not null)
            {
                planes[label] = new Plane(1, 1, values.Length, values);
            }
        }

        return new(Id(split, index), new BgrImage(Height, Width, pixels), planes);
    }

    /// <summary>The parts follow one another: weights, policy, validation, test.</summary>
    private static int Number(Split split, int index) => index + split switch { Split.TrainPolicy => 6, Split.Validation => 9, Split.Test => 12, _ => 0 };
}
