using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Learning.Tests;

/// <summary>Pictures with classes that weigh differently; pixels without a class are wrong in the official reading.</summary>
internal sealed class WeightedDataset(float[] weights, params Plane[] classes) : IDataset
{
    /// <summary>What the classes are of.</summary>
    public Label Label { get; init; } = Label.Segmentation;

    public string Name => "weighted";

    public IReadOnlyList<Label> Labels => [Label];

    public bool CountsVoidAsWrong => true;

    public int ClassesOf(Label label) => weights.Length;

    public IReadOnlyList<string> ClassNamesOf(Label label) => [];

    public IReadOnlyList<float> ClassWeightsOf(Label label) => weights;

    public int Count(Split split) => classes.Length;

    public string Id(Split split, int index) => $"{index}";

    public Sample Load(Split split, int index, IReadOnlyList<Label> labels) =>
        new(Id(split, index), new BgrImage(classes[index].Height, classes[index].Width, new byte[classes[index].Height * classes[index].Width * 3]), new Dictionary<Label, Plane> { [Label] = classes[index] });
}
