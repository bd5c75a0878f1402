using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace AdaShare.Native.Host.Tests.Commands;

/// <summary>The program in a process of its own, for what signals and kills do.</summary>
internal sealed partial class HostProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    private HostProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => Take(_output, e.Data);
        process.ErrorDataReceived += (_, e) => Take(_error, e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The signals, by their numbers on Linux and macOS.</summary>
    public enum Signal
    {
        Hangup = 1,
        Interrupt = 2,
        Kill = 9,
        Terminate = 15,
    }

    public bool HasExited => _process.HasExited;

    public int Id => _process.Id;

    /// <summary>Skips a test of a signal that processes started from here never see, such as HUP under nohup.</summary>
    public static void RequireHeard(Signal signal)
    {
        const string status = "/proc/self/status", ignored = "SigIgn:";
        string? line = File.Exists(status) ? File.ReadLines(status).FirstOrDefault(static line => line.StartsWith(ignored, StringComparison.Ordinal)) : null;
        if (line is not null && (Convert.ToUInt64(line[ignored.Length..].Trim(), 16) >> ((int)signal - 1) & 1) == 1)
        {
            Assert.Ignore($"this session ignores the signal {signal}, as nohup makes it: start the tests without it");
        }
    }

    public static HostProcess Start(params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "adashare.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        return new HostProcess(Process.Start(start)!);
    }

    /// <summary>Whether it has written a text to standard output.</summary>
    public bool Says(string text)
    {
        lock (_output)
        {
            return _output.ToString().Contains(text, StringComparison.Ordinal);
        }
    }

    /// <summary>Waits until something holds or the process has ended.</summary>
    /// <returns>Whether it holds.</returns>
    public bool WaitFor(Func<bool> holds)
    {
        long start = Stopwatch.GetTimestamp();
        while (!holds() && !_process.HasExited)
        {
            Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(Limit), "the process does not get on");
            Thread.Sleep(2);
        }

        return holds();
    }

    public void Send(Signal signal) => Assert.That(Kill(_process.Id, (int)signal), Is.Zero);

    /// <summary>Waits for the end.</summary>
    public CommandRun End()
    {
        Assert.That(_process.WaitForExit(Limit), "the process does not end");
        _process.WaitForExit();
        return new CommandRun(_process.ExitCode, _output.ToString(), _error.ToString());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static void Take(StringBuilder text, string? line)
    {
        lock (text)
        {
            text.Append(line).Append(line is null ? "" : "\n");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
