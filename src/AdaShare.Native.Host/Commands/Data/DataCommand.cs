using System.CommandLine;

namespace AdaShare.Native.Host.Commands.Data;

/// <summary><c>adashare data</c>: what one does with one's own folder before training on it.</summary>
public static class DataCommand
{
    /// <summary>The command with those below it.</summary>
    public static Command Create(HostContext host) => new("data", "Looks at data before a training: proposes a description, checks every file, divides into parts.")
    {
        DataNewCommand.Create(host),
        DataCheckCommand.Create(host),
        DataSplitCommand.Create(host),
    };
}
