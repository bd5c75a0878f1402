using System.CommandLine;
using AdaShare.Native.Host.Commands;
using AdaShare.Native.Host.Commands.Bench;
using AdaShare.Native.Host.Commands.Data;

namespace AdaShare.Native.Host.Entry;

/// <summary>The command line <c>adashare</c>.</summary>
public static class CommandLine
{
    /// <summary>Runs a command line.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="host">Output, errors and the wish to stop.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Invoke(IReadOnlyList<string> args, HostContext host) => new CommandProgram("adashare", new RootCommand("Trains AdaShare multi-task networks, which learn what their tasks should share.")
    {
        TrainCommand.Create(host),
        InitCommand.Create(host),
        StudyCommand.Create(host),
        EvaluateCommand.Create(host),
        PredictCommand.Create(host),
        PolicyCommand.Create(host),
        ExportCommand.Create(host),
        ReportCommand.Create(host),
        RunsCommand.Create(host),
        CompareCommand.Create(host),
        DataCommand.Create(host),
        MethodsCommand.Create(host),
        ScenesCommand.Create(host),
        VerifyCommand.Create(host),
        BenchCommand.Create(host),
        DoctorCommand.Create(host),
        CompletionCommand.Create(host),
    }).Invoke(args, host);
}
