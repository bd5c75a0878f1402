using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Devices;
using Spectre.Console;

namespace AdaShare.Native.Host.Commands.Bench;

/// <summary>Where a benchmark's figures go: as tables to standard output, as JSON to a file, or as JSON alone to standard output.</summary>
internal sealed class BenchOutput
{
    private const string StandardOutput = "-";

    private readonly HostContext _host;
    private readonly string? _json;

    /// <summary>Checks where JSON goes before anything is measured.</summary>
    /// <param name="host">The surroundings.</param>
    /// <param name="json">The value of <c>--json</c>.</param>
    /// <exception cref="ConfigurationException">No file can be written there.</exception>
    public BenchOutput(HostContext host, string? json)
    {
        (_host, _json) = (host, json);
        if (json is not null && json != StandardOutput)
        {
            if (json.Length == 0 || Directory.Exists(json))
            {
                throw new ConfigurationException($"--json {json}: is {(json.Length == 0 ? "empty" : "a folder")}; name a file, or - for standard output");
            }

            MakeFolder(json);
        }
    }

    /// <summary>Whether a reader sees tables; otherwise standard output is a machine's.</summary>
    public bool ShowsTables => _json != StandardOutput;

    /// <summary>Writes a line for the reader.</summary>
    public void Line(string text)
    {
        if (ShowsTables)
        {
            _host.Output.WriteLine(text);
        }
    }

    /// <summary>Does some work; on a terminal a line says what until it is done.</summary>
    public T Busy<T>(string what, Func<T> work) =>
        ShowsTables && _host.IsTerminal ? _host.Console.Status().Start(Markup.Escape($"measuring {what}"), _ => work()) : work();

    /// <summary>Writes tables for the reader.</summary>
    public void Tables(Action<IAnsiConsole> write)
    {
        if (ShowsTables)
        {
            write(_host.Console);
        }
    }

    /// <summary>Writes the figures for machines, where that was asked for.</summary>
    public void Write(BenchmarkRun run)
    {
        if (!ShowsTables)
        {
            _host.Output.WriteLine(ResultFile.ToJson(run));
        }
        else if (_json is not null)
        {
            ResultFile.Write(_json, run);
            Line($"figures: {_json}");
        }
    }

    private static void MakeFolder(string json)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(json))!);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"--json {json}: its folder can't be made ({error.Message.TrimEnd('.')}); name a file elsewhere, or - for standard output");
        }
    }

    /// <summary>A run without rows.</summary>
    /// <param name="benchmark">What is measured.</param>
    /// <param name="device">Where.</param>
    /// <param name="numerics">How convolutions round.</param>
    /// <param name="threads">Threads of the CPU, or null for all processors.</param>
    public static BenchmarkRun Run(string benchmark, SelectedDevice device, string numerics, int? threads) =>
        Provenance.Of(benchmark, device.Backend, numerics, device.IsCpu ? threads ?? Environment.ProcessorCount : 0);
}
