using System.Collections.Concurrent;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace AdaShare.Native.Host.Console;

/// <summary>The text beside each progress bar: steps, losses, speed, time left. Written by the work, read by the thread that draws.</summary>
public sealed class StatusColumn : ProgressColumn
{
    private readonly ConcurrentDictionary<int, string> _texts = new();

    /// <inheritdoc/>
    protected override bool NoWrap => true;

    /// <summary>Changes the text of a bar.</summary>
    public void Set(ProgressTask bar, string text)
    {
        ArgumentNullException.ThrowIfNull(bar);
        _texts[bar.Id] = text;
    }

    /// <inheritdoc/>
    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
    {
        ArgumentNullException.ThrowIfNull(task);
        return new Text(_texts.GetValueOrDefault(task.Id, "")) { Overflow = Overflow.Ellipsis };
    }
}
