using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Learning.Tests;

/// <summary>One picture with classes that weigh differently; pixels without a class are wrong in the official reading.</summary>
internal sealed class WeightedDataset(float[] weights, Plane classes) : IDataset
{
    public string Name => "weighted";

    public IReadOnlyList<Label> Labels => [Label.Segmentation];

    public bool CountsVoidAsWrong => true;

    public int ClassesOf(Label label) => weights.Length;

    public IReadOnlyList<string> ClassNamesOf(Label label) => [];

    public IReadOnlyList<float> ClassWeightsOf(Label label) => weights;

    public int Count(Split split) => 1;

    public string Id(Split split, int index) => "one";

    public Sample Load(Split split, int index, IReadOnlyList<Label> labels) =>
        new("one", new BgrImage(classes.Height, classes.Width, new byte[classes.Height * classes.Width * 3]), new Dictionary<Label, Plane> { [Label.Segmentation] = classes });
}
