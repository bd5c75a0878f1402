using System.CommandLine;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Checkpoints.PyTorch;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Runs;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Reports.Onnx;

namespace AdaShare.Native.Host.Commands;

/// <summary><c>adashare export</c>: writes a run's network for other programs.</summary>
public static class ExportCommand
{
    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run." };
        var pytorch = new Option<string?>("--pytorch") { HelpName = "FILE", Description = "The file to write: a state dict that torch.load reads, under the published code's names." };
        var onnx = new Option<string?>("--onnx") { HelpName = "FILE", Description = "The file to write: one ONNX graph with an output for each task." };
        CommonOptions.RefuseEmpty(pytorch);
        CommonOptions.RefuseEmpty(onnx);
        var force = new Option<bool>("--force") { Description = "Replaces a file of that name." };
        Option<bool> acceptConfiguration = CommonOptions.AcceptConfiguration();
        var command = new Command("export", "Writes a run's final network for PyTorch, or as an ONNX graph.") { run, pytorch, onnx, force, acceptConfiguration };
        ExportOnnxOptions graph = ExportOnnxOptions.AddTo(command);
        command.SetAction(parsed =>
        {
            (string? state, string? model, bool overwrite) = (parsed.GetValue(pytorch), parsed.GetValue(onnx), parsed.GetValue(force));
            OnnxOptions? options = graph.Read(parsed, model is not null);
            RequireFiles(state, model, overwrite);
            StoredRun stored = StoredRun.Open(parsed.GetRequiredValue(run), parsed.GetValue(acceptConfiguration));
            StoredNetwork network = stored.Best();
            if (options is not null)
            {
                graph.Write(host, parsed, stored, network, model!, options, overwrite);
            }

            if (state is not null)
            {
                WriteState(host, network, state, overwrite);
            }

            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>What stands behind a network in a line for people.</summary>
    internal static string Describe(StoredNetwork network) => $"{network.Checkpoint} ({network.Title}{(network.IsFinal ? "" : ", since the run is not finished")})";

    /// <summary>Refuses before any work what could not be written behind it.</summary>
    private static void RequireFiles(string? state, string? model, bool overwrite)
    {
        if (state is null && model is null)
        {
            throw new ConfigurationException("export needs a file to write: --pytorch FILE, --onnx FILE, or both");
        }

        if (state is not null && model is not null && Path.GetFullPath(state) == Path.GetFullPath(model))
        {
            throw new ConfigurationException($"--pytorch and --onnx both name {state}; give each a file of its own");
        }

        foreach (string path in ((string?[])[state, model]).OfType<string>())
        {
            AtomicFile.RequireFree(path, overwrite);
        }
    }

    private static void WriteState(HostContext host, StoredNetwork network, string path, bool overwrite)
    {
        using SafeTensorsFile checkpoint = SafeTensorsFile.Open(network.Checkpoint);
        IReadOnlyList<SafeTensorEntry> entries = checkpoint.ReadEntries();
        PyTorchWriter.Write(path, entries, overwrite);
        host.Output.WriteLine($"{path}: {entries.Count} tensors of {Describe(network)}; load with torch.load(\"{path}\")");
    }
}
