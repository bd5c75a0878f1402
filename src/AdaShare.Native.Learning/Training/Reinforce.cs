using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Learning.Training;

/// <summary>The loss whose gradient is that of REINFORCE (Williams, "Simple statistical gradient-following algorithms for connectionist reinforcement learning", 1992).</summary>
public static class Reinforce
{
    /// <summary>
    /// -1/N sum over n of A_n log pi_n, with log pi_n the sum over n's decisions of the logarithm of the probability of what was decided: its gradient is minus an unbiased estimate of the expected
    /// reward's where A is the reward less a baseline that does not depend on the decisions.
    /// </summary>
    /// <param name="step">The step that owns the loss.</param>
    /// <param name="probability">[N, …]: the probabilities from which decisions were drawn, each outcome its own, above 0.</param>
    /// <param name="taken">As many numbers: 1 where that outcome was drawn, 0 where it was not, or where nothing was decided.</param>
    /// <param name="advantages">A_n, a constant to the gradient.</param>
    /// <returns>A scalar.</returns>
    /// <exception cref="ArgumentException">There are not as many numbers, or advantages, as probabilities.</exception>
    public static Tensor Loss(Step step, Tensor probability, IReadOnlyList<double> taken, IReadOnlyList<double> advantages)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(probability);
        ArgumentNullException.ThrowIfNull(taken);
        ArgumentNullException.ThrowIfNull(advantages);
        int rows = probability.Shape[0];
        if (taken.Count != probability.Count || advantages.Count != rows)
        {
            throw new ArgumentException($"reinforce: {taken.Count} decisions and {advantages.Count} advantages for probabilities {probability.Shape}; give one decision an outcome and one advantage a row", nameof(taken));
        }

        using SectionScope section = step.Backend.EnterSection(StepSections.Loss);
        int outcomes = taken.Count / rows;
        double[] weights = [.. taken.Select((one, i) => one == 0 ? 0 : -advantages[i / outcomes] / rows)];
        return step.Sum(step.Multiply(step.Log(probability), step.FromDoubles(probability.Shape, probability.DType, weights)));
    }
}
