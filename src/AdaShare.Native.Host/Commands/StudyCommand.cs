using System.CommandLine;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Console;
using AdaShare.Native.Host.Datasets;
using AdaShare.Native.Host.Devices;
using AdaShare.Native.Host.Studies;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Methods;
using AdaShare.Native.Reports.StudyPages;
using AdaShare.Native.Studies.Analysis;
using AdaShare.Native.Studies.Results;
using AdaShare.Native.Studies.Running;
using AdaShare.Native.Studies.Specification;
using AdaShare.Native.Studies.Tables;

namespace AdaShare.Native.Host.Commands;

/// <summary><c>adashare study</c>: methods x seeds at budgets that match, a run folder each, and the tables of all.</summary>
public static class StudyCommand
{
    private const string DefaultParent = "studies";

    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        var study = new Argument<string?>("STUDY") { Description = "A YAML file of methods and seeds, or the folder of a study, whose results are joined.", Arity = ArgumentArity.ZeroOrOne };
        var preset = new Option<string?>("--preset") { HelpName = "NAME", Description = $"A study that comes with the program: {string.Join(", ", StudyPresets.Names)}." };
        Option<string?> data = CommonOptions.Data(), cache = CommonOptions.Cache();
        Option<bool> rebuild = CommonOptions.RebuildCache();
        var output = new Option<string?>("--out") { HelpName = "DIR", Description = $"The study's folder; it goes on where the folder holds the study. Default: {DefaultParent}/NAME." };
        CommonOptions.RefuseEmpty(output);
        Option<string> device = CommonOptions.Device();
        var devices = new Option<string?>("--devices") { HelpName = "LIST", Description = "Several devices at once, for example cuda:0,cuda:1: a process and a share of the cells for each." };
        var shard = new Option<string?>("--shard") { HelpName = "i/n", Description = "Runs part i of n of the cells: other machines run the others, and study on the folder joins them." };
        var resume = new Option<bool>("--resume") { Description = "With the folder of a study: also runs what is missing." };
        var partOf = new Option<string?>("--part-of") { HelpName = "i/n", Hidden = true, Description = "The shard of the process that started this one for a device: it stops when its standard input ends." };
        Option<int?> threads = CommonOptions.Threads();
        var command = new Command("study", "Compares methods over seeds at budgets that match: a run each, statistics and tables. Interrupted at any time it goes on where it was.")
        {
            study, preset, data, cache, rebuild, output, device, devices, shard, partOf, resume, threads,
        };
        command.SetAction(parsed =>
        {
            StudyShard part = parsed.GetValue(shard) is { } text ? StudyShard.Parse(text) : StudyShard.Whole;
            StudyRequest request = Request(parsed.GetValue(study), parsed.GetValue(preset), parsed.GetValue(output), parsed.GetValue(data), parsed.GetValue(resume) || parsed.GetValue(shard) is not null || parsed.GetValue(devices) is not null);
            request = request with { Cache = parsed.GetValue(cache), RebuildsCache = parsed.GetValue(rebuild) };
            var options = new RunOptions(parsed.GetRequiredValue(device), parsed.GetValue(devices)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), part, parsed.GetValue(partOf) is { } whole ? StudyShard.Parse(whole) : null, parsed.GetValue(threads));
            if (options.PartOf is null)
            {
                return Run(host, request, options);
            }

            using var parent = new ParentWatch(System.Console.OpenStandardInput());
            return Run(host.StoppedBy(parent.Token), request, options);
        });
        return command;
    }

    private static StudyRequest Request(string? study, string? preset, string? output, string? data, bool resume)
    {
        if (study is null == preset is null)
        {
            throw new ConfigurationException($"study needs either a YAML file, the folder of a study, or --preset with one of {string.Join(", ", StudyPresets.Names)}");
        }

        if (study is not null && Directory.Exists(study))
        {
            return output is null
                ? new StudyRequest(StudyFolder.Read(study, MethodRegistry.Names), study, data, Runs: resume)
                : throw new ConfigurationException($"{study} is the folder of a study, which stays where it is; leave --out out");
        }

        StudySpec spec = study is not null ? StudySpecReader.ReadFile(study) : StudySpecReader.ReadText(StudyPresets.Text(preset!), $"preset {preset}");
        if (spec.Config is { } config && study is not null)
        {
            spec.Config = Path.GetFullPath(config, Path.GetDirectoryName(Path.GetFullPath(study))!);
        }

        return new StudyRequest(spec, output ?? Path.Combine(DefaultParent, spec.Name), data, Runs: true);
    }

    private static int Run(HostContext host, StudyRequest request, RunOptions options)
    {
        string when = options.Devices is { Count: > 0 } ? "after the steps that are under way" : "after this step and writing a checkpoint";
        using var interrupt = Interrupt.Listen(host, "stopping before the first cell; press Ctrl-C again to end at once");
        StudyPlan plan = StudyPlan.Of(request.Spec, MethodRegistry.Names);
        var cells = new StudyCells(request.Spec, request.Folder, request.Data, request.Cache);

        // Everything that can be wrong with any cell is said before the first one runs.
        RunConfig first = cells.Check(plan.Everything());
        IDataset stored = DatasetFactory.Open(first);
        if (!TaskGroup.HasPart(stored, TaskSpec.Of(first), Split.Validation))
        {
            RequireNoChoice(plan, cells, stored);
        }

        DatasetFactory.RequireCache(first, request.RebuildsCache);
        StudyLock? taken = null;
        if (request.Runs)
        {
            RequireFree(request.Folder);
            StudyFolder.Claim(request.Folder, request.Spec, MethodRegistry.Names);
            taken = StudyLock.Take(request.Folder, options.Shard, options.PartOf);
            host.Output.WriteLine($"study {plan.Name}: {plan.Count} cells in {request.Folder}");
        }

        // The cache is written here, before cells and processes of other devices need it.
        IDataset dataset = request.Runs ? DatasetFactory.OpenCached(first, request.RebuildsCache, host.Output.WriteLine, interrupt.Token) : stored;
        interrupt.Say($"stopping {when}; start the study again to go on; press Ctrl-C again to end at once");
        using var opened = dataset as IDisposable;
        if (request.Runs)
        {
            host.Output.WriteLine($"data: {DatasetFactory.Describe(dataset)}");
        }

        using StudyLock? held = taken;
        bool ended = true;
        StudyOutcome outcome = !request.Runs ? Runner(host, plan, cells, options, null!, null).Join()
            : options.Devices is { Count: > 0 } ? RunChildren(host, plan, cells, request, options, interrupt.Token, out ended)
            : RunHere(host, plan, cells, first, options, interrupt.Token);
        int code = Finish(host, request, outcome, options.Shard, first, dataset);
        return ended ? code : ExitCode.Failure;
    }

    /// <summary>Without a validation part nothing may be left to it, of a study or of a cell.</summary>
    private static void RequireNoChoice(StudyPlan plan, StudyCells cells, IDataset dataset)
    {
        if (plan.GridCells.Count > 0)
        {
            throw new ConfigurationException($"{dataset.Name} has no validation part (its share is 0), and the points of the study's grid are chosen on it; give dataload.validation_fraction a share above 0, or leave the grid out");
        }

        foreach (StudyCell cell in plan.Everything())
        {
            if (MethodRegistry.Get(cell.Method).NeedOfValidation(cells.ConfigOf(cell)) is { } need)
            {
                throw new ConfigurationException($"{cell.Label}: {dataset.Name} has no validation part (its share is 0): {need}");
            }
        }
    }

    /// <summary>The tables of a study may be written anew, other files of their names not.</summary>
    private static void RequireFree(string folder)
    {
        if (File.Exists(folder))
        {
            throw new ConfigurationException($"--out {folder}: is a file; a study needs a folder, which is made where it is missing");
        }

        string[] tables = [StudyFile.FileName, StudyCsv.FileName, StudyMarkdown.FileName, StudyPage.FileName];
        if (!File.Exists(Path.Combine(folder, StudyFolder.SpecFileName)) && tables.FirstOrDefault(name => Path.Exists(Path.Combine(folder, name))) is { } taken)
        {
            throw new ConfigurationException($"{Path.Combine(folder, taken)}: a study would write over this file, and the folder is of no study (it has no {StudyFolder.SpecFileName}); choose another --out");
        }
    }

    private static StudyOutcome RunHere(HostContext host, StudyPlan plan, StudyCells cells, RunConfig first, RunOptions options, CancellationToken stop)
    {
        using SelectedDevice device = DeviceSelector.Open(host, options.Device, options.Threads, first.Numerics);
        host.Output.WriteLine($"device: {device.Description}");
        return Runner(host, plan, cells, options, device, first).Run(stop);
    }

    private static StudyOutcome RunChildren(HostContext host, StudyPlan plan, StudyCells cells, StudyRequest request, RunOptions options, CancellationToken stop, out bool ended)
    {
        List<string> arguments = ["study", request.Folder];
        arguments.AddRange(request.Data is { } data ? ["--data", data] : []);
        arguments.AddRange(request.Cache is { } cache ? ["--cache", cache] : []);
        arguments.AddRange(options.Threads is int threads ? ["--threads", $"{threads}"] : []);
        StudyOutcome outcome;
        int missing = int.MaxValue;
        do
        {
            // A child may wait for grid points of another one; the next round finds them.
            ended = StudyChildren.Run(host, arguments, options.Devices!, options.Shard, stop);
            outcome = Runner(host, plan, cells, options, null!, null).Join();
            if (outcome.Missing.Count >= missing)
            {
                break;
            }

            missing = outcome.Missing.Count;
        }
        while (outcome.Missing.Any(static cell => cell.WaitsForGrid) || outcome.Missing.Count > 0);
        return outcome;
    }

    private static StudyRunner Runner(HostContext host, StudyPlan plan, StudyCells cells, RunOptions options, SelectedDevice device, RunConfig? config) => new(
        plan, (cell, stop) => RunCell(host, cells, cell, device, config!, stop), cells.Load, cells.StepsOf)
    {
        Shard = options.Shard,
        Report = happened => host.Output.WriteLine(StudyConsole.Line(happened)),
        StoreFailure = cells.StoreFailure,
    };

    private static CellOutcome RunCell(HostContext host, StudyCells cells, StudyCell cell, SelectedDevice device, RunConfig config, CancellationToken stop)
    {
        if (!host.IsTerminal)
        {
            return cells.Run(cell, device.Backend, new PhaseObserver(host.Output, cell.Id), stop);
        }

        CellOutcome outcome = null!;
        ProgressObserver.Show(host.Console, TaskSpec.Of(config), RunMeter.Of(cells.StepsOf(cell), cells.FolderOf(cell), BackboneRegistry.Get(config.Backbone).Inputs), bars => outcome = cells.Run(cell, device.Backend, bars, stop));
        return outcome;
    }

    private static int Finish(HostContext host, StudyRequest request, StudyOutcome outcome, StudyShard shard, RunConfig config, IDataset dataset)
    {
        if (outcome.DescribeMissing(shard) is { } missing)
        {
            // A shard has done its part; a whole study has not.
            (shard.Count == 1 ? host.Error : host.Output).WriteLine(shard.Count == 1 ? $"adashare: {missing}" : missing);
            return shard.Count == 1 ? ExitCode.Failure : ExitCode.Success;
        }

        Dictionary<string, long> images = Enum.GetValues<Split>().ToDictionary(
            static split => split.ToString(), split => TaskGroup.Of(dataset, TaskSpec.Of(config)).Sum(group => (long)group.Dataset.Count(split)));
        Study study = StudyAnalysis.Of(outcome.ToData(StudyCells.Metrics(TaskSpec.Of(config)), dataset.Name, images));
        StudyFile.Write(Path.Combine(request.Folder, StudyFile.FileName), study);
        StudyCsv.Write(Path.Combine(request.Folder, StudyCsv.FileName), study);
        StudyMarkdown.Write(Path.Combine(request.Folder, StudyMarkdown.FileName), study);
        StudyPage.Of(study).Write(Path.Combine(request.Folder, StudyPage.FileName));
        StudyConsole.Write(host.Console, study);
        host.Output.WriteLine($"results: {Path.Combine(request.Folder, StudyMarkdown.FileName)}, {StudyCsv.FileName} and {StudyFile.FileName} beside it");
        host.Output.WriteLine($"report: {Path.Combine(request.Folder, StudyPage.FileName)}");
        int failed = outcome.Failures.Count();
        if (failed > 0)
        {
            host.Error.WriteLine($"adashare: {failed} of {plan(outcome)} cells failed; the reasons stand above and in {StudyMarkdown.FileName}; start the study again to try them again");
        }

        return failed == 0 ? ExitCode.Success : ExitCode.Failure;

        static int plan(StudyOutcome outcome) => outcome.Plan.Count;
    }

    /// <summary>What is run or joined, and where.</summary>
    private sealed record StudyRequest(StudySpec Spec, string Folder, string? Data, bool Runs)
    {
        /// <summary>The file of <c>--cache</c>, or null.</summary>
        public string? Cache { get; init; }

        /// <summary>Whether the cache is made anew.</summary>
        public bool RebuildsCache { get; init; }
    }

    /// <summary>On what it is run.</summary>
    private sealed record RunOptions(string Device, IReadOnlyList<string>? Devices, StudyShard Shard, StudyShard? PartOf, int? Threads);
}
