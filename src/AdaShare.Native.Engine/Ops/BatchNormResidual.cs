using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Ops;

/// <summary>The end of a residual block in one op: batch normalisation, the residual, ReLU, and AdaShare's gates (Sun et al., NeurIPS 2020).</summary>
public static class BatchNormResidualOps
{
    /// <summary>
    /// ReLU(residual + BN(x)), or p_select ReLU(residual + BN(x)) + p_skip residual where there are gates, with BN(x) of <see cref="BatchNormOps.BatchNorm"/>.
    /// </summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">[B, H, W, C], x: the output of the block's last convolution.</param>
    /// <param name="gamma">[C].</param>
    /// <param name="beta">[C].</param>
    /// <param name="residual">[B, H, W, C], the block's input or its projection.</param>
    /// <param name="gates">[S, 2]: column 0 selects the block, column 1 skips it, for each of S streams along the batch; null where the block runs.</param>
    /// <param name="sharedInput">
    /// Whether all streams read the same B images, so that the output has S * B; otherwise stream s reads the s-th of S equal parts of the batch. False without gates.
    /// </param>
    /// <param name="epsilon">PyTorch's default is 1e-5.</param>
    /// <param name="groups">The number of equal parts of the batch that have statistics of their own; divides B.</param>
    /// <param name="running">Running statistics to update, or null.</param>
    /// <returns>[S * B, H, W, C] if shared, else [B, H, W, C].</returns>
    /// <exception cref="ShapeException">The shapes do not fit, groups or streams do not divide the batch, or an input is shared without gates.</exception>
    /// <remarks>
    /// For the backward rule x and the statistics are kept, with the residual where there are gates and the output where there are none: the normalised values and, under
    /// gates, the mask of ReLU are computed again. Both are needed by the neighbouring convolutions' filter gradients anyway.
    /// </remarks>
    public static Tensor BatchNormResidual(
        this Step step, Tensor input, Tensor gamma, Tensor beta, Tensor residual, Tensor? gates = null, bool sharedInput = false, double epsilon = 1e-5, int groups = 1,
        RunningStatistics? running = null)
    {
        const string Op = "batch_norm_residual";
        using BackendScope scope = Check.Enter(step, Op, [input, gamma, beta, residual], [gates, running?.Mean, running?.Variance]);
        Shape shape = OutputShape(Op, input, gamma, beta, residual, gates, sharedInput);
        BatchNormOps.CheckGroups(Op, input, groups);
        BatchNormOps.CheckRunning(Op, gamma, groups, running);
        var statistics = new Shape(groups, input.Shape[-1]);
        Tensor mean = step.New(statistics, gamma.DType), inverseStd = step.New(statistics, gamma.DType), output = step.New(shape, input.DType);
        IBatchNormResidualKernels kernels = step.Backend.BatchNormResidual;
        kernels.ForwardTraining(input, gamma, beta, epsilon, residual, gates, output, mean, inverseStd, running);
        BatchNormOps.MarkMoved(running);
        if (step.Wants(input, gamma, beta, residual, gates))
        {
            (Tensor? keptResidual, Tensor? keptOutput) = gates is null ? (null, output) : (residual, (Tensor?)null);
            step.Record(Op, output, [input, gamma, beta, mean, inverseStd, keptResidual, gates, keptOutput], gradOutput =>
            {
                BatchNormResidualGradients gradients = Targets(step, input, gamma, beta, residual, gates, output);
                kernels.BackwardTraining(input, gamma, beta, mean, inverseStd, keptResidual, gates, keptOutput, gradOutput, gradients);
            });
        }

        step.Release(mean);
        step.Release(inverseStd);
        return output;
    }

    /// <summary>As <see cref="BatchNormResidual"/>, with given statistics, which are constants to the gradient.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">[B, H, W, C], x: the output of the block's last convolution.</param>
    /// <param name="gamma">[C].</param>
    /// <param name="beta">[C].</param>
    /// <param name="runningMean">[C].</param>
    /// <param name="runningVariance">[C].</param>
    /// <param name="residual">[B, H, W, C], the block's input or its projection.</param>
    /// <param name="gates">[S, 2]: column 0 selects the block, column 1 skips it; null where the block runs.</param>
    /// <param name="sharedInput">Whether all streams read the same B images, so that the output has S * B. False without gates.</param>
    /// <param name="epsilon">PyTorch's default is 1e-5.</param>
    /// <returns>[S * B, H, W, C] if shared, else [B, H, W, C].</returns>
    /// <exception cref="ShapeException">The shapes do not fit, streams do not divide the batch, or an input is shared without gates.</exception>
    public static Tensor BatchNormResidualInference(
        this Step step, Tensor input, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, Tensor residual, Tensor? gates = null, bool sharedInput = false,
        double epsilon = 1e-5)
    {
        const string Op = "batch_norm_residual_inference";
        using BackendScope scope = Check.Enter(step, Op, [input, gamma, beta, runningMean, runningVariance, residual], [gates]);
        Shape shape = OutputShape(Op, input, gamma, beta, residual, gates, sharedInput);
        Check.Parameters(Op, input, runningMean, runningVariance);
        Check.Shape(Op, "the running mean", runningMean, gamma.Shape);
        Check.Shape(Op, "the running variance", runningVariance, gamma.Shape);
        Tensor output = step.New(shape, input.DType);
        IBatchNormResidualKernels kernels = step.Backend.BatchNormResidual;
        kernels.ForwardInference(input, gamma, beta, runningMean, runningVariance, epsilon, residual, gates, output);
        if (step.Wants(input, gamma, beta, residual, gates))
        {
            (Tensor? keptResidual, Tensor? keptOutput) = gates is null ? (null, output) : (residual, (Tensor?)null);
            step.Record(Op, output, [input, gamma, beta, runningMean, runningVariance, keptResidual, gates, keptOutput], gradOutput =>
            {
                BatchNormResidualGradients gradients = Targets(step, input, gamma, beta, residual, gates, output);
                kernels.BackwardInference(input, gamma, beta, runningMean, runningVariance, epsilon, keptResidual, gates, keptOutput, gradOutput, gradients);
            });
        }

        return output;
    }

    // The input comes first: where it is the residual too, the residual's gradient is added to its own.
    private static BatchNormResidualGradients Targets(Step step, Tensor input, Tensor gamma, Tensor beta, Tensor residual, Tensor? gates, Tensor output)
    {
        Target gradInput = step.TargetFor(input);
        return new BatchNormResidualGradients(gradInput, step.TargetFor(gamma), step.TargetFor(beta), step.TargetOver(residual, output), step.TargetFor(gates));
    }

    private static Shape OutputShape(string op, Tensor input, Tensor gamma, Tensor beta, Tensor residual, Tensor? gates, bool sharedInput)
    {
        Check.SameActivations(op, input, residual);
        Check.Parameters(op, input, gates);
        Check.Rank(op, "the input", input, 4, "[B, H, W, C]");
        BatchNormOps.CheckArguments(op, input, gamma, beta);
        Check.Shape(op, "the residual", residual, input.Shape);
        if (gates is not null)
        {
            return GateOps.MixedShape(op, input.Shape, gates, sharedInput);
        }

        return sharedInput
            ? throw new ShapeException($"{op}: {input} is shared between streams, but there are no gates to tell them apart; give gates of [streams, 2]")
            : input.Shape;
    }
}
