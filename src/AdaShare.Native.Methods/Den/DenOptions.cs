namespace AdaShare.Native.Methods.Den;

/// <summary>The keys of section <c>den</c>.</summary>
public sealed class DenOptions
{
    /// <summary>Steps in which the network learns to work at every level: most images whole, the others at random levels; half of <c>train.total_iters</c> if absent.</summary>
    public int? WarmUpIters { get; set; }

    /// <summary>The share of images that are whole in those steps, 0 to 1.</summary>
    public double WholeShare { get; set; } = 0.75;

    /// <summary>How often the selector is trained. In between the network is trained under what the selector prefers, and so it is after the last time, which makes the final network.</summary>
    public int Rounds { get; set; } = 2;

    /// <summary>Steps of a training of the selector; all of them together have a quarter of <c>train.total_iters</c> if absent.</summary>
    public int? SelectorIters { get; set; }

    /// <summary>Steps of a training of the network between two of the selector; all of them together have a quarter of <c>train.total_iters</c> if absent.</summary>
    public int? EstimatorIters { get; set; }

    /// <summary>Adam's learning rate of the selector.</summary>
    public double SelectorLr { get; set; } = 1e-3;

    /// <summary>What the reward for leaving out is divided by.</summary>
    public double Rho { get; set; } = 10;

    /// <summary>The factor, step by step of a training of the selector, on the share of random decisions, which begins at 1.</summary>
    public double ExplorationDecay { get; set; } = 0.99;
}
