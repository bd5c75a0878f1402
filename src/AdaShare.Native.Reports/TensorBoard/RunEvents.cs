using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Reports.Protobuf;
using AdaShare.Native.Reports.RunPages;

namespace AdaShare.Native.Reports.TensorBoard;

/// <summary>
/// A run as TensorBoard shows it: a folder of event files, in which each phase is a run of its own (a colour) over its steps, and the folder itself has hyper-parameters, results and pictures.
/// All that the files have comes from the run's own files, so they can be written while it trains, or later.
/// </summary>
public sealed class RunEvents : IDisposable
{
    /// <summary>The name of the folder within that of a run.</summary>
    public const string FolderName = "tensorboard";

    private const string TestPrefix = "test/";

    private readonly string _folder;
    private readonly IReadOnlyList<TaskSpec> _tasks;
    private readonly Dictionary<(string, int), EventFile> _phases = [];
    private readonly EventFile _run;
    private int _steps;
    private int _validations;

    private RunEvents(string folder, IReadOnlyList<TaskSpec> tasks, EventFile run) => (_folder, _tasks, _run) = (folder, tasks, run);

    /// <summary>Begins event files in place of those that this program wrote in the folder before.</summary>
    /// <param name="folder">The folder; it is made where it is missing.</param>
    /// <param name="tasks">The run's tasks.</param>
    /// <param name="settings">The hyper-parameters by name: numbers, truth values, texts.</param>
    /// <exception cref="IOException">A file could not be written.</exception>
    /// <exception cref="UnauthorizedAccessException">A file must not be written.</exception>
    public static RunEvents Begin(string folder, IReadOnlyList<TaskSpec> tasks, IReadOnlyDictionary<string, object> settings)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(settings);
        EventFile.Sweep(folder);
        EventFile run = EventFile.Begin(folder);
        string[] metrics = [.. tasks.SelectMany(static task => task.Kind.Metrics.Where(static info => !info.IsOfficial).Select(info => Tag(task.Name, info.Name)))];
        run.Add(null, 0, summary =>
        {
            HyperParameters.Experiment(summary, settings.Keys, metrics);
            HyperParameters.SessionStart(summary, settings, DateTimeOffset.UtcNow);
        });
        run.Flush();
        return new RunEvents(folder, tasks, run);
    }

    /// <summary>Removes the files that this program wrote in a folder, as far as that can be done: half of them would be taken for a run.</summary>
    public static void Remove(string folder)
    {
        try
        {
            EventFile.Sweep(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // What stopped the writing stops this too; the error that is on its way says it.
        }
    }

    /// <summary>Writes what a history has more than the last time.</summary>
    /// <exception cref="IOException">A file could not be written.</exception>
    public void Add(RunHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        for (; _steps < history.Steps.Count; _steps++)
        {
            Add(history.Steps[_steps]);
        }

        for (; _validations < history.Validations.Count; _validations++)
        {
            Add(history.Validations[_validations]);
        }

        _phases.Values.ToList().ForEach(static file => file.Flush());
    }

    /// <summary>Writes what a finished run found on the test part, what its network costs, and that it ended.</summary>
    /// <exception cref="IOException">A file could not be written.</exception>
    public void Finish(MetricsFile results)
    {
        ArgumentNullException.ThrowIfNull(results);
        _run.Add(null, results.FinalSteps, summary =>
        {
            foreach ((string task, Dictionary<string, double> metrics) in results.Final.Metrics)
            {
                Scalars(summary, metrics.Select(metric => (Tag(task, metric.Key), metric.Value)));
            }

            Summaries.Scalar(summary, "cost/executed_backbone_multiply_adds", results.Cost.ExecutedBackboneMultiplyAdds);
            Summaries.Scalar(summary, "cost/passes_backbone_multiply_adds", results.Cost.PassesBackboneMultiplyAdds);
        });
        _run.Add(null, 0, static summary => HyperParameters.SessionEnd(summary, DateTimeOffset.UtcNow));
        _run.Flush();
    }

    /// <summary>Writes a picture.</summary>
    /// <param name="tag">Its name; parts are separated by /.</param>
    /// <param name="picture">The picture.</param>
    /// <exception cref="IOException">A file could not be written.</exception>
    public void Add(string tag, Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        _run.Add(null, 0, summary => Summaries.Image(summary, tag, picture));
        _run.Flush();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _run.Dispose();
        _phases.Values.ToList().ForEach(static file => file.Dispose());
    }

    private static string Tag(string task, string metric) => $"{TestPrefix}{task}/{metric}";

    private void Add(LoggedStep step) => Of(step.Position).Add(step.Time.Time, step.Position.Step, summary =>
    {
        Scalars(summary, step.Losses.Select(static loss => ($"loss/{loss.Key}", loss.Value)));
        foreach ((string name, double value) in step.Figures.Where(static figure => figure.Key is not ("index" or "step")))
        {
            Summaries.Scalar(summary, name == "loss" ? "loss/total" : name == "learning_rate" ? "learning_rate/first_group" : name.Contains('/') ? name : $"figures/{name}", value);
        }

        Policy(summary, step.Probability);
    });

    private void Add(LoggedValidation validation) => Of(validation.Position).Add(validation.Time.Time, validation.Position.Step, summary =>
    {
        foreach ((string task, IReadOnlyDictionary<string, double> metrics) in validation.Metrics)
        {
            Scalars(summary, metrics.Select(metric => ($"validation/{task}/{metric.Key}", metric.Value)));
        }

        if (validation.Probability is { } probability)
        {
            Summaries.Image(summary, "policy", PolicyPicture.Of(probability));
        }
    });

    private void Policy(ProtoWriter summary, double[][]? probability)
    {
        for (int t = 0; t < (probability?.Length ?? 0) && t < _tasks.Count; t++)
        {
            Scalars(summary, probability![t].Select((p, block) => ($"policy/{_tasks[t].Name}/block_{block:00}", p)));
        }
    }

    private static void Scalars(ProtoWriter summary, IEnumerable<(string Tag, double Value)> values)
    {
        foreach ((string tag, double value) in values)
        {
            Summaries.Scalar(summary, tag, value);
        }
    }

    private EventFile Of(RunPosition position)
    {
        if (!_phases.TryGetValue((position.Phase, position.Index), out EventFile? file))
        {
            file = EventFile.Begin(Path.Combine(_folder, position.Index > 0 ? $"{position.Phase}_{position.Index}" : position.Phase));
            _phases[(position.Phase, position.Index)] = file;
        }

        return file;
    }
}
