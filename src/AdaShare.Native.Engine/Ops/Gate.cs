using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Ops;

/// <summary>Gumbel-softmax sampling and the gated residual of AdaShare (Sun et al., NeurIPS 2020).</summary>
public static class GateOps
{
    /// <summary>Gumbel(0, 1) noise: element i is -log(-log u) of the stream's uniform number i.</summary>
    public static Tensor GumbelNoise(this Step step, Shape shape, DType type, RandomStream stream)
    {
        const string Op = "gumbel_noise";
        using BackendScope scope = Check.Enter(step, Op, []);
        if (type is not (DType.Float32 or DType.Float64))
        {
            throw new ShapeException($"{Op}: noise of {type} {shape}; it must be Float32 or Float64, so cast it afterwards");
        }

        Tensor noise = step.New(shape, type);
        step.Backend.Gate.GumbelNoise(stream, noise);
        return noise;
    }

    /// <summary>A sample of softmax((logits + noise) / temperature) over the last axis.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="logits">[…, C].</param>
    /// <param name="noise">Gumbel noise of the same shape; it gets no gradient.</param>
    /// <param name="temperature">Above 0; towards 0 samples become one-hot.</param>
    /// <param name="straightThrough">Whether the output is the one-hot maximum while the gradient is that of the soft sample.</param>
    /// <remarks>PyTorch: <c>F.gumbel_softmax(logits, tau, hard)</c> with given noise (Jang et al., ICLR 2017).</remarks>
    public static Tensor GumbelSoftmax(this Step step, Tensor logits, Tensor noise, double temperature, bool straightThrough = false)
    {
        const string Op = "gumbel_softmax";
        using BackendScope scope = Check.Enter(step, Op, [logits, noise]);
        Check.SameType(Op, logits, noise);
        Check.MinimumRank(Op, logits, 1);
        Check.Shape(Op, "the noise", noise, logits.Shape);
        if (!(temperature > 0))
        {
            throw new ShapeException($"{Op}: the temperature is {temperature}; it must be above 0");
        }

        Tensor soft = step.New(logits.Shape, logits.DType);
        Tensor? hard = straightThrough ? step.New(logits.Shape, logits.DType) : null;
        step.Backend.Gate.GumbelSoftmax(logits, noise, temperature, soft, hard);
        Tensor output = hard ?? soft;
        if (step.Wants(logits))
        {
            step.Record(Op, output, [soft], gradOutput =>
            {
                if (step.TargetFor(logits) is { Tensor: { } gradLogits } target)
                {
                    step.Backend.Gate.GumbelSoftmaxBackward(soft, temperature, gradOutput, gradLogits, target.Accumulate);
                }
            });
        }

        if (hard is not null)
        {
            step.Release(soft);
        }

        return output;
    }

    /// <summary>The gates of all tasks and blocks in one launch, with noise that the backend draws itself: <see cref="GumbelSoftmax"/> of every task's logits with its own <see cref="GumbelNoise"/>.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="logits">Each task's [L, 2].</param>
    /// <param name="streams">Each task's random numbers.</param>
    /// <param name="temperature">Above 0; towards 0 gates become one-hot.</param>
    /// <param name="straightThrough">Whether gates are one-hot while the gradient is that of the soft sample.</param>
    /// <returns>[L K, 2]: row block K + task, so that the gates of a block lie side by side.</returns>
    public static Tensor GumbelGates(this Step step, IReadOnlyList<Tensor> logits, IReadOnlyList<RandomStream> streams, double temperature, bool straightThrough = false)
    {
        const string Op = "gumbel_gates";
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(streams);
        if (streams.Count != logits.Count)
        {
            throw new ShapeException($"{Op}: there are {logits.Count} tasks and {streams.Count} random streams; give one to each task");
        }

        return Gates(step, Op, logits, null, streams, temperature, straightThrough);
    }

    /// <summary>As the other form, with given noise.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="logits">Each task's [L, 2].</param>
    /// <param name="noise">[K, L, 2]; it gets no gradient.</param>
    /// <param name="temperature">Above 0; towards 0 gates become one-hot.</param>
    /// <param name="straightThrough">Whether gates are one-hot while the gradient is that of the soft sample.</param>
    /// <returns>[L K, 2]: row block K + task.</returns>
    public static Tensor GumbelGates(this Step step, IReadOnlyList<Tensor> logits, Tensor noise, double temperature, bool straightThrough = false)
    {
        const string Op = "gumbel_gates";
        ArgumentNullException.ThrowIfNull(logits);
        using BackendScope scope = Check.Enter(step, Op, [.. logits, noise]);
        if (logits.Count > 0)
        {
            Check.SameType(Op, logits[0], noise);
            Check.Shape(Op, "the noise", noise, new Shape(logits.Count, logits[0].Shape.Rank > 0 ? logits[0].Shape[0] : 0, 2));
        }

        return Gates(step, Op, logits, noise, null, temperature, straightThrough);
    }

    /// <summary>
    /// The gated residual: p_select ReLU(residual + branch) + p_skip residual, with gates of their own for each of S streams along the batch.
    /// </summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="branch">[B, H, W, C], the block's body before its last ReLU.</param>
    /// <param name="residual">[B, H, W, C], the block's input or its projection.</param>
    /// <param name="gates">[S, 2]: column 0 selects the block, column 1 skips it.</param>
    /// <param name="sharedInput">
    /// Whether all streams read the same B images, so that the output has S * B; otherwise stream s reads the s-th of S equal parts of the batch.
    /// </param>
    /// <returns>[S * B, H, W, C] if shared, else [B, H, W, C].</returns>
    public static Tensor GatedResidual(this Step step, Tensor branch, Tensor residual, Tensor gates, bool sharedInput = false)
    {
        const string Op = "gated_residual";
        using BackendScope scope = Check.Enter(step, Op, [branch, residual, gates]);
        Check.SameActivations(Op, branch, residual);
        Check.Parameters(Op, branch, gates);
        Check.Rank(Op, "the branch", branch, 4, "[B, H, W, C]");
        Check.Shape(Op, "the residual", residual, branch.Shape);
        Tensor output = step.New(MixedShape(Op, branch.Shape, gates, sharedInput), branch.DType);
        IGateKernels kernels = step.Backend.Gate;
        kernels.GatedResidual(branch, residual, gates, output);
        if (step.Wants(branch, residual, gates))
        {
            step.Record(Op, output, [branch, residual, gates], gradOutput =>
                kernels.GatedResidualBackward(branch, residual, gates, gradOutput, step.TargetFor(branch), step.TargetFor(residual), step.TargetFor(gates)));
        }

        return output;
    }

    private static Tensor Gates(Step step, string op, IReadOnlyList<Tensor> logits, Tensor? noise, IReadOnlyList<RandomStream>? streams, double temperature, bool straightThrough)
    {
        Tensor[] tasks = [.. logits];
        using BackendScope scope = Check.Enter(step, op, [.. tasks], [noise]);
        CheckGates(op, tasks, temperature);
        var shape = new Shape(Check.Size(op, (long)tasks[0].Shape[0] * tasks.Length), 2);
        Tensor soft = step.New(shape, tasks[0].DType);
        Tensor? hard = straightThrough ? step.New(shape, tasks[0].DType) : null;
        step.Backend.Gate.GumbelGates(tasks, noise, streams, temperature, soft, hard);
        Tensor output = hard ?? soft;
        if (step.Wants(tasks))
        {
            step.Record(op, output, [soft], gradOutput => step.Backend.Gate.GumbelGatesBackward(soft, temperature, gradOutput, Array.ConvertAll(tasks, step.TargetFor)));
        }

        if (hard is not null)
        {
            step.Release(soft);
        }

        return output;
    }

    private static void CheckGates(string op, IReadOnlyList<Tensor> logits, double temperature)
    {
        if (logits.Count == 0)
        {
            throw new ShapeException($"{op}: there are no logits; give those of at least one task");
        }

        foreach (Tensor task in logits)
        {
            Check.SameType(op, task, logits[0]);
            if (task.Shape.Rank != 2 || task.Shape[1] != 2 || task.Shape != logits[0].Shape)
            {
                throw new ShapeException($"{op}: logits have shapes {logits[0].Shape} and {task.Shape}; expected [blocks, 2], the same for every task");
            }
        }

        if (!(temperature > 0))
        {
            throw new ShapeException($"{op}: the temperature is {temperature}; it must be above 0");
        }
    }

    /// <summary>The shape of a mix of [B, H, W, C] under gates [S, 2], once the gates fit.</summary>
    internal static Shape MixedShape(string op, Shape shape, Tensor gates, bool sharedInput)
    {
        if (gates.Shape.Rank != 2 || gates.Shape[1] != 2 || gates.Shape[0] < 1)
        {
            throw new ShapeException($"{op}: the gates have shape {gates.Shape}, expected [streams, 2]");
        }

        int streams = gates.Shape[0], batch = shape[0];
        if (!sharedInput && batch % streams != 0)
        {
            throw new ShapeException($"{op}: a batch of {batch} does not split into {streams} streams; give gates of [S, 2] where S divides it");
        }

        return shape.With(0, sharedInput ? Check.Size(op, (long)batch * streams) : batch);
    }
}
