using System.CommandLine;
using System.Text;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;

namespace AdaShare.Native.Host.Commands;

/// <summary><c>adashare init</c>: writes a configuration to change, with its comments.</summary>
public static class InitCommand
{
    private const string DataSection = "dataload:\n", DataFolder = "dataroot";

    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        Option<string?> preset = CommonOptions.Preset(), data = CommonOptions.Data();
        var output = new Argument<string>("FILE") { Description = "The file to write, for example config.yaml." };
        var command = new Command("init", "Writes a preset as a file of your own, with its comments: change it, and train with --config FILE.") { output, preset, data };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(output), name = parsed.GetValue(preset) ?? PresetCatalog.Default;
            string text = WithFolder(PresetCatalog.Text(name).ReplaceLineEndings("\n"), name, parsed.GetValue(data));
            AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)), overwrite: false);
            host.Output.WriteLine($"{path}: preset {name}; change it, and train with: adashare train --config {path}");
            return ExitCode.Success;
        });
        return command;
    }

    private static string WithFolder(string text, string preset, string? folder)
    {
        if (folder is null)
        {
            return text;
        }

        int at = text.IndexOf(DataSection, StringComparison.Ordinal);
        if (at < 0 || text.Contains($"dataset: {ConfigLoader.ProceduralScenes}\n", StringComparison.Ordinal))
        {
            throw new ConfigurationException($"--data {folder}: preset {preset} has procedural scenes, which need no data; leave it out, or choose another preset");
        }

        return text.Insert(at + DataSection.Length, $"  {DataFolder}: {ConfigWriter.Text(Path.GetFullPath(folder))}\n");
    }
}
