namespace AdaShare.Native.Learning.Models;

/// <summary>How what joins the networks of tasks starts: near the identity, with a little of every other task.</summary>
/// <param name="Own">The weight of a task's own features.</param>
/// <param name="Other">The weight of each other task's.</param>
public readonly record struct OwnAndOthers(double Own, double Other)
{
    /// <summary>Weights that add up to 1: the others share what the own one leaves; a task that is alone keeps all.</summary>
    /// <param name="own">The weight of a task's own features, 0 to 1.</param>
    /// <param name="tasks">The number of tasks.</param>
    public static OwnAndOthers Of(double own, int tasks) => tasks > 1 ? new OwnAndOthers(own, (1 - own) / (tasks - 1)) : new OwnAndOthers(1, 0);
}
