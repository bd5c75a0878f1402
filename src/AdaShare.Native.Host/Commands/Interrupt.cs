using System.Diagnostics;
using System.Runtime.InteropServices;
using Spectre.Console;

namespace AdaShare.Native.Host.Commands;

/// <summary>Turns the first Ctrl-C (or the signal of a termination, or of a terminal that closes) into a request to stop; the second one ends the process as usual.</summary>
public sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource _source;
    private static readonly TimeSpan SameWish = TimeSpan.FromSeconds(2);

    private readonly List<PosixSignalRegistration> _registrations = [];
    private (PosixSignal Signal, long Time)? _first;
    private string _message = "";

    private Interrupt(CancellationToken stop) => _source = CancellationTokenSource.CreateLinkedTokenSource(stop);

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Listens until disposed.</summary>
    /// <param name="host">Whose wish to stop counts as well, and where the message goes.</param>
    /// <param name="message">What the first signal prints.</param>
    public static Interrupt Listen(HostContext host, string message)
    {
        ArgumentNullException.ThrowIfNull(host);
        var interrupt = new Interrupt(host.Stop) { _message = message };
        foreach (PosixSignal signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP })
        {
            interrupt._registrations.Add(PosixSignalRegistration.Create(signal, context => interrupt.Handle(context, host)));
        }

        return interrupt;
    }

    /// <summary>Says from now on something else at the first signal: another part of the work has begun.</summary>
    /// <param name="message">What the first signal prints.</param>
    public void Say(string message) => Volatile.Write(ref _message, message);

    /// <inheritdoc/>
    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _source.Dispose();
    }

    /// <summary>On a terminal the line must pass through what draws the progress bars, or they overwrite it.</summary>
    private static void Say(HostContext host, string line)
    {
        if (host.IsTerminal)
        {
            host.Console.WriteLine(line);
        }
        else
        {
            host.Error.WriteLine(line);
        }
    }

    private void Handle(PosixSignalContext context, HostContext host)
    {
        if (_first is { } first)
        {
            // A terminal's Ctrl-C reaches every process of a study, whose parent also asks its children to end: one wish, two signals.
            context.Cancel = context.Signal != first.Signal && Stopwatch.GetElapsedTime(first.Time) < SameWish;
            return;
        }

        _first = (context.Signal, Stopwatch.GetTimestamp());
        context.Cancel = true;
        if (_source.IsCancellationRequested)
        {
            // Whoever embeds the command has asked before: the same wish again.
            return;
        }

        Say(host, $"adashare: {Volatile.Read(ref _message)}");
        _source.Cancel();
    }
}
