using Spectre.Console;
using Spectre.Console.Rendering;

namespace AdaShare.Native.Host.Console;

/// <summary>The text beside a progress bar: steps, losses, speed, time left.</summary>
public sealed class StatusColumn : ProgressColumn
{
    /// <summary>The name under which a bar keeps its text.</summary>
    public const string Key = "status";

    /// <inheritdoc/>
    protected override bool NoWrap => true;

    /// <inheritdoc/>
    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
        new Text(task.State.Get<string>(Key) ?? "") { Overflow = Overflow.Ellipsis };
}
