namespace AdaShare.Native.Methods.CrossStitch;

/// <summary>The keys of section <c>cross_stitch</c>.</summary>
public sealed class CrossStitchOptions
{
    /// <summary><c>channel</c>: a unit has a weight for each channel of each pair of tasks; <c>scalar</c>: one for each pair of tasks.</summary>
    public string Units { get; set; } = "channel";

    /// <summary>
    /// The weight of a task's own features in its mixture at the start; the other tasks share what is left to 1. 0.9 for two tasks as in the original; MTL-PyTorch starts five tasks from
    /// 0.8, which leaves each of the others its 0.05.
    /// </summary>
    public double OwnWeight { get; set; } = 0.9;

    /// <summary>
    /// The factor on <c>train.backbone_lr</c> for the units. Misra et al. (CVPR 2016) raise the units' rate 100 to 1000 times over the network's, since their weights, near 1, are
    /// large beside filters; 100 is the least of it. MTL-PyTorch uses 1.
    /// </summary>
    public double RateFactor { get; set; } = 100;

    /// <summary>The folder of a <c>single_task</c> run whose networks the training starts from, as in the original; nothing for fresh ones.</summary>
    public string? StartFrom { get; set; }
}
