using System.Diagnostics;

namespace AdaShare.Native.Campaigns.Killing;

/// <summary>A process of the program under test, and what it says.</summary>
public sealed class HostProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    internal HostProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Whether it has ended by itself.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Waits for its end.</summary>
    /// <returns>Whether it came in time.</returns>
    public bool Wait(TimeSpan limit) => _process.WaitForExit(limit);

    /// <summary>Its exit code and all that it said, after its end.</summary>
    public (int Code, string Text) End()
    {
        _process.WaitForExit();
        return (_process.ExitCode, $"{_output.Result}\n{_errors.Result}");
    }

    /// <summary>Ends it at once, without a chance to put anything in order: SIGKILL, or what Windows has for it.</summary>
    /// <returns>False where it had ended by itself.</returns>
    public bool Kill()
    {
        try
        {
            if (_process.HasExited)
            {
                return false;
            }

            _process.Kill();
            _process.WaitForExit();
            // An end by itself between the question and the kill shows in the exit code: that of a killed process is never 0.
            return _process.ExitCode != CommandLine.Success;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();
}
