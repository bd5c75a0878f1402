using System.CommandLine;
using System.CommandLine.Invocation;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;

namespace AdaShare.Native.Host.Commands;

/// <summary>A program of commands: parses a line, runs the command, turns errors into one line and an exit code. The host is one, the benchmarks are another.</summary>
public sealed class CommandProgram
{
    private readonly Option<bool> _debug = new("--debug") { Description = "Show where an error came from.", Recursive = true };
    private readonly string _name;
    private readonly RootCommand _root;

    /// <summary>Adds <c>--debug</c> to a program's commands.</summary>
    /// <param name="name">The program's name, which begins every error.</param>
    /// <param name="root">Its commands.</param>
    public CommandProgram(string name, RootCommand root)
    {
        ArgumentNullException.ThrowIfNull(root);
        (_name, _root) = (name, root);
        root.Options.Add(_debug);
    }

    /// <summary>Runs a command line.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="host">Output and errors.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public int Invoke(IReadOnlyList<string> args, HostContext host)
    {
        ArgumentNullException.ThrowIfNull(host);
        ParseResult parsed = _root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var streams = new InvocationConfiguration { Output = host.Output, Error = host.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        if (parsed.Action is ParseErrorAction)
        {
            return Misused(parsed, host);
        }

        if (EmptyWord(args) is { } empty)
        {
            host.Error.WriteLine($"{_name}: {empty} is empty; expected a path or a name. See {FullName(parsed.CommandResult.Command)} --help");
            return ExitCode.Usage;
        }

        try
        {
            return parsed.Invoke(streams);
        }
        catch (Exception e)
        {
            return Report(e, host, parsed.GetValue(_debug));
        }
    }

    /// <summary>What an empty word of the line stands for, which the system would take for the current folder; null where there is none.</summary>
    private static string? EmptyWord(IReadOnlyList<string> args)
    {
        for (int i = 0; i < args.Count; i++)
        {
            string before = i > 0 ? args[i - 1] : "";
            if (string.IsNullOrWhiteSpace(args[i]))
            {
                return before.StartsWith("--", StringComparison.Ordinal) ? before : "an argument";
            }
        }

        return null;
    }

    private int Misused(ParseResult parsed, HostContext host)
    {
        Command command = parsed.CommandResult.Command;
        host.Error.WriteLine($"{_name}: {OneLine(Mistake(parsed, command))} See {FullName(command)} --help");
        return ExitCode.Usage;
    }

    private string FullName(Command command) => command is RootCommand ? _name : $"{FullName(command.Parents.OfType<Command>().First())} {command.Name}";

    /// <summary>What is wrong; words that are not known come with the nearest one that is.</summary>
    private static string Mistake(ParseResult parsed, Command command)
    {
        string? unknown = parsed.UnmatchedTokens.Count > 0 ? parsed.UnmatchedTokens[0] : null;
        if (command.Subcommands.Count > 0)
        {
            string commands = string.Join(", ", command.Subcommands.Select(sub => sub.Name));
            return unknown is null ? $"a command is missing; the commands are {commands}." : $"unknown command {unknown}; the commands are {commands}.";
        }

        if (unknown is not null && unknown.StartsWith('-'))
        {
            string nearest = command.Options.Select(option => option.Name).MinBy(option => KeySuggestion.Distance(option, unknown))!;
            return $"unknown option {unknown}; the nearest one is {nearest}.";
        }

        return unknown is null ? parsed.Errors[0].Message : $"unexpected word {unknown}.";
    }

    private int Report(Exception error, HostContext host, bool debug)
    {
        string message = error switch
        {
            AdaShareException or IOException or UnauthorizedAccessException => error.Message,
            OperationCanceledException => "stopped",
            _ => $"unexpected {error.GetType().Name}: {error.Message}{(debug ? "" : " (run again with --debug to see where)")}",
        };
        host.Error.WriteLine($"{_name}: {OneLine(message)}");
        if (debug)
        {
            host.Error.WriteLine(error);
        }

        return error switch
        {
            ConfigurationException => ExitCode.Usage,
            DeviceException => ExitCode.Device,
            OperationCanceledException => ExitCode.Interrupted,
            _ => ExitCode.Failure,
        };
    }

    private static string OneLine(string text) => string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
