using System.Globalization;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods;

namespace AdaShare.Native.Host.Runs;

/// <summary>Says what the extension of a run does.</summary>
internal static class ExtensionText
{
    /// <summary>The lines.</summary>
    /// <param name="config">The run's configuration, with the new number of steps.</param>
    /// <param name="from">The number before.</param>
    /// <param name="state">Where the run stands; null before its first checkpoint.</param>
    public static IEnumerable<string> Of(RunConfig config, long from, RunState? state)
    {
        static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
        int trainings = (state?.Ended?.Count ?? 0) + (state?.GoesOn?.Count ?? 0);
        yield return $"extended: the final training has {Count(config.Train.FinalSteps)} steps instead of {Count(from)}{(trainings > 1 ? $", and each of the {trainings} that were begun goes on" : "")}";
        if (state?.Extended is { Count: > 0 } && state.Phase != RunState.Done)
        {
            yield return "the run was extended before and had not come to its end: these steps come on top of those";
        }

        if (MethodRegistry.Get(config.Method).DependsOnLength is { } part)
        {
            yield return $"{part} depends on the length of the training: from here on it is that of a training of {Count(config.Train.FinalSteps)} steps, so this run is not the same as one that had them from the start";
        }
    }
}
