namespace AdaShare.Native.Learning.Weightings;

/// <summary>
/// A weighting of shared weights that is a function of the tasks' inner products of gradients alone. A task without labels in a step has no gradient: the others are weighed without it.
/// </summary>
internal abstract class GramWeighting(int tasks) : Weighting(tasks)
{
    /// <inheritdoc/>
    public sealed override WeightingNeeds Needs => WeightingNeeds.SharedWeights;

    /// <inheritdoc/>
    public sealed override double[] Weigh(WeightingView view)
    {
        double[,] gram = view.Gram ?? throw new ArgumentException("the step has no inner products", nameof(view));
        if (gram.Cast<double>().Any(static product => !double.IsFinite(product)))
        {
            // Training has diverged, which the losses say better than weights could.
            return [.. Enumerable.Repeat(1.0, Tasks)];
        }

        int[] present = [.. Enumerable.Range(0, Tasks).Where(t => gram[t, t] > 0)];
        var weights = new double[Tasks];
        if (present.Length > 0)
        {
            double[] found = Solve(present.Length == Tasks ? gram : SmallMatrices.Part(gram, present), view.Step);
            for (int i = 0; i < present.Length; i++)
            {
                weights[present[i]] = found[i];
            }
        }

        return weights;
    }

    /// <summary>The weights of gradients that are not 0.</summary>
    /// <param name="gram">Their inner products.</param>
    /// <param name="step">Steps done before, for random numbers.</param>
    protected abstract double[] Solve(double[,] gram, long step);
}
