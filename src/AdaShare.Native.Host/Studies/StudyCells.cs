using System.Diagnostics;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Host.Datasets;
using AdaShare.Native.Host.Runs;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods;
using AdaShare.Native.Studies.Results;
using AdaShare.Native.Studies.Running;
using AdaShare.Native.Studies.Specification;
using AdaShare.Native.Studies.Tables;

namespace AdaShare.Native.Host.Studies;

/// <summary>The cells of a study as ordinary runs: a run folder each, under the study's folder.</summary>
/// <param name="spec">The study.</param>
/// <param name="folder">The study's folder.</param>
/// <param name="data">The folder of <c>--data</c>, or null.</param>
/// <param name="cache">The file of <c>--cache</c>, or null.</param>
public sealed class StudyCells(StudySpec spec, string folder, string? data, string? cache = null)
{
    private static readonly string[] MustBeEqual = ["tasks", "tasks_num_class", "dataload", "numerics"];

    private const string CellFile = "cell.json";
    private const string FailureFile = "failure.json";
    private const int WarmUps = 2;
    private const int Timed = 9;

    // All cells have the same data; see Check.
    private DataManifest? _manifest;

    /// <summary>Where a cell's run lies.</summary>
    public string FolderOf(StudyCell cell)
    {
        ArgumentNullException.ThrowIfNull(cell);
        return Path.Combine(folder, StudyFolder.CellFolderName, cell.Id);
    }

    /// <summary>The configuration of a cell: the study's base and settings, the method's own, the seed, and the steps that the match of budgets asks for.</summary>
    /// <exception cref="ConfigurationException">A key or value is wrong; the message names the cell.</exception>
    public RunConfig ConfigOf(StudyCell cell)
    {
        ArgumentNullException.ThrowIfNull(cell);
        int shared = spec.Set.Count;
        var request = new ConfigRequest(spec.Config, spec.Preset, [$"method={cell.Method}", .. cell.Overrides.Skip(shared)], data, cell.Seed)
        {
            Between = [("the study's set", spec.Set)],
            Source = $"set of {cell.Label}",
            Cache = cache,
        };
        RunConfig config = ConfigLoader.Load(request).Config;
        config.ExpName = cell.Id;
        if (config.Dataload.Dataroot is { } root)
        {
            config.Dataload.Dataroot = Path.GetFullPath(root);
        }

        config.Init = config.Init is { } weights ? Path.GetFullPath(weights) : null;
        config.Dataload.Cache = config.Dataload.Cache is { } file ? Path.GetFullPath(file) : null;
        // A cell has the steps that its study says: it is never extended.
        config.Train.KeepLast = false;
        if (cell.Match == BudgetMatch.Total)
        {
            // What a search may spend before the final network, a method without a search spends on the network itself.
            int alone = config.Train.FinalSteps;
            long missing = config.Train.TotalIters - MethodRegistry.Get(cell.Method).StepsBefore(config);
            config.Train.RetrainTotalIters = (int)Math.Min(int.MaxValue, alone + missing);

            // The learning rate falls at the same fractions of the training, or the longer one would end at a lower rate.
            config.Train.DecayLrFreq = (int)Math.Min(int.MaxValue, Math.Round((double)config.Train.DecayLrFreq * config.Train.FinalSteps / alone));
        }

        return config;
    }

    /// <summary>Checks that cells can be compared: the same tasks, the same data, the same rounding.</summary>
    /// <param name="cells">All cells of the study.</param>
    /// <returns>The configuration of the first.</returns>
    /// <exception cref="ConfigurationException">A cell's configuration is wrong, or differs from the first one's in what a comparison needs equal.</exception>
    public RunConfig Check(IEnumerable<StudyCell> cells)
    {
        ArgumentNullException.ThrowIfNull(cells);
        (StudyCell Cell, RunConfig Config)[] all = [.. cells.Select(cell => (cell, ConfigOf(cell)))];
        var seen = new Dictionary<string, StudyCell>();
        foreach ((StudyCell cell, RunConfig config) in all)
        {
            config.ExpName = "";
            if (!seen.TryAdd(ConfigWriter.Write(config), cell))
            {
                StudyCell other = seen[ConfigWriter.Write(config)];
                throw new ConfigurationException($"the cells {other.Id} and {cell.Id} would be the same run, so their difference would say nothing; let {cell.Label} differ from {other.Label} in a key that matters, or leave one out");
            }


            if (config.Init is { } weights && !Path.Exists(weights))
            {
                throw new ConfigurationException($"{cell.Label}: init is {weights}, and there is no such file; give a file of weights or the folder of a run, or leave init out");
            }

            string? different = ConfigSection.Root.Keys.Where(key => MustBeEqual.Contains(key.Name)).SelectMany(key => ConfigSection.Differences([key], all[0].Config, config)).FirstOrDefault();
            if (different is not null)
            {
                throw new ConfigurationException($"{cell.Label} has another {different} than {all[0].Cell.Label}; what is compared needs the same tasks, data and numerics, so set it for the whole study");
            }
        }

        return all[0].Config;
    }

    /// <summary>The optimiser steps that a cell will take, those of policies that are not chosen and of networks to compare with included.</summary>
    public long StepsOf(StudyCell cell) => MethodRegistry.Get(cell.Method).AllSteps(ConfigOf(cell));

    /// <summary>The result or the failure that a cell's folder holds; null for neither.</summary>
    /// <exception cref="ConfigurationException">The folder's run has another configuration than the study now asks for, for example because its base configuration changed.</exception>
    /// <exception cref="DataException">The folder's run was trained or measured on other data, or a file of it is damaged.</exception>
    public CellResult? Load(StudyCell cell)
    {
        string path = FolderOf(cell);
        if (File.Exists(Path.Combine(path, CellFile)))
        {
            RunConfig config = ConfigOf(cell);
            RunFolder run = RunPlanner.At(config, path).Folder;
            if (DataManifest.Fault(run, _manifest ??= DataManifest.Of(DatasetFactory.Open(config)), RunRecord.Read(run)?.Label.Data ?? "") is { } fault)
            {
                throw new DataException($"{fault}; bring the data back as they were, or delete {path}, and the study runs this cell again");
            }
        }

        string? file = new[] { CellFile, FailureFile }.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists);
        CellResult? result = file is null ? null : StudyFile.ReadCell(file);
        return result is null || result.Cell == cell.Id
            ? result
            : throw new DataException($"{file}: is the result of {result.Cell}; delete it, and the next start writes that of {cell.Id}");
    }

    /// <summary>Keeps a failure for later starts and other shards.</summary>
    public void StoreFailure(CellResult failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        string path = Path.Combine(folder, StudyFolder.CellFolderName, failure.Cell);
        Directory.CreateDirectory(path);
        StudyFile.WriteCell(Path.Combine(path, FailureFile), failure);
    }

    /// <summary>Trains a cell, or goes on with it, and keeps its result.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="backend">Where to compute; it rounds as the cell's configuration says.</param>
    /// <param name="observer">Who is told.</param>
    /// <param name="stop">Asks to stop after the step that is under way.</param>
    public CellOutcome Run(StudyCell cell, Backend backend, IRunObserver observer, CancellationToken stop)
    {
        try
        {
            return Train(cell, backend, observer, stop);
        }
        catch (RunInUseException)
        {
            return CellOutcome.Elsewhere;
        }
    }

    private CellOutcome Train(StudyCell cell, Backend backend, IRunObserver observer, CancellationToken stop)
    {
        RunConfig config = ConfigOf(cell);
        PlannedRun plan = RunPlanner.At(config, FolderOf(cell));
        IMethod method = MethodRegistry.Get(config.Method);
        IDataset dataset = DatasetFactory.OpenCached(config, rebuild: false, static _ => { }, stop);
        using var opened = dataset as IDisposable;
        MetricsFile metrics;
        if (File.Exists(plan.Folder.Metrics))
        {
            metrics = MetricsFile.Read(plan.Folder.Metrics);
        }
        else
        {
            metrics = Trainer.Run(method, config, backend, dataset, plan.Folder, observer, plan.Resumes, stop, new RunTerms { Configuration = ConfigWriter.Write(config), FindRun = StartingRuns.Find });
        }

        CellResult result = Result(cell, metrics) with { Times = Times(metrics, Latency(method, plan, backend, dataset, metrics.Cost.Height, metrics.Cost.Width)) };
        StudyFile.WriteCell(Path.Combine(plan.Folder.Path, CellFile), result);
        File.Delete(Path.Combine(plan.Folder.Path, FailureFile));
        return CellOutcome.Finished(result);
    }

    /// <summary>The metrics of a study, in the order of its table.</summary>
    /// <param name="tasks">The tasks.</param>
    public static IReadOnlyList<MetricDescription> Metrics(IReadOnlyList<TaskSpec> tasks)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        return [.. tasks.SelectMany(task => task.Kind.Metrics.Select(info =>
            new MetricDescription(task.Name, info.Name, info.IsOfficial ? $"{info.Title} (official reading)" : info.Title, info.Unit, info.HigherIsBetter, Counts: info.IsCompared)))];
    }

    private static CellResult Result(StudyCell cell, MetricsFile metrics) => new()
    {
        Cell = cell.Id,
        Method = cell.Method,
        Label = cell.Label,
        Variant = cell.Variant,
        Seed = cell.Seed,
        Match = cell.Match,
        Metrics = Values(metrics.Final.Metrics),
        ValidationScore = metrics.Final.Score,
        Budget = new CellBudget([.. metrics.Budget.Where(phase => !IsComparison(metrics, phase.Key)).Select(static phase =>
            new Native.Studies.Results.PhaseBudget(phase.Key, phase.Value.WeightSteps, phase.Value.OtherSteps, phase.Value.Images, phase.Value.MultiplyAdds))]),
        FinalSteps = metrics.FinalSteps,
        Cost = new ModelCost(
            metrics.Cost.BackboneParameters, metrics.Cost.HeadParameters, metrics.Cost.ExecutedMultiplyAdds, metrics.Cost.PassesBackboneMultiplyAdds + metrics.Cost.HeadMultiplyAdds,
            metrics.Cost.Height, metrics.Cost.Width)
        {
            Images = metrics.Cost.Images,
        },
        PeakBytes = metrics.PeakBytes.Where(phase => !IsComparison(metrics, phase.Key)).Select(static phase => (long?)phase.Value).Max(),
        Policies = metrics.Candidates.Count > 1
            ? [.. metrics.Candidates.Select(static candidate => new SampledPolicy(Values(candidate.Test.Metrics), candidate.Test.Score, candidate.Selected))]
            : [],
        ArgMax = metrics.Others.Find(static other => other.Name == NamedResult.ArgMaxPolicy) is { } likely ? Values(likely.Test.Metrics) : null,
        Provenance = Provenance(metrics.Provenance),
    };

    private static CellProvenance Provenance(RunProvenance run)
    {
        string[] version = run.Version.Split('+', 2);
        return new CellProvenance(version[0], version.Length == 2 ? version[1] : "unknown", run.Device, run.Numerics);
    }

    private static CellTimes Times(MetricsFile metrics, double latency)
    {
        Dictionary<string, double> seconds = metrics.Budget.Where(phase => !IsComparison(metrics, phase.Key)).ToDictionary(static phase => phase.Key, static phase => phase.Value.Seconds);
        return new(seconds.Values.Sum(), latency, seconds);
    }

    /// <summary>Whether a phase made only a network to compare with, which is no part of what the method costs.</summary>
    private static bool IsComparison(MetricsFile metrics, string phase) => metrics.Others.Exists(other => other.IsComparison && other.Name == phase);

    /// <summary>The median wall time of the prediction for all tasks of one test image, of the size for which multiply-adds are counted, in milliseconds.</summary>
    private static double Latency(IMethod method, PlannedRun plan, Backend backend, IDataset dataset, int height, int width)
    {
        using TrainedNetwork network = method.Networks(plan.Folder, plan.Config)[^1].Load(method, plan.Config, backend);
        IDataset images = TaskGroup.Of(dataset, network.Model.Tasks)[0].Dataset;
        StoredInput stored = images.Load(Split.Test, 0, []).Input, image = stored is BgrImage picture ? picture.Crop(height, width) : stored;
        var times = new List<double>(Timed);
        for (int i = 0; i < WarmUps + Timed; i++)
        {
            long start = Stopwatch.GetTimestamp();
            Evaluator.Predict(network.Model, network.Gates, image);
            if (i >= WarmUps)
            {
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        return times.Order().ElementAt(Timed / 2);
    }

    private static MetricValues Values(Dictionary<string, Dictionary<string, double>> metrics)
    {
        var values = new MetricValues();
        foreach ((string task, Dictionary<string, double> ofTask) in metrics)
        {
            foreach ((string name, double value) in ofTask)
            {
                values.Set(task, name, value);
            }
        }

        return values;
    }
}
