namespace AdaShare.Native.Methods.Nddr;

/// <summary>The keys of section <c>nddr</c>.</summary>
public sealed class NddrOptions
{
    /// <summary>
    /// The weight of a task's own channel in the filter that makes it at the start; the other tasks' channels of the same index share what is left to 1, and all other channels have 0.
    /// 0.9 for two tasks as in the official code; MTL-PyTorch starts five tasks from 0.8, which leaves each of the others its 0.05.
    /// </summary>
    public double OwnWeight { get; set; } = 0.9;

    /// <summary>The factor on <c>train.backbone_lr</c> for the layers: the official code's <c>--nddr-mult 100</c>. MTL-PyTorch uses 1.</summary>
    public double RateFactor { get; set; } = 100;

    /// <summary>The folder of a <c>single_task</c> run whose networks the training starts from, as in the official code; nothing for fresh ones.</summary>
    public string? StartFrom { get; set; }
}
