using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Studies.Specification;

namespace AdaShare.Native.Host.Runs;

/// <summary>Decides in which folder a run lies and whether it starts or goes on. A finished or half-finished run is never overwritten.</summary>
public static class RunPlanner
{
    private const string DefaultParent = "runs";

    /// <summary>A run from a configuration; it goes on instead of starting where the configuration says <c>resume</c> and the folder holds the run.</summary>
    /// <param name="request">The configuration.</param>
    /// <param name="output">The folder, or null for the default.</param>
    /// <exception cref="ConfigurationException">The configuration is wrong, or the folder holds another run.</exception>
    public static PlannedRun Start(ConfigRequest request, string? output)
    {
        LoadedConfig loaded = ConfigLoader.Load(request);
        RunConfig config = loaded.Config;
        if (config.Dataload.Dataroot is string root)
        {
            config.Dataload.Dataroot = Path.GetFullPath(root);
        }

        config.Init = config.Init is { } weights ? Path.GetFullPath(weights) : null;
        config.Dataload.Cache = config.Dataload.Cache is { } cache ? Path.GetFullPath(cache) : null;
        RequireNoFile(output);
        bool mayResume = config.Train.Resume || config.Train.RetrainResume;
        string? wanted = output ?? (config.Paths.CheckpointDir is string parent ? Path.Combine(parent, config.ExpName) : null);
        string path = wanted ?? Path.Combine(DefaultParent, config.ExpName);
        for (int number = 2; wanted is null && !mayResume && IsTaken(path); number++)
        {
            path = Path.Combine(DefaultParent, $"{config.ExpName}-{number}");
        }

        var folder = new RunFolder(path);
        bool resumes = mayResume && IsTaken(path);
        if (IsTaken(path) && !resumes)
        {
            throw new ConfigurationException($"{path}: there is a run in this folder already; go on with --resume {path}, or choose another --out");
        }

        if (resumes)
        {
            RequireUnchanged(folder);
            RequireSame(folder, config);
        }
        else
        {
            RequireFree(folder);
        }

        return new PlannedRun(config, folder, resumes, loaded.Notices);
    }

    /// <summary>A run that was stopped.</summary>
    /// <param name="path">Its folder.</param>
    /// <param name="request">What the command line says beside it: only where data and cache lie may change.</param>
    /// <param name="output">The folder of <c>--out</c>, which must be absent.</param>
    /// <exception cref="ConfigurationException">The command line asks for another configuration.</exception>
    /// <exception cref="DataException">The folder holds no run.</exception>
    public static PlannedRun Resume(string path, ConfigRequest request, string? output)
    {
        ArgumentNullException.ThrowIfNull(request);
        string? refused = request.File is not null ? "--config" : request.Preset is not null ? "--preset" : request.Seed is not null ? "--seed"
            : request.Init is not null ? "--init" : request.Assignments.Count > 0 ? "--set" : output is not null ? "--out" : null;
        if (refused is not null)
        {
            throw new ConfigurationException($"--resume {path} goes on with the configuration and folder of that run; leave {refused} out, or start a new run without --resume");
        }

        RunFolder folder = StoredRun.FolderOf(path);
        RequireUnchanged(folder);
        string? data = request.Data is null ? null : Path.GetFullPath(request.Data);
        LoadedConfig loaded = ConfigLoader.Load(StoredConfiguration.Request(folder, data) with { Cache = request.Cache is null ? null : Path.GetFullPath(request.Cache) });
        bool isOfBefore = StoredConfiguration.IsOfBefore(folder);
        string[] notices = isOfBefore ? [$"{folder.Config} is of before the run was extended, and is written again from the last checkpoint"] : [];
        return new PlannedRun(loaded.Config, folder, true, notices) { RewritesConfiguration = isOfBefore };
    }

    /// <summary>A run that goes on with more steps of its final training than it was started with.</summary>
    /// <param name="path">Its folder.</param>
    /// <param name="steps">How many more.</param>
    /// <param name="request">What the command line says beside it, see <see cref="Resume"/>.</param>
    /// <param name="output">The folder of <c>--out</c>, which must be absent.</param>
    /// <exception cref="ConfigurationException">The number of steps is wrong, the run is a cell of a study, or its final training can't go on.</exception>
    /// <exception cref="DataException">The folder holds no run.</exception>
    public static PlannedRun Extend(string path, int steps, ConfigRequest request, string? output)
    {
        if (steps < 1)
        {
            throw new ConfigurationException($"--extend is {steps}; expected the number of steps that the final training goes on for, 1 or more");
        }

        PlannedRun plan = Resume(path, request, output);
        if (StudyFolder.StudyOf(path) is { } study)
        {
            throw new ConfigurationException($"{path}: is a cell of the study {study}, whose cells are compared at the steps that the study says, so it can't be extended; start a run of its own with --config {plan.Folder.Config} --out");
        }

        RunState? state = RunRecord.Read(plan.Folder)?.State;
        RunExtension.Require(plan.Folder, state);
        int from = plan.Config.Train.FinalSteps;
        if (from > int.MaxValue - steps)
        {
            throw new ConfigurationException($"--extend is {steps}; expected at most {int.MaxValue - from}, since the final training has {from} steps already");
        }

        plan.Config.Train.RetrainTotalIters = from + steps;
        return plan with { ExtendsFrom = from, Notices = [.. plan.Notices, .. ExtensionText.Of(plan.Config, from, state)] };
    }

    /// <summary>A run in a folder of its own, which goes on where the folder holds it.</summary>
    /// <param name="config">Its configuration, checked.</param>
    /// <param name="path">The folder.</param>
    /// <exception cref="ConfigurationException">The folder holds another run.</exception>
    public static PlannedRun At(RunConfig config, string path)
    {
        ArgumentNullException.ThrowIfNull(config);
        var folder = new RunFolder(path);
        bool resumes = IsTaken(path);
        if (resumes)
        {
            RequireUnchanged(folder);
            RequireSame(folder, config);
        }
        else
        {
            RequireFree(folder);
        }

        return new PlannedRun(config, folder, resumes, []);
    }

    /// <summary>The folder's config.yaml must be the one that the last checkpoint was written with.</summary>
    private static void RequireUnchanged(RunFolder folder)
    {
        if (RunRecord.Read(folder)?.Label is not { Configuration: { Length: > 0 } copy } label)
        {
            return;
        }

        IReadOnlyList<string> different = StoredConfiguration.Differences(folder, copy, folder.Latest, label.Extended);
        if (different.Count > 0)
        {
            throw new ConfigurationException($"{folder.Config}: was changed after the run was started ({string.Join(", ", different)}), and a run can't go on with another configuration; set it back (or delete it, and the run goes on with the copy in its last checkpoint), or start a new run with --config");
        }
    }

    /// <summary>A run can't go on with another network, schedule or data than it was started with.</summary>
    private static void RequireSame(RunFolder folder, RunConfig config)
    {
        RunConfig stored = ConfigLoader.LoadNetwork(StoredConfiguration.Request(folder)).Config;
        if (StoredConfiguration.Differences(stored, config) is [var different, ..])
        {
            throw new ConfigurationException($"{folder.Path}: the run in this folder was started with another {different}, so it can't go on with this configuration; go on with --resume {folder.Path}, or choose another --out");
        }
    }

    private static void RequireNoFile(string? output)
    {
        if (File.Exists(output))
        {
            throw new ConfigurationException($"--out {output}: is a file; a run needs a folder, which is made where it is missing");
        }
    }

    /// <summary>What a run writes must not lie there already: without a configuration or a checkpoint beside it, it is of no run that this one could go on with.</summary>
    private static void RequireFree(RunFolder folder)
    {
        string[] files = [folder.Log, folder.Metrics, folder.Policy, folder.Data];
        if (files.FirstOrDefault(RegularFile.IsTaken) is { } taken)
        {
            throw new ConfigurationException($"{taken}: a run would write over this file, which is of no run that can go on; choose another --out");
        }

        string checkpoints = Path.GetDirectoryName(folder.Latest)!;
        if (Directory.Exists(checkpoints) && Directory.EnumerateFiles(checkpoints, "*.safetensors").FirstOrDefault() is { } checkpoint)
        {
            throw new ConfigurationException($"{checkpoint}: a run might write over this checkpoint, which is of no run that can go on; choose another --out");
        }
    }

    private static bool IsTaken(string path) => File.Exists(Path.Combine(path, "config.yaml")) || File.Exists(new RunFolder(path).Latest);
}
