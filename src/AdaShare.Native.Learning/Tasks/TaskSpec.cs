using AdaShare.Native.Data.Datasets;
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
    public LabelKind Label => Kind.Label;

    /// <summary>The task of a kind's name.</summary>
    /// <exception cref="ConfigurationException">No kind has the name.</exception>
    public static TaskSpec Of(string name, int channels, double lambda) =>
        new(name, TaskRegistry.Find(name) ?? throw new ConfigurationException($"tasks: {name} is not known; tasks are {string.Join(", ", TaskRegistry.Names)}"), channels, lambda);

    /// <summary>The tasks of a configuration.</summary>
    public static IReadOnlyList<TaskSpec> Of(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return [.. config.Tasks.Select((name, i) => Of(name, config.TasksNumClass[i], config.Lambdas[i]))];
    }

    /// <summary>A new accumulator of the task's metrics.</summary>
    /// <param name="decodedNormals">Whether normals, in labels and predictions, are decoded to [-1, 1].</param>
    public TaskMetrics CreateMetrics(bool decodedNormals) => Kind.CreateMetrics(Channels, decodedNormals);
}
