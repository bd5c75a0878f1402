using AdaShare.Native.Learning.Configuration;

namespace AdaShare.Native.Methods.Den;

/// <summary>How long the phases before the final training are.</summary>
/// <param name="WarmUp">Steps at random levels.</param>
/// <param name="Rounds">How often the selector is trained.</param>
/// <param name="Selector">Steps of each training of the selector.</param>
/// <param name="Estimator">Steps of each training of the network in between.</param>
internal sealed record DenSchedule(long WarmUp, int Rounds, long Selector, long Estimator)
{
    private const int Quarter = 4;

    /// <summary>All of them.</summary>
    public long Steps => WarmUp + (Rounds * Selector) + ((Rounds - 1) * Estimator);

    /// <summary>What a configuration says, or leaves to us.</summary>
    public static DenSchedule Of(RunConfig config)
    {
        DenOptions options = config.Options<DenOptions>();
        int total = config.Train.TotalIters, rounds = options.Rounds;
        return new DenSchedule(options.WarmUpIters ?? total / 2, rounds, options.SelectorIters ?? total / (Quarter * rounds), options.EstimatorIters ?? total / (Quarter * Math.Max(1, rounds - 1)));
    }
}
