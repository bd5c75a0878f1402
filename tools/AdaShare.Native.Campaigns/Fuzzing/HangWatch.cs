namespace AdaShare.Native.Campaigns.Fuzzing;

/// <summary>Ends the process when an input never ends: no measurement taken afterwards would see it.</summary>
internal sealed class HangWatch : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(300);

    private readonly Timer _timer;

    /// <param name="path">The input's file, for the message.</param>
    /// <param name="error">Where it goes.</param>
    public HangWatch(string path, TextWriter error) => _timer = new Timer(_ =>
    {
        error.WriteLine($"{path}: has been read for {Limit.TotalSeconds} seconds and is not done; the file is the input at fault");
        error.Flush();
        Environment.Exit(CommandLine.Failure);
    });

    /// <summary>An input begins.</summary>
    public void Begin() => _timer.Change(Limit, Timeout.InfiniteTimeSpan);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();
}
