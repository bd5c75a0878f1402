namespace AdaShare.Native.Methods.StochasticDepth;

/// <summary>The keys of section <c>stochastic_depth</c>.</summary>
public sealed class StochasticDepthOptions
{
    /// <summary>The probability that the last block runs, 0 to 1; that of block l of L is 1 - (1 - keep_last) l / L.</summary>
    public double KeepLast { get; set; } = 0.5;
}
