using System.Collections.Concurrent;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace AdaShare.Native.Host.Console;

/// <summary>The text beside each progress bar: steps, losses, speed, time left. Written by the work, read by the thread that draws.</summary>
public sealed class StatusColumn : ProgressColumn
{
    /// <summary>The width of the bars' own column.</summary>
    public const int BarWidth = 20;

    // What the phase's name, the bar and the gaps take; the text has the rest of the line, and loses its last parts where it is longer, since a second line would
    // make the bars jump.
    private const int OtherColumns = PhaseWidth + BarWidth + 4;
    private const int PhaseWidth = 14;
    private const int Smallest = 20;

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
    public override int? GetColumnWidth(RenderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Math.Max(Smallest, options.ConsoleSize.Width - OtherColumns);
    }

    /// <inheritdoc/>
    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
    {
        ArgumentNullException.ThrowIfNull(task);
        return new Text(Fit(_texts.GetValueOrDefault(task.Id, ""), GetColumnWidth(options)!.Value));
    }

    /// <summary>As many of a text's parts, which two spaces separate, as fit a width.</summary>
    internal static string Fit(string text, int width)
    {
        if (text.Length <= width)
        {
            return text;
        }

        int end = text.LastIndexOf("  ", width, StringComparison.Ordinal);
        return text[..(end > 0 ? end : width)];
    }
}
