using System.CommandLine;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Checkpoints.PyTorch;
using AdaShare.Native.Host.Runs;
using AdaShare.Native.Learning.Methods;

namespace AdaShare.Native.Host.Commands;

/// <summary><c>adashare export</c>: writes a run's network for other programs.</summary>
public static class ExportCommand
{
    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run." };
        var file = new Option<string>("--pytorch") { HelpName = "FILE", Description = "The file to write: a state dict that torch.load reads, under the published code's names.", Required = true };
        CommonOptions.RefuseEmpty(file);
        var force = new Option<bool>("--force") { Description = "Replaces a file of that name." };
        Option<bool> acceptConfiguration = CommonOptions.AcceptConfiguration();
        var command = new Command("export", "Writes a run's final network for PyTorch.") { run, file, force, acceptConfiguration };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            StoredNetwork network = StoredRun.Open(parsed.GetRequiredValue(run), parsed.GetValue(acceptConfiguration)).Best();
            using SafeTensorsFile checkpoint = SafeTensorsFile.Open(network.Checkpoint);
            IReadOnlyList<SafeTensorEntry> entries = checkpoint.ReadEntries();
            PyTorchWriter.Write(path, entries, parsed.GetValue(force));
            host.Output.WriteLine($"{path}: {entries.Count} tensors of {network.Checkpoint} ({network.Title}{(network.IsFinal ? "" : ", since the run is not finished")}); load with torch.load(\"{path}\")");
            return ExitCode.Success;
        });
        return command;
    }
}
