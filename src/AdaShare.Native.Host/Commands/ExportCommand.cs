using System.CommandLine;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Checkpoints.PyTorch;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Runs;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Reports.Onnx;
using AdaShare.Native.Reports.RunPages;
using AdaShare.Native.Reports.Tables;
using AdaShare.Native.Reports.TensorBoard;

namespace AdaShare.Native.Host.Commands;

/// <summary><c>adashare export</c>: writes a run's network, and what its log has, for other programs.</summary>
public static class ExportCommand
{
    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run." };
        var pytorch = new Option<string?>("--pytorch") { HelpName = "FILE", Description = "Writes the final network as a state dict that torch.load reads, under the published code's names." };
        var onnx = new Option<string?>("--onnx") { HelpName = "FILE", Description = "Writes the final network as one ONNX graph with an output for each task." };
        var csv = new Option<string?>("--csv") { HelpName = "FILE", Description = "Writes all that the log has, a line a number: losses, metrics, rates, probabilities." };
        var tensorBoard = new Option<string?>("--tensorboard") { HelpName = "DIR", Description = "Writes event files for TensorBoard: curves, the policy, hyper-parameters, results." };
        foreach (Option<string?> option in (Option<string?>[])[pytorch, onnx, csv, tensorBoard])
        {
            CommonOptions.RefuseEmpty(option);
        }

        var force = new Option<bool>("--force") { Description = "Replaces a file of that name." };
        Option<bool> acceptConfiguration = CommonOptions.AcceptConfiguration();
        var command = new Command("export", "Writes a run's final network for PyTorch or as an ONNX graph, or what its log has as a table or for TensorBoard.") { run, pytorch, onnx, csv, tensorBoard, force, acceptConfiguration };
        ExportOnnxOptions graph = ExportOnnxOptions.AddTo(command);
        command.SetAction(parsed =>
        {
            var files = new Targets(parsed.GetValue(pytorch), parsed.GetValue(onnx), parsed.GetValue(csv), parsed.GetValue(tensorBoard), parsed.GetValue(force));
            OnnxOptions? options = graph.Read(parsed, files.Model is not null);
            files.RequireFree(parsed.GetRequiredValue(run));
            StoredRun stored = StoredRun.Open(parsed.GetRequiredValue(run), parsed.GetValue(acceptConfiguration));
            if (options is not null)
            {
                graph.Write(host, parsed, stored, stored.Best(), files.Model!, options, files.Replaces);
            }

            Write(host, stored, files);
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>What stands behind a network in a line for people.</summary>
    internal static string Describe(StoredNetwork network) => $"{network.Checkpoint} ({network.Title}{(network.IsFinal ? "" : ", since the run is not finished")})";

    private static void Write(HostContext host, StoredRun stored, Targets files)
    {
        if (files.State is { } state)
        {
            WriteState(host, stored.Best(), state, files.Replaces);
        }

        if (files.Table is { } table)
        {
            WriteTable(host, stored, table, files.Replaces);
        }

        if (files.Events is { } events)
        {
            WriteEvents(host, stored, events);
        }
    }

    private static void WriteState(HostContext host, StoredNetwork network, string path, bool overwrite)
    {
        using SafeTensorsFile checkpoint = SafeTensorsFile.Open(network.Checkpoint);
        IReadOnlyList<SafeTensorEntry> entries = checkpoint.ReadEntries();
        PyTorchWriter.Write(path, entries, overwrite);
        host.Output.WriteLine($"{path}: {entries.Count} tensors of {Describe(network)}; load with torch.load(\"{path}\")");
    }

    private static void WriteTable(HostContext host, StoredRun stored, string path, bool overwrite)
    {
        int numbers = -1;
        var history = RunHistory.Read(stored.Folder.Log);
        AtomicFile.Write(
            path, stream =>
            {
                using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
                foreach (string line in SeriesTable.Lines(history, TaskSpec.Of(stored.Config)))
                {
                    writer.WriteLine(line);
                    numbers++;
                }
            }, overwrite);
        host.Output.WriteLine($"{path}: {numbers} numbers of {stored.Folder.Log}");
    }

    private static void WriteEvents(HostContext host, StoredRun stored, string folder)
    {
        var run = RunFiles.Read(stored.Folder, stored.Config, stored.Method);
        try
        {
            using var events = RunEvents.Begin(folder, run.Tasks, EventFiles.Settings(stored.Config));
            events.Add(run.History);
            if (run.Metrics is { } results)
            {
                events.Finish(results);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            RunEvents.Remove(folder);
            throw new DataException($"{folder}: could not be written ({error.Message.TrimEnd('.')}); {WriteFailure.Remedy(error)}", error);
        }

        host.Output.WriteLine($"{folder}: {run.History.Steps.Count} steps and {run.History.Validations.Count} validations; look with tensorboard --logdir {folder}");
    }

    /// <summary>What is to be written, each part null where it is not wanted.</summary>
    private sealed record Targets(string? State, string? Model, string? Table, string? Events, bool Replaces)
    {
        /// <summary>Refuses before any work what could not be written behind it, and what the run itself consists of.</summary>
        public void RequireFree(string run)
        {
            string[] files = [.. ((string?[])[State, Model, Table]).OfType<string>()];
            if (files.Length == 0 && Events is null)
            {
                throw new ConfigurationException("export writes nothing unless it is told what; give --pytorch FILE, --onnx FILE, --csv FILE or --tensorboard DIR");
            }

            if (files.Append(Events).OfType<string>().GroupBy(Path.GetFullPath).FirstOrDefault(static paths => paths.Count() > 1) is { } twice)
            {
                throw new ConfigurationException($"{twice.First()} is to be written twice; give each file a name of its own");
            }

            if (files.FirstOrDefault(new RunFolder(run).Keeps) is { } own)
            {
                throw new DataException($"{own}: is where the run keeps its own files, which are never replaced; choose another name");
            }

            Array.ForEach(files, path => AtomicFile.RequireFree(path, Replaces));
            if (Events is not null && File.Exists(Events))
            {
                throw new DataException($"{Events}: is a file; choose a folder");
            }

            // TensorBoard shows all that lies in a folder: what is there already would be mixed in.
            if (Events is not null && !Replaces && Directory.Exists(Events) && Directory.EnumerateFileSystemEntries(Events).Any())
            {
                throw new DataException($"{Events}: is not empty, and TensorBoard shows all that lies in a folder; choose another one, or give --force, which removes event files of ours there and nothing else");
            }
        }
    }
}
