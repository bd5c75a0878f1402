using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Benchmarking.Workloads;

/// <summary>The first images of each part of a data set.</summary>
/// <param name="inner">The data set.</param>
/// <param name="limit">How many images a part has at most, at least 1.</param>
internal sealed class FirstImages(IDataset inner, int limit) : IDataset
{
    public string Name => inner.Name;

    public InputKind Inputs => inner.Inputs;

    public IReadOnlyList<Label> Labels => inner.Labels;

    public int ClassesOf(Label label) => inner.ClassesOf(label);

    public IReadOnlyList<string> ClassNamesOf(Label label) => inner.ClassNamesOf(label);

    public IReadOnlyList<float> ClassWeightsOf(Label label) => inner.ClassWeightsOf(label);

    public bool CountsVoidAsWrong => inner.CountsVoidAsWrong;

    public int Count(Split split) => Math.Min(limit, inner.Count(split));

    public string Id(Split split, int index) => inner.Id(split, index);

    public Sample Load(Split split, int index, IReadOnlyList<Label> labels) => inner.Load(split, index, labels);
}
