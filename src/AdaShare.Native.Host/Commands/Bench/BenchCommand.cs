using System.CommandLine;

namespace AdaShare.Native.Host.Commands.Bench;

/// <summary><c>adashare bench</c>: measures what a user of this machine will see.</summary>
public static class BenchCommand
{
    /// <summary>The command with those below it.</summary>
    public static Command Create(HostContext host) => new("bench", "Measures training steps, the loader, predictions and reporting on this machine.")
    {
        BenchStepCommand.Create(host),
        BenchDataCommand.Create(host),
        BenchInferCommand.Create(host),
        BenchReportingCommand.Create(host),
    };
}
