namespace AdaShare.Native.Host.Studies;

/// <summary>Notices in a process that another one started that this one is gone, or wants it to stop: standard input, which only the other one holds, ends then. It works however the other ends.</summary>
public sealed class ParentWatch : IDisposable
{
    private readonly CancellationTokenSource _source = new();

    /// <summary>Begins to read.</summary>
    /// <param name="input">What ends with the other process.</param>
    public ParentWatch(Stream input)
    {
        ArgumentNullException.ThrowIfNull(input);
        new Thread(() => ReadToEnd(input)) { IsBackground = true, Name = "parent watch" }.Start();
    }

    /// <summary>Cancelled when the other process is gone or wants it.</summary>
    public CancellationToken Token => _source.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_source)
        {
            _source.Dispose();
        }
    }

    private void ReadToEnd(Stream input)
    {
        var bytes = new byte[64];
        try
        {
            while (input.Read(bytes) > 0)
            {
                // Nothing is said there.
            }
        }
        catch (IOException)
        {
            // An end too.
        }

        try
        {
            lock (_source)
            {
                _source.Cancel();
            }
        }
        catch (ObjectDisposedException)
        {
            // The work was done before.
        }
    }
}
