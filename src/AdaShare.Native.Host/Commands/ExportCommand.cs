using System.CommandLine;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Checkpoints.PyTorch;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Runs;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Tasks;
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
        var csv = new Option<string?>("--csv") { HelpName = "FILE", Description = "Writes all that the log has, a line a number: losses, metrics, rates, probabilities." };
        var tensorBoard = new Option<string?>("--tensorboard") { HelpName = "DIR", Description = "Writes event files for TensorBoard: curves, the policy, hyper-parameters, results." };
        CommonOptions.RefuseEmpty(pytorch);
        CommonOptions.RefuseEmpty(csv);
        CommonOptions.RefuseEmpty(tensorBoard);
        var force = new Option<bool>("--force") { Description = "Replaces a file of that name." };
        Option<bool> acceptConfiguration = CommonOptions.AcceptConfiguration();
        var command = new Command("export", "Writes a run's final network for PyTorch, or what its log has as a table or for TensorBoard.") { run, pytorch, csv, tensorBoard, force, acceptConfiguration };
        command.SetAction(parsed =>
        {
            (string? network, string? table, string? events) = (parsed.GetValue(pytorch), parsed.GetValue(csv), parsed.GetValue(tensorBoard));
            if (network is null && table is null && events is null)
            {
                throw new ConfigurationException("export writes nothing unless it is told what; give --pytorch FILE, --csv FILE or --tensorboard DIR");
            }

            bool replaces = parsed.GetValue(force);
            RequireFree(events, replaces);
            StoredRun stored = StoredRun.Open(parsed.GetRequiredValue(run), parsed.GetValue(acceptConfiguration));
            if (network is not null)
            {
                ForPyTorch(host, stored.Best(), network, replaces);
            }

            if (table is not null)
            {
                AsTable(host, stored, table, replaces);
            }

            if (events is not null)
            {
                ForTensorBoard(host, stored, events);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static void ForPyTorch(HostContext host, StoredNetwork network, string path, bool replaces)
    {
        using SafeTensorsFile checkpoint = SafeTensorsFile.Open(network.Checkpoint);
        IReadOnlyList<SafeTensorEntry> entries = checkpoint.ReadEntries();
        PyTorchWriter.Write(path, entries, replaces);
        host.Output.WriteLine($"{path}: {entries.Count} tensors of {network.Checkpoint} ({network.Title}{(network.IsFinal ? "" : ", since the run is not finished")}); load with torch.load(\"{path}\")");
    }

    private static void AsTable(HostContext host, StoredRun stored, string path, bool replaces)
    {
        int numbers = -1;
        RunHistory history = RunHistory.Read(stored.Folder.Log);
        AtomicFile.Write(
            path, stream =>
            {
                using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
                foreach (string line in SeriesTable.Lines(history, TaskSpec.Of(stored.Config)))
                {
                    writer.WriteLine(line);
                    numbers++;
                }
            }, replaces);
        host.Output.WriteLine($"{path}: {numbers} numbers of {stored.Folder.Log}");
    }

    private static void ForTensorBoard(HostContext host, StoredRun stored, string folder)
    {
        RunFiles run = RunFiles.Read(stored.Folder, stored.Config, stored.Method);
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
            throw new DataException($"{folder}: could not be written ({error.Message.TrimEnd('.')}); {WriteFailure.Remedy(error)}", error);
        }

        host.Output.WriteLine($"{folder}: {run.History.Steps.Count} steps and {run.History.Validations.Count} validations; look with tensorboard --logdir {folder}");
    }

    /// <summary>TensorBoard shows all that lies in a folder: what is there already would be mixed in.</summary>
    private static void RequireFree(string? folder, bool replaces)
    {
        if (folder is null)
        {
            return;
        }

        if (File.Exists(folder))
        {
            throw new DataException($"{folder}: is a file; choose a folder");
        }

        if (!replaces && Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new DataException($"{folder}: is not empty, and TensorBoard shows all that lies in a folder; choose another one, or give --force, which removes event files of ours there and nothing else");
        }
    }
}
