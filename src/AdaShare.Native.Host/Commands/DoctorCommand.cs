using System.CommandLine;
using AdaShare.Native.Host.Console;

namespace AdaShare.Native.Host.Commands;

/// <summary><c>adashare doctor</c>: says what this machine can compute on, and what was searched to find out.</summary>
public static class DoctorCommand
{
    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        var command = new Command("doctor", "Says what this machine can compute on: processor, driver, GPUs, libraries, where they were searched and what is missing.");
        command.SetAction(_ =>
        {
            new DoctorReport(host.Output).Write(host.Cuda());
            return ExitCode.Success;
        });
        return command;
    }
}
