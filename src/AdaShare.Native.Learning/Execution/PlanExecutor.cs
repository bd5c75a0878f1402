using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Learning.Execution;

/// <summary>Executes a plan's blocks in a step.</summary>
/// <param name="step">The step that owns the activations.</param>
/// <param name="backbone">The backbone.</param>
/// <param name="plan">The plan.</param>
/// <param name="gates">The gates that the plan was made from, whose weights soft blocks are mixed with.</param>
/// <param name="images">The images of one stream, N.</param>
internal sealed class PlanExecutor(Step step, Backbone backbone, ExecutionPlan plan, GateTable gates, int images)
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
        var outputs = new StreamSlot[block.Outputs.Count];
        foreach (BodyPass pass in block.Bodies)
        {
            Tensor batch = gather.Of(Pick(inputs, pass.Streams));
            if (!pass.IsSilent && PassEnd.Of(block, pass) is { } end)
            {
                RunWhole(block, pass, end, batch, gather.Of(Pick(residuals, pass.Streams)), outputs);
            }
            else
            {
                RunBody(body, pass, batch, branches);
            }
        }

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

    // Everything from the streams' inputs to what leaves the block, without the branch in memory.
    private void RunWhole(BlockPlan block, BodyPass pass, PassEnd end, Tensor batch, Tensor residual, StreamSlot[] outputs)
    {
        Tensor? gates = end.IsMix ? GatesOf(block, end.Outputs) : null;
        Tensor Run() =>
            backbone.Blocks[block.Index].Body.ForwardResidual(step, batch, residual, gates, end.SharesInput, plan.Training, pass.Streams.Count, pass.Updates);
        Tensor output = plan.RecomputesBodies ? step.Recompute(gates is null ? [batch, residual] : [batch, residual, gates], Run) : Run();
        ReleaseJoined(gates, block, end.Outputs);
        Place(end.Outputs, output, outputs);
    }

    private void RunBody(ResidualBlock body, BodyPass pass, Tensor batch, StreamSlot[] branches)
    {
        int streams = pass.Streams.Count;
        if (pass.IsSilent)
        {
            // Only the running statistics of the batch norms change.
            if (!step.HasEffects)
            {
                return;
            }

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
        // What a pass has not computed whole: streams that mix next to others that run, or several mixes of one of several streams.
        int[] Of(GateKind kind) => [.. Enumerable.Range(0, outputs.Length).Where(o => block.Outputs[o].Kind == kind && outputs[o].Batch is null)];
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
        Tensor gates = GatesOf(block, wanted);
        Tensor mixed = step.GatedResidual(branch, residual, gates, sharedInput);
        ReleaseJoined(gates, block, wanted);
        return mixed;
    }

    private Tensor GatesOf(BlockPlan block, int[] wanted)
    {
        Gate[] mixed = [.. wanted.Select(o => GateOf(block.Outputs[o].Tasks[0], block.Index))];
        if (Array.TrueForAll(mixed, static gate => gate.Weights is null))
        {
            return Constants(mixed);
        }

        Tensor[] weights = Array.ConvertAll(mixed, gate => gate.Weights ?? Constants([gate]));
        return weights.Length == 1 ? weights[0] : step.Concat(weights, 0);
    }

    private Tensor Constants(Gate[] mixed) =>
        step.FromDoubles(new Shape(mixed.Length, 2), backbone.ParameterType, [.. mixed.SelectMany(static gate => (double[])[gate.Select!.Value, 1 - gate.Select.Value])]);

    // The weights of a single stream are the caller's.
    private void ReleaseJoined(Tensor? weights, BlockPlan block, int[] wanted)
    {
        if (weights is not null && weights != gates[block.Outputs[wanted[0]].Tasks[0], block.Index].Weights)
        {
            step.Release(weights);
        }
    }

    private Gate GateOf(int task, int block)
    {
        Gate gate = gates.IsShared ? Gate.On : gates[task, block];
        return gate.Weights is not null || gate.Select is not null
            ? gate
            : throw new ArgumentException($"execution plan: task {task} mixes block {block}, but its gate there has no weights; execute a plan with the gates that it was made from");
    }

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
