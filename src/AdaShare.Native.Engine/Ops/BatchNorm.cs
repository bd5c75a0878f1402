using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Ops;

/// <summary>Batch normalisation.</summary>
public static class BatchNormOps
{
    /// <summary>
    /// Normalises each channel with the batch's own mean and biased variance: y = gamma (x - mean) / sqrt(variance + epsilon) + beta, then ReLU if asked.
    /// </summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">[N, …, C].</param>
    /// <param name="gamma">[C].</param>
    /// <param name="beta">[C].</param>
    /// <param name="epsilon">PyTorch's default is 1e-5.</param>
    /// <param name="relu">Whether ReLU follows, in the same pass over memory.</param>
    /// <param name="groups">The number of equal parts of the batch (streams) that have statistics of their own; divides N.</param>
    /// <param name="running">Running statistics to update, or null.</param>
    /// <returns>The shape of the input.</returns>
    /// <remarks>PyTorch: <c>F.batch_norm(training=True)</c>.</remarks>
    public static Tensor BatchNorm(this Step step, Tensor input, Tensor gamma, Tensor beta, double epsilon = 1e-5, bool relu = false, int groups = 1, RunningStatistics? running = null)
    {
        const string Op = "batch_norm";
        using BackendScope scope = Check.Enter(step, Op, [input, gamma, beta], [running?.Mean, running?.Variance]);
        int channels = CheckArguments(Op, input, gamma, beta);
        CheckGroups(Op, input, groups);
        CheckRunning(Op, gamma, groups, running);
        Tensor mean = step.New(new Shape(groups, channels), gamma.DType);
        Tensor inverseStd = step.New(new Shape(groups, channels), gamma.DType);
        Tensor output = step.New(input.Shape, input.DType);
        IBatchNormKernels kernels = step.Backend.BatchNorm;
        kernels.ForwardTraining(input, gamma, beta, epsilon, relu, output, mean, inverseStd, running);
        MarkMoved(running);
        if (step.Wants(input, gamma, beta))
        {
            // The input is kept, because what ReLU cut can't be had from the output; where ReLU cut follows from the input, so the output is not kept.
            Tensor? reluBeta = relu ? beta : null;
            step.Record(Op, output, [input, gamma, reluBeta, mean, inverseStd], gradOutput =>
                kernels.BackwardTraining(input, gradOutput, gamma, reluBeta, mean, inverseStd, step.TargetFor(input), step.TargetFor(gamma), step.TargetFor(beta)));
        }

        step.Release(mean);
        step.Release(inverseStd);
        return output;
    }

    /// <summary>Normalises with given statistics, which are constants to the gradient: y = gamma (x - mean) / sqrt(variance + epsilon) + beta.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">[N, …, C].</param>
    /// <param name="gamma">[C].</param>
    /// <param name="beta">[C].</param>
    /// <param name="runningMean">[C].</param>
    /// <param name="runningVariance">[C].</param>
    /// <param name="epsilon">PyTorch's default is 1e-5.</param>
    /// <param name="relu">Whether ReLU follows, in the same pass over memory.</param>
    /// <remarks>PyTorch: <c>F.batch_norm(training=False)</c>.</remarks>
    public static Tensor BatchNormInference(this Step step, Tensor input, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, double epsilon = 1e-5, bool relu = false)
    {
        const string Op = "batch_norm_inference";
        using BackendScope scope = Check.Enter(step, Op, [input, gamma, beta, runningMean, runningVariance]);
        int channels = CheckArguments(Op, input, gamma, beta);
        Check.Parameters(Op, input, runningMean, runningVariance);
        Check.Shape(Op, "the running mean", runningMean, new Shape(channels));
        Check.Shape(Op, "the running variance", runningVariance, new Shape(channels));
        Tensor output = step.New(input.Shape, input.DType);
        IBatchNormKernels kernels = step.Backend.BatchNorm;
        kernels.ForwardInference(input, gamma, beta, runningMean, runningVariance, epsilon, relu, output);
        if (step.Wants(input, gamma, beta))
        {
            Tensor? reluBeta = relu ? beta : null;
            step.Record(Op, output, [input, gamma, reluBeta, runningMean, runningVariance], gradOutput =>
                kernels.BackwardInference(input, gradOutput, gamma, reluBeta, runningMean, runningVariance, epsilon, step.TargetFor(input), step.TargetFor(gamma), step.TargetFor(beta)));
        }

        return output;
    }

    internal static int CheckArguments(string op, Tensor input, Tensor gamma, Tensor beta)
    {
        Check.Parameters(op, input, gamma, beta);
        Check.MinimumRank(op, input, 2);
        int channels = input.Shape[-1];
        Check.Shape(op, "gamma", gamma, new Shape(channels));
        Check.Shape(op, "beta", beta, new Shape(channels));
        return channels;
    }

    internal static void CheckGroups(string op, Tensor input, int groups)
    {
        Check.MinimumRank(op, input, 2);
        if (groups < 1 || input.Shape[0] % groups != 0)
        {
            throw new ShapeException($"{op}: a batch of {input.Shape[0]} does not split into {groups} groups of statistics; the groups must divide it");
        }

        if (input.Count == 0)
        {
            throw new ShapeException($"{op}: {input} has no elements, and nothing has no mean; leave an empty batch out");
        }
    }

    internal static void CheckRunning(string op, Tensor gamma, int groups, RunningStatistics? running)
    {
        if (running is null)
        {
            return;
        }

        Check.Shape(op, "the running mean", running.Mean, gamma.Shape);
        Check.Shape(op, "the running variance", running.Variance, gamma.Shape);
        Check.Type(op, "the running mean", running.Mean, gamma.DType);
        Check.Type(op, "the running variance", running.Variance, gamma.DType);
        foreach (int group in running.Updates)
        {
            if ((uint)group >= (uint)groups)
            {
                throw new ShapeException($"{op}: the running statistics are to be updated by group {group}, and there are {groups}; groups count from 0");
            }
        }
    }

    /// <summary>Says that running statistics have moved: what was to be differentiated with the old ones can't be any more.</summary>
    internal static void MarkMoved(RunningStatistics? running)
    {
        running?.Mean.MarkOverwritten();
        running?.Variance.MarkOverwritten();
    }
}
