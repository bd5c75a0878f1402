namespace AdaShare.Native.Methods.BlockDrop;

/// <summary>The keys of section <c>blockdrop</c>.</summary>
public sealed class BlockDropOptions
{
    /// <summary>Steps of the training with hard sharing from which the policy starts, half of <c>train.total_iters</c> if absent; the rest of those trains the policy alone.</summary>
    public int? WarmUpIters { get; set; }

    /// <summary>Steps of the policy's training until one more block has a decision, from the last block to the first; if absent so many that all blocks have one in its second half.</summary>
    public int? OpenIters { get; set; }

    /// <summary>How far the policy's training trusts its probabilities: blocks are drawn with alpha p + (1 - alpha) (1 - p); above 0.5, below 1.</summary>
    public double Alpha { get; set; } = 0.8;

    /// <summary>The weight of the entropy of the decisions, which keeps them open, in the policy's training.</summary>
    public double Entropy { get; set; } = 0.1;

    /// <summary>The learning rate of the policy's training.</summary>
    public double PolicyLr { get; set; } = 1e-3;

    /// <summary>How much worse than with every block an image's weighted loss may be and still count as right: a share of that loss.</summary>
    public double Tolerance { get; set; } = 0.05;

    /// <summary>What an image costs that is not right, in the policy's training.</summary>
    public double Penalty { get; set; } = 1;

    /// <summary>The same in the training of weights and policy together.</summary>
    public double JointPenalty { get; set; } = 5;

    /// <summary>The factor on the backbone's learning rate for the policy network in the training of both together.</summary>
    public double RateFactor { get; set; } = 1;
}
