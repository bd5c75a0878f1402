namespace AdaShare.Native.Engine.Optimizers;

/// <summary>Multiplies the learning rates by a factor after every so many steps. It has no state of its own: the rate follows from the steps done.</summary>
/// <remarks>PyTorch: <c>torch.optim.lr_scheduler.StepLR</c>, stepped once after each optimiser step.</remarks>
public sealed class StepSchedule
{
    private readonly Optimizer _optimizer;
    private readonly long _period;
    private readonly double _factor;

    /// <summary>Creates the schedule.</summary>
    /// <param name="optimizer">Whose rates it sets.</param>
    /// <param name="period">Steps between decays; 0 for never.</param>
    /// <param name="factor">Above 0.</param>
    public StepSchedule(Optimizer optimizer, long period, double factor)
    {
        if (period < 0 || !(factor > 0))
        {
            throw new Errors.AdaShareException($"step schedule: the period {period} must be 0 or more and the factor {factor} above 0");
        }

        _optimizer = optimizer;
        _period = period;
        _factor = factor;
    }

    /// <summary>Sets the learning rates for the next step. Call before <see cref="Optimizer.Step"/>.</summary>
    public void Apply()
    {
        double scale = _period == 0 ? 1 : Math.Pow(_factor, _optimizer.StepCount / _period);
        foreach (OptimizerGroup group in _optimizer.Groups)
        {
            group.LearningRate = group.InitialLearningRate * scale;
        }
    }
}
