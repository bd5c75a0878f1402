using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Scenes;

namespace AdaShare.Native.Methods.Tests.Domains;

/// <summary>Two tasks with images of their own: segmentation of the scenes of one seed, depth of those of another. Whoever asks the whole for images, and not its parts, fails.</summary>
internal sealed class TwoDomains : IDataset
{
    public ProceduralScenes Segmentation { get; } = Scenes(seed: 1, train: 6, test: 2);

    public ProceduralScenes Depth { get; } = Scenes(seed: 2, train: 5, test: 3);

    public string Name => "two domains";

    public IReadOnlyList<Label> Labels => [Label.Segmentation, Label.Depth];

    public int ClassesOf(Label label) => Segmentation.ClassesOf(label);

    public IReadOnlyList<string> ClassNamesOf(Label label) => Segmentation.ClassNamesOf(label);

    public IReadOnlyList<DatasetPart> Parts => [new(Segmentation, ["seg"]), new(Depth, ["depth"])];

    public int Count(Split split) => throw Whole();

    public string Id(Split split, int index) => throw Whole();

    public Sample Load(Split split, int index, IReadOnlyList<Label> labels) => throw Whole();

    private static ProceduralScenes Scenes(ulong seed, int train, int test) =>
        new(new ProceduralSceneOptions { Seed = seed, Height = 36, Width = 48, TrainWeights = train, TrainPolicy = 3, Validation = 2, Test = test });

    private static InvalidOperationException Whole() => new("the tasks have images of their own: ask the parts");
}
