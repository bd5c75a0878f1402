namespace AdaShare.Native.Methods.Ltb;

/// <summary>How branches are chosen from step to step.</summary>
/// <param name="steps">Steps of the training.</param>
/// <param name="options">The schedule.</param>
public sealed class BranchSchedule(long steps, LtbOptions options)
{
    /// <summary>Whether a training step hands on one branch for each, instead of a mixture.</summary>
    public bool IsHard => options.HardSampling;

    /// <summary>Whether every branch still reads the sum of all branches before it.</summary>
    /// <param name="done">Steps done.</param>
    public bool IsWarmUp(long done) => done < options.WarmUp * steps;

    /// <summary>The temperature of the Gumbel-softmax: first / sqrt(1 + p ((first / last)² - 1)), where p is the share of the steps that are done.</summary>
    /// <param name="done">Steps done.</param>
    public double Temperature(long done)
    {
        double fall = options.FirstTemperature / options.LastTemperature, progress = (double)done / steps;
        return options.FirstTemperature / Math.Sqrt(1 + (progress * ((fall * fall) - 1)));
    }
}
