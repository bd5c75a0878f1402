using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.MultiTask.Configuration;

namespace AdaShare.Native.MultiTask.Tasks;

/// <summary>One task: what it predicts, with how many channels, and how much its loss weighs.</summary>
/// <param name="Name"><c>seg</c>, <c>sn</c>, <c>depth</c>, <c>keypoint</c> or <c>edge</c>.</param>
/// <param name="Label">The label that it is trained on.</param>
/// <param name="Channels">Channels of its prediction.</param>
/// <param name="Lambda">The weight of its loss.</param>
public sealed record TaskSpec(string Name, LabelKind Label, int Channels, double Lambda)
{
    private static readonly (string Name, LabelKind Label)[] Known =
    [
        ("seg", LabelKind.Segmentation), ("sn", LabelKind.SurfaceNormals), ("depth", LabelKind.Depth), ("keypoint", LabelKind.Keypoints), ("edge", LabelKind.Edges),
    ];

    /// <summary>The label that ignores a pixel of a segmentation.</summary>
    public const int IgnoreLabel = 255;

    /// <summary>The names of all tasks.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Select(static k => k.Name)];

    /// <summary>The task of a name.</summary>
    /// <exception cref="ConfigurationException">No task has the name.</exception>
    public static TaskSpec Of(string name, int channels, double lambda)
    {
        foreach ((string known, LabelKind label) in Known)
        {
            if (known == name)
            {
                return new TaskSpec(name, label, channels, lambda);
            }
        }

        throw new ConfigurationException($"tasks: {name} is not known; tasks are {string.Join(", ", Names)}");
    }

    /// <summary>The tasks of a configuration.</summary>
    public static IReadOnlyList<TaskSpec> Of(RunConfig config) => [.. config.Tasks.Select((name, i) => Of(name, config.TasksNumClass[i], config.Lambdas[i]))];
}
