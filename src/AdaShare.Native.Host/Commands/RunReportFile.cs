using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods;
using AdaShare.Native.Reports.RunPages;

namespace AdaShare.Native.Host.Commands;

/// <summary>Writes a run's report.html.</summary>
internal static class RunReportFile
{
    /// <summary>Images whose predictions a report shows unless told otherwise.</summary>
    public const int DefaultSamples = 4;

    /// <summary>Writes the report at the end of a training: what is wrong with it must not fail a run that is done.</summary>
    /// <returns>Where it lies, or why it does not, in a line.</returns>
    public static string TryWrite(HostContext host, RunFolder folder, RunConfig config, Backend backend, IDataset dataset, CancellationToken interrupted)
    {
        ArgumentNullException.ThrowIfNull(host);
        string path = Path.Combine(folder.Path, RunPage.FileName);
        try
        {
            RunFiles run = RunFiles.Read(folder, config, MethodRegistry.Get(config.Method));
            RunPage.Of(run, Samples(run, backend, dataset, DefaultSamples, interrupted)).Write(path);
            return $"report: {path}";
        }
        catch (Exception error) when (error is AdaShareException or OperationCanceledException)
        {
            return $"no report was written ({error.Message.TrimEnd('.')}); write it with: adashare report {folder.Path}";
        }
    }

    /// <summary>Predictions of a run's final network; empty where it has none.</summary>
    public static string Samples(RunFiles run, Backend backend, IDataset dataset, int images, CancellationToken stop)
    {
        StoredNetwork? final = run.Method.Networks(run.Folder, run.Config).LastOrDefault(static network => network.IsFinal);
        if (final is null || images == 0)
        {
            return "";
        }

        using TrainedNetwork network = final.Load(run.Method, run.Config, backend);
        return SampleSection.Of(network, dataset, images, LossMode.DecodesNormals(run.Config), stop);
    }
}
