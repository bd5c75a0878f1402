using System.CommandLine;
using System.CommandLine.Parsing;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Datasets;
using AdaShare.Native.Host.Runs;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Commands;

/// <summary>The options with which <c>predict</c> takes examples of the run's data set instead of files.</summary>
public sealed class PredictSplitOptions
{
    private const string Test = "test";
    private const int MostExamples = 1_000_000;

    private readonly Option<string?> _split = new("--split") { HelpName = "PART", Description = "Instead of images: those of a part of the run's own data set, test or validation, beside their labels and errors." };
    private readonly Option<int> _count = CommonOptions.Count("--count", "With --split: how many images, the first ones. Default: all.", 1, MostExamples, MostExamples);
    private readonly Option<string?> _data = CommonOptions.Data();
    private readonly Option<string?> _cache = CommonOptions.Cache();
    private readonly Option<bool> _accept = new("--accept-data") { Description = "With --split: goes on although the data set's parts are no longer what the run was trained with." };

    private PredictSplitOptions()
    {
        _split.AcceptOnlyFromAmong(Test, "validation");
        _count.DefaultValueFactory = null;
    }

    /// <summary>Adds the options to a command.</summary>
    public static PredictSplitOptions AddTo(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var options = new PredictSplitOptions();
        Array.ForEach<Option>([options._split, options._count, options._data, options._cache, options._accept], command.Options.Add);
        return options;
    }

    /// <summary>The part that a command line names; null where it names none, and then none of the other options either.</summary>
    /// <exception cref="ConfigurationException">There are options without a part.</exception>
    public Split? PartOf(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        if (parsed.GetValue(_split) is { } name)
        {
            return name == Test ? Split.Test : Split.Validation;
        }

        Option? alone = Array.Find<Option>([_count, _data, _cache, _accept], option => parsed.GetResult(option) is { Implicit: false });
        return alone is null ? null : throw new ConfigurationException($"{alone.Name} is for images of the run's data set; add --split test or --split validation, or leave it out");
    }

    /// <summary>How many examples; null for all.</summary>
    public int? CountOf(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        return parsed.GetResult(_count) is { Implicit: false } ? parsed.GetValue(_count) : null;
    }

    /// <summary>Opens the run's data set, and requires the part.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="run">The run.</param>
    /// <param name="part">The part.</param>
    /// <param name="say">Is told of the cache, a line at a time.</param>
    /// <param name="stop">Ends the writing of a cache.</param>
    /// <exception cref="AdaShareException">The data are missing, damaged or others than the run's, or have no such part.</exception>
    public IDataset Open(ParseResult parsed, StoredRun run, Split part, Action<string> say, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        ArgumentNullException.ThrowIfNull(run);
        DatasetFactory.UseFolder(run.Config, parsed.GetValue(_data));
        run.Config.Dataload.Cache = parsed.GetValue(_cache);
        IDataset dataset = DatasetFactory.OpenCached(run.Config, rebuild: false, say, stop);
        try
        {
            if (!parsed.GetValue(_accept))
            {
                run.RequireData(DataManifest.Of(dataset));
            }

            return TaskGroup.HasPart(dataset, TaskSpec.Of(run.Config), part)
                ? dataset
                : throw new ConfigurationException($"--split {(part == Split.Test ? Test : "validation")}: {dataset.Name} has no such part here, since its share in the run's configuration is 0; take the other part");
        }
        catch
        {
            (dataset as IDisposable)?.Dispose();
            throw;
        }
    }
}
