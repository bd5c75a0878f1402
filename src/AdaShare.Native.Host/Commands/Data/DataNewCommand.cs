using System.CommandLine;
using System.Text;
using AdaShare.Native.Data.Datasets.Folder;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Host.Commands.Data;

/// <summary><c>adashare data new</c>: proposes dataset.yaml for a folder.</summary>
public static class DataNewCommand
{
    private const string FileName = "dataset.yaml";

    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        var folder = new Argument<string>("FOLDER") { Description = "A folder of images with labels in folders, tables, or as folders of classes." };
        var print = new Option<bool>("--print") { Description = "Prints the proposal and writes nothing." };
        var command = new Command("new", "Proposes dataset.yaml for a folder by what lies in it.") { folder, print };
        command.SetAction(parsed =>
        {
            string root = parsed.GetRequiredValue(folder), path = Path.Combine(root, FileName);
            bool writes = !parsed.GetValue(print);
            if (writes && Path.Exists(path))
            {
                throw new DataException($"{path}: there is such a file already; look at another proposal with --print, or move the file away");
            }

            FolderProposal proposal = FolderProposal.Of(root);
            foreach (string finding in proposal.Findings)
            {
                host.Output.WriteLine(finding);
            }

            if (!writes)
            {
                host.Output.Write(proposal.Yaml);
                return ExitCode.Success;
            }

            AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(proposal.Yaml)));
            host.Output.WriteLine($"wrote {path}: read it and correct what it can't know; then adashare data check {root}, and adashare train --data {root}");
            return ExitCode.Success;
        });
        return command;
    }
}
