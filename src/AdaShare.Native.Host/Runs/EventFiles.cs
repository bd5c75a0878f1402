using System.Collections;
using System.Globalization;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods;
using AdaShare.Native.Reports.TensorBoard;

namespace AdaShare.Native.Host.Runs;

/// <summary>TensorBoard's files of runs that this host knows: their hyper-parameters are the keys of the configuration.</summary>
internal static class EventFiles
{
    private const int Samples = 4;

    /// <summary>Follows a run that trains.</summary>
    /// <param name="inner">Who is told as well.</param>
    /// <param name="plan">The run.</param>
    public static EventObserver Follow(IRunObserver inner, PlannedRun plan) => new(inner, plan.Folder, TaskSpec.Of(plan.Config), Settings(plan.Config), plan.Config.Train.PrintFreq);

    /// <summary>Predictions of the final network of a run that is done.</summary>
    public static IEnumerable<(string Tag, Picture Picture)> Pictures(PlannedRun plan, Backend backend, IDataset dataset, CancellationToken stop)
    {
        IMethod method = MethodRegistry.Get(plan.Config.Method);
        if (method.Networks(plan.Folder, plan.Config).LastOrDefault(static network => network.IsFinal) is not { } final)
        {
            yield break;
        }

        using TrainedNetwork network = final.Load(method, plan.Config, backend);
        foreach ((string, Picture) picture in EventPictures.Of(network, dataset, Samples, LossMode.DecodesNormals(plan.Config), stop))
        {
            yield return picture;
        }
    }

    /// <summary>The keys of a configuration with their values, but for paths: lists as a text.</summary>
    public static IReadOnlyDictionary<string, object> Settings(RunConfig config)
    {
        var settings = new Dictionary<string, object>();
        Add(settings, ConfigSection.KeysOf(config), config);
        return settings;
    }

    private static void Add(Dictionary<string, object> settings, IEnumerable<ConfigKey> keys, object values)
    {
        foreach (ConfigKey key in keys)
        {
            object? value = key.Get(values);
            if (key.Section is not null)
            {
                Add(settings, key.Section.Keys, value!);
            }
            else if (value is not null && !key.Path.StartsWith("paths.", StringComparison.Ordinal))
            {
                settings[key.Path] = value is IList list ? string.Join(", ", list.Cast<object>().Select(static item => Convert.ToString(item, CultureInfo.InvariantCulture))) : value;
            }
        }
    }
}
