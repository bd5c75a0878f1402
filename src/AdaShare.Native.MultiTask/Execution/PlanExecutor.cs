using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.MultiTask.Model;

namespace AdaShare.Native.MultiTask.Execution;

/// <summary>Executes a plan's blocks in a step.</summary>
/// <param name="step">The step that owns the activations.</param>
/// <param name="backbone">The backbone.</param>
/// <param name="plan">The plan.</param>
/// <param name="gates">Each task's gates, whose weights soft blocks are mixed with; null where no block is soft.</param>
/// <param name="images">The images of one stream, N.</param>
internal sealed class PlanExecutor(Step step, Backbone backbone, ExecutionPlan plan, IReadOnlyList<IReadOnlyList<Gate>>? gates, int images)
{
    /// <summary>Computes the feature streams from the stem's output, which it releases.</summary>
    public StreamSlot[] Run(Tensor stem)
    {
        StreamSlot[] streams = [new(stem, 0)];
        foreach (BlockPlan block in plan.Blocks)
        {
            streams = RunBlock(block, streams);
        }

        return streams;
    }

    private StreamSlot[] RunBlock(BlockPlan block, StreamSlot[] inputs)
    {
        (ResidualBlock body, Projection? projection) = backbone.Blocks[block.Index];
        using var gather = new StreamGather(step, images);
        StreamSlot[] residuals = projection is null
            ? inputs
            : StreamSlot.All(projection.Forward(step, gather.Of(inputs), plan.Training, inputs.Length, block.Updates), inputs.Length);
        var branches = new StreamSlot[inputs.Length];
        foreach (BodyPass pass in block.Bodies)
        {
            RunBody(body, pass, gather.Of(Pick(inputs, pass.Streams)), branches);
        }

        var outputs = new StreamSlot[block.Outputs.Count];
        Finish(block, residuals, branches, gather, outputs);
        HashSet<Tensor> living = [.. outputs.Select(static slot => slot.Batch)];
        foreach (StreamSlot slot in (StreamSlot[])[.. inputs, .. residuals, .. branches])
        {
            // A stream that skipped the block has no branch; a tensor whose streams have all moved on is not read again.
            if (slot.Batch is not null && living.Add(slot.Batch))
            {
                step.Release(slot.Batch);
            }
        }

        return outputs;
    }

    private void RunBody(ResidualBlock body, BodyPass pass, Tensor batch, StreamSlot[] branches)
    {
        int streams = pass.Streams.Count;
        if (pass.IsSilent)
        {
            // Only the running statistics of the batch norms change.
            using (step.PauseRecording())
            {
                step.Release(body.Forward(step, batch, plan.Training, streams, pass.Updates));
            }

            return;
        }

        Tensor Run() => body.Forward(step, batch, plan.Training, streams, pass.Updates);
        Tensor output = plan.RecomputesBodies ? step.Recompute([batch], Run) : Run();
        for (int i = 0; i < streams; i++)
        {
            branches[pass.Streams[i]] = new StreamSlot(output, i);
        }
    }

    private void Finish(BlockPlan block, StreamSlot[] residuals, StreamSlot[] branches, StreamGather gather, StreamSlot[] outputs)
    {
        int[] Of(GateKind kind) => [.. Enumerable.Range(0, outputs.Length).Where(o => block.Outputs[o].Kind == kind)];
        (Tensor Branch, Tensor Residual) Operands(int[] wanted)
        {
            int[] sources = [.. wanted.Select(o => block.Outputs[o].Source)];
            return (gather.Of(Pick(branches, sources)), gather.Of(Pick(residuals, sources)));
        }

        if (Of(GateKind.On) is { Length: > 0 } run)
        {
            (Tensor branch, Tensor residual) = Operands(run);
            Place(run, AddRelu(branch, residual), outputs);
        }

        ILookup<bool, IGrouping<int, int>> mixes = Of(GateKind.Soft).GroupBy(o => block.Outputs[o].Source).ToLookup(static group => group.Count() == 1);
        if (mixes[true].Select(static group => group.First()).ToArray() is { Length: > 0 } alone)
        {
            (Tensor branch, Tensor residual) = Operands(alone);
            Place(alone, Mix(block, alone, branch, residual, sharedInput: false), outputs);
        }

        foreach (IGrouping<int, int> together in mixes[false])
        {
            int[] tasks = [.. together];
            Tensor branch = gather.Of(branches[together.Key]), residual = gather.Of(residuals[together.Key]);
            Place(tasks, Mix(block, tasks, branch, residual, sharedInput: true), outputs);
        }

        foreach (int o in Of(GateKind.Off))
        {
            outputs[o] = residuals[block.Outputs[o].Source];
        }
    }

    private Tensor Mix(BlockPlan block, int[] wanted, Tensor branch, Tensor residual, bool sharedInput)
    {
        Tensor[] weights = [.. wanted.Select(o => Weights(block.Outputs[o].Tasks[0], block.Index))];
        if (weights.Length == 1)
        {
            return step.GatedResidual(branch, residual, weights[0], sharedInput);
        }

        Tensor joined = step.Concat(weights, 0);
        Tensor mixed = step.GatedResidual(branch, residual, joined, sharedInput);
        step.Release(joined);
        return mixed;
    }

    private Tensor Weights(int task, int block) => gates?[task][block].Weights
        ?? throw new ArgumentException($"execution plan: task {task} mixes block {block}, but its gate there has no weights; execute a plan with the gates that it was made from");

    private Tensor AddRelu(Tensor branch, Tensor residual)
    {
        Tensor sum = step.Add(residual, branch);
        Tensor y = step.Relu(sum);
        step.Release(sum);
        return y;
    }

    private static StreamSlot[] Pick(StreamSlot[] slots, IReadOnlyList<int> indices) => [.. indices.Select(i => slots[i])];

    private static void Place(int[] wanted, Tensor batch, StreamSlot[] outputs)
    {
        for (int i = 0; i < wanted.Length; i++)
        {
            outputs[wanted[i]] = new StreamSlot(batch, i);
        }
    }
}
