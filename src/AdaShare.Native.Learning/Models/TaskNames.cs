namespace AdaShare.Native.Learning.Models;

/// <summary>
/// Names of parameters by their task (<c>seg.backbone.conv1.weight</c>, <c>seg.head_c0.conv1.weight</c>), not by its number: a task then starts from the same weights, and drops the same
/// elements, whatever tasks stand beside it, and finds its network in the file of a run that had other tasks, or the same in another order.
/// </summary>
public static class TaskNames
{
    private const string BackboneName = ".backbone";
    private const string HeadName = ".head";

    /// <summary>What the names of a task's own backbone, or of its branch of one, begin with.</summary>
    public static string Backbone(string task) => task + BackboneName;

    /// <summary>What the names of a task's head begin with.</summary>
    public static string Head(string task) => task + HeadName;

    /// <summary>The task to whose network a parameter, buffer or counter of a name belongs; null where it belongs to none, but joins several.</summary>
    public static string? TaskOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && (name.AsSpan(dot).StartsWith(BackboneName + ".") || name.AsSpan(dot).StartsWith(HeadName + "_")) ? name[..dot] : null;
    }
}
