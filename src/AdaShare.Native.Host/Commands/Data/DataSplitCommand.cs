using System.CommandLine;
using AdaShare.Native.Data.Datasets.Folder;

namespace AdaShare.Native.Host.Commands.Data;

/// <summary><c>adashare data split</c>: writes down which images of a folder are for what.</summary>
public static class DataSplitCommand
{
    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        var folder = new Argument<string>("FOLDER") { Description = "A folder with dataset.yaml." };
        var output = new Option<string?>("--out") { HelpName = "FILE", Description = "The file to write. Default: parts.json in the folder." };
        CommonOptions.RefuseEmpty(output);
        Option<long?> seed = CommonOptions.Seed("The seed; the same seed and images give the same parts. Default: 0.");
        Option<double> test = Share("--test", "The share of all images for the final table.", 0.15), validation = Share("--validation", "The share of all images for selection.", 0.1),
            policy = Share("--policy", "The share of the training images on which a policy is learnt.", 0.2);
        var stratify = new Option<string?>("--stratify") { HelpName = "TASK", Description = "A class task whose classes come into every part in like shares." };
        var group = new Option<string?>("--group") { HelpName = "WHAT", Description = "Images that stay together: folder for those in one folder, or the characters that end what their names have in common, such as _." };
        CommonOptions.RefuseEmpty(group);
        var command = new Command("split", "Divides a folder's images into parts for weights, policy, selection and test, and writes them down.") { folder, output, seed, test, validation, policy, stratify, group };
        command.SetAction(parsed =>
        {
            string root = parsed.GetRequiredValue(folder);
            string path = parsed.GetValue(output) ?? Path.Combine(root, "parts.json");
            IReadOnlyDictionary<string, string[]> parts = FolderSplit.Draw(root, new FolderSplitOptions
            {
                Seed = (ulong)(parsed.GetValue(seed) ?? 0),
                Test = parsed.GetValue(test),
                Validation = parsed.GetValue(validation),
                Policy = parsed.GetValue(policy),
                Stratify = parsed.GetValue(stratify),
                Group = parsed.GetValue(group),
            }, host.Output.WriteLine);
            FolderSplit.Write(path, parts);
            host.Output.WriteLine($"{path}: {string.Join(", ", parts.Select(static part => $"{part.Value.Length} {part.Key}"))}");
            host.Output.WriteLine($"name it in dataset.yaml, if it is not named there yet: parts: {Path.GetRelativePath(root, path)}");
            return ExitCode.Success;
        });
        return command;
    }

    private static Option<double> Share(string name, string description, double usual) => new(name) { HelpName = "SHARE", Description = $"{description} Default: {usual.ToString(System.Globalization.CultureInfo.InvariantCulture)}.", DefaultValueFactory = _ => usual };
}
