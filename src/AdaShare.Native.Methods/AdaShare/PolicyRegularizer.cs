using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning;

namespace AdaShare.Native.Methods.AdaShare;

/// <summary>The sparsity loss, which favours skipping, and the sharing loss, which favours equal decisions, as functions of the logits.</summary>
public static class PolicyRegularizer
{
    /// <summary>
    /// The sparsity loss over the open blocks. Log-likelihood: the sum over tasks and blocks of log alpha. Cross-entropy: the sum over tasks of the mean over
    /// blocks of -log(1 - alpha), or twice the mean of (l + 1) / L times it where depth is weighed.
    /// </summary>
    /// <param name="step">The step that owns the result.</param>
    /// <param name="network">Whose logits.</param>
    /// <param name="rules">Which form.</param>
    /// <param name="openBlocks">How many of the last blocks have an open decision.</param>
    /// <returns>A scalar.</returns>
    public static Tensor Sparsity(Step step, AdaShareNetwork network, LossRules rules, int openBlocks) =>
        Sparsity(step, [.. network.Logits.Select(static logits => logits.Value)], rules, openBlocks);

    /// <summary>As the other form, of logits from anywhere.</summary>
    /// <param name="step">The step that owns the result.</param>
    /// <param name="logitsOfTasks">For each task [decisions, 2], or [N, decisions, 2], of which the mean over the N images is taken.</param>
    /// <param name="rules">Which form.</param>
    /// <param name="openBlocks">How many of the last blocks have an open decision.</param>
    /// <returns>A scalar.</returns>
    public static Tensor Sparsity(Step step, IReadOnlyList<Tensor> logitsOfTasks, LossRules rules, int openBlocks)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(logitsOfTasks);
        ArgumentNullException.ThrowIfNull(rules);
        using SectionScope section = step.Backend.EnterSection(StepSections.Loss);
        int decisions = logitsOfTasks[0].Shape[-2];
        int open = Math.Min(openBlocks, decisions);
        bool likelihood = rules.Sparsity == SparsityForm.LogLikelihood;
        Tensor? total = null;
        foreach (Tensor logits in logitsOfTasks)
        {
            // log alpha is column 0 of the log-softmax, log(1 - alpha) column 1.
            Tensor rows = step.Slice(step.LogSoftmax(logits), -2, decisions - open, open);
            Tensor column = step.Slice(rows, -1, likelihood ? 0 : 1, 1);
            Tensor term = likelihood ? SumOverBlocks(step, column)
                : rules.WeighSparsityByDepth ? step.Scale(step.Mean(step.Multiply(column, DepthWeights(step, column, decisions, open))), -2)
                : step.Scale(step.Mean(column), -1);
            total = total is null ? term : step.Add(total, term);
        }

        return total!;
    }

    /// <summary>The sharing loss: the sum over task pairs and all blocks of w_l times the distance of the two decisions.</summary>
    /// <param name="step">The step that owns the result.</param>
    /// <param name="network">Whose logits.</param>
    /// <param name="rules">Weights and distance.</param>
    /// <returns>A scalar, 0 for one task.</returns>
    public static Tensor Sharing(Step step, AdaShareNetwork network, LossRules rules) => Sharing(step, [.. network.Logits.Select(static logits => logits.Value)], rules);

    /// <summary>As the other form, of logits from anywhere.</summary>
    /// <param name="step">The step that owns the result.</param>
    /// <param name="logitsOfTasks">For each task [decisions, 2], or [N, decisions, 2], of which the mean over the N images is taken.</param>
    /// <param name="rules">Weights and distance.</param>
    /// <returns>A scalar, 0 for one task.</returns>
    public static Tensor Sharing(Step step, IReadOnlyList<Tensor> logitsOfTasks, LossRules rules)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(logitsOfTasks);
        ArgumentNullException.ThrowIfNull(rules);
        using SectionScope section = step.Backend.EnterSection(StepSections.Loss);
        int decisions = logitsOfTasks[0].Shape[-2];
        List<Tensor> select = [.. logitsOfTasks.Select(logits =>
        {
            Tensor source = rules.SharingDistance == SharingDistance.Probability ? step.Softmax(logits) : logits;
            return step.Slice(source, -1, 0, 1);
        })];
        Tensor weights = BlockWeights(step, select[0], rules.SharingWeights, decisions);
        Tensor? total = null;
        for (int i = 0; i < select.Count; i++)
        {
            for (int j = i + 1; j < select.Count; j++)
            {
                Tensor term = SumOverBlocks(step, step.Multiply(step.Abs(step.Subtract(select[i], select[j])), weights));
                total = total is null ? term : step.Add(total, term);
            }
        }

        return total ?? step.FromDoubles(Shape.Scalar, weights.DType, [0]);
    }

    // The sum over blocks, of images their mean.
    private static Tensor SumOverBlocks(Step step, Tensor column)
    {
        Tensor sum = step.Sum(column);
        return column.Shape.Rank == 2 ? sum : step.Scale(sum, 1.0 / column.Shape[0]);
    }

    private static Tensor BlockWeights(Step step, Tensor like, SharingWeights kind, int decisions)
    {
        var weights = new double[decisions];
        for (int l = 0; l < decisions; l++)
        {
            weights[l] = kind switch
            {
                SharingWeights.Bottom => (decisions - l) / (double)decisions,
                SharingWeights.Top => (l + 1) / (double)decisions,
                _ => 1,
            };
        }

        return step.FromDoubles(new Shape(decisions, 1), like.DType, weights);
    }

    private static Tensor DepthWeights(Step step, Tensor like, int decisions, int open)
    {
        double[] weights = [.. Enumerable.Range(decisions - open, open).Select(l => (l + 1) / (double)decisions)];
        return step.FromDoubles(new Shape(open, 1), like.DType, weights);
    }
}
