using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Learning.Tasks;
using Target = AdaShare.Native.Data.Loading.Target;

namespace AdaShare.Native.Learning.Tests.Tasks;

/// <summary>Three tasks that speak of images as a whole, and targets of them for batches of some images.</summary>
internal static class ImageLabels
{
    public static TaskSpec Class { get; } = TaskSpec.Of("class", 4, 1);

    public static TaskSpec Properties { get; } = TaskSpec.Of("properties", 3, 1, "attributes");

    public static TaskSpec Numbers { get; } = TaskSpec.Of("numbers", 2, 1, "values");

    /// <summary>The target of a batch.</summary>
    /// <param name="task">The task.</param>
    /// <param name="labels">The label of each image; null where it has none.</param>
    public static Target Target(TaskSpec task, params float[]?[] labels)
    {
        Sample[] samples =
        [
            .. labels.Select((label, i) => new Sample($"image {i}", new BgrImage(1, 1, new byte[3]), label is null ? new Dictionary<Label, Plane>() : new Dictionary<Label, Plane> { [task.Label] = new(1, 1, label.Length, label) })),
        ];
        return BatchAssembler.Assemble(samples, [task.Label], new BatchShape(samples.Length, 1, 1, 1, 1)).Targets[task.Label];
    }
}
