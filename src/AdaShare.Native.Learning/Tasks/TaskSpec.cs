using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Registry;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Metrics;

namespace AdaShare.Native.Learning.Tasks;

/// <summary>One task of a network: what it predicts, with how many channels, and how much its loss weighs.</summary>
/// <param name="Name">Its name in configurations, files and tables.</param>
/// <param name="Kind">What kind of task it is.</param>
/// <param name="Channels">Channels of its prediction.</param>
/// <param name="Lambda">The weight of its loss.</param>
public sealed record TaskSpec(string Name, ITask Kind, int Channels, double Lambda)
{
    /// <summary>The label that it is trained on.</summary>
    public Label Label => Kind.LabelOf(Name, Channels);

    /// <summary>A task of a kind.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="channels">Channels of its prediction.</param>
    /// <param name="lambda">The weight of its loss.</param>
    /// <param name="kind">The kind's name; null where the task has it.</param>
    /// <exception cref="ConfigurationException">No kind has the name.</exception>
    public static TaskSpec Of(string name, int channels, double lambda, string? kind = null) => new(
        name, TaskRegistry.Find(kind ?? name) ?? throw new ConfigurationException($"tasks: {kind ?? name} is not a kind of task; there are {string.Join(", ", TaskRegistry.Names)}"), channels, lambda);

    /// <summary>The tasks of a configuration, in the units of its data set.</summary>
    public static IReadOnlyList<TaskSpec> Of(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        string depth = DatasetRegistry.Find(config.Dataload.Dataset)?.DepthUnit ?? "m";
        TaskSpec Task(string name, int i) => Of(name, config.TasksNumClass[i], config.Lambdas[i], config.TaskKinds.Count > 0 ? config.TaskKinds[i] : null);
        return [.. config.Tasks.Select(Task).Select(task => task with { Kind = task.Kind.In(depth) })];
    }

    /// <summary>A new accumulator of the task's metrics.</summary>
    /// <param name="decodedNormals">Whether normals, in labels and predictions, are decoded to [-1, 1].</param>
    public TaskMetrics CreateMetrics(bool decodedNormals) => Kind.CreateMetrics(Channels, decodedNormals);
}
