namespace AdaShare.Native.Methods.AdaShareRl;

/// <summary>The keys of section <c>adashare_rl</c>; those of section <c>adashare</c> apply too.</summary>
public sealed class AdaShareRlOptions
{
    /// <summary>How much of the distribution from which decisions are drawn in the search is uniform, 0 to 1: blocks run with probability (1 - exploration) alpha + exploration / 2.</summary>
    public double Exploration { get; set; } = 0.1;
}
