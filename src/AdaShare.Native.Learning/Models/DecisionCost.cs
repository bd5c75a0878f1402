namespace AdaShare.Native.Learning.Models;

/// <summary>
/// What images decided, and what that costs an image on average, backbone and what decides, without heads. Multiply-adds are counted as in <see cref="ModelCost"/>, at the size to which its numbers refer.
/// </summary>
public sealed class DecisionCost
{
    /// <summary>The images.</summary>
    public long Images { get; set; }

    /// <summary>
    /// The share of images that run a block [task][block]; where a network decides how much of a block runs, the mean of that, and where it chooses one of several blocks, the share of each of them.
    /// </summary>
    public double[][] Runs { get; set; } = [];

    /// <summary>The mean probability with which a block runs, or how much of it is expected to [task][block].</summary>
    public double[][] Probability { get; set; } = [];

    /// <summary>Multiply-adds in a pass for each task, as the probabilities lead to expect.</summary>
    public double Expected { get; set; }

    /// <summary>Multiply-adds in a pass for each task, under the decisions that were taken.</summary>
    public double Passes { get; set; }

    /// <summary>Multiply-adds as executed under those decisions: what tasks have in common for an image is computed once.</summary>
    public double Executed { get; set; }
}
