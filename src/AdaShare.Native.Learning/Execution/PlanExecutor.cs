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
/// <param name="tasks">The model's indices of the plan's tasks.</param>
/// <param name="images">The images of one stream, N.</param>
internal sealed class PlanExecutor(Step step, Backbone backbone, ExecutionPlan plan, GateTable gates, int[] tasks, int images)
{
    /// <summary>Computes the feature streams from what the stem made, for all tasks or for each, which it releases.</summary>
    public StreamSlot[] Run(IReadOnlyList<Tensor> stems)
    {
        StreamSlot[] streams = [.. stems.Select(static stem => new StreamSlot(stem, 0))];
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
        StreamSlot[] residuals = projection is null ? inputs : Project(block, projection, inputs, gather);
        var branches = new StreamSlot[inputs.Length];
        var outputs = new StreamSlot[block.Outputs.Count];
        foreach (BodyPass pass in block.Bodies)
        {
            Tensor batch = gather.Of(Pick(inputs, pass.Streams));
            if (!pass.IsSilent && PassEnd.Of(block, pass) is { } end && !(end.SharesInput && HasImageGates(block, end.Outputs)))
            {
                RunWhole(block, pass, end, batch, gather.Of(Pick(residuals, pass.Streams)), outputs);
            }
            else
            {
                RunBody(body, pass, TaskOf(block, pass.Streams[0]), batch, branches);
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

    private StreamSlot[] Project(BlockPlan block, Projection projection, StreamSlot[] inputs, StreamGather gather) => plan.HasTaskNorms
        ? [.. inputs.Select((input, s) => new StreamSlot(projection.Forward(step, gather.Of(input), plan.Training, task: TaskOf(block, s)), 0))]
        : StreamSlot.All(projection.Forward(step, gather.Of(inputs), plan.Training, inputs.Length, block.Updates), inputs.Length);

    // Whose batch norms a stream goes through where each task has its own, and with them a stream; elsewhere it makes no difference.
    private int TaskOf(BlockPlan block, int stream) => tasks[block.Streams[stream][0]];

    // Everything from the streams' inputs to what leaves the block, without the branch in memory.
    private void RunWhole(BlockPlan block, BodyPass pass, PassEnd end, Tensor batch, Tensor residual, StreamSlot[] outputs)
    {
        Tensor? gates = end.IsMix ? GatesOf(block, end.Outputs) : null;
        int task = TaskOf(block, pass.Streams[0]);
        Tensor Run() =>
            backbone.Blocks[block.Index].Body.ForwardResidual(step, batch, residual, gates, end.SharesInput, plan.Training, pass.Streams.Count, pass.Updates, task);
        Tensor output = plan.RecomputesBodies ? step.Recompute(gates is null ? [batch, residual] : [batch, residual, gates], Run) : Run();
        ReleaseJoined(gates, block, end.Outputs);
        Place(end.Outputs, output, outputs);
    }

    private void RunBody(ResidualBlock body, BodyPass pass, int task, Tensor batch, StreamSlot[] branches)
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
                step.Release(body.Forward(step, batch, plan.Training, streams, pass.Updates, task));
            }

            return;
        }

        Tensor Run() => body.Forward(step, batch, plan.Training, streams, pass.Updates, task);
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
            int[] wanted = [.. together];
            Tensor branch = gather.Of(branches[together.Key]), residual = gather.Of(residuals[together.Key]);

            // Gates of images cut the batch into images, so several mixes of one stream are one after another.
            foreach (int[] mix in HasImageGates(block, wanted) ? wanted.Select(static o => new[] { o }).ToArray() : [wanted])
            {
                Place(mix, Mix(block, mix, branch, residual, sharedInput: mix.Length > 1), outputs);
            }
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

    // [S, 2], or [S N, 2] where a stream's images have gates of their own.
    private Tensor GatesOf(BlockPlan block, int[] wanted)
    {
        Gate[] mixed = [.. wanted.Select(o => GateOf(block.Outputs[o].Tasks[0], block.Index))];
        int rows = HasImageGates(block, wanted) ? images : 1;
        if (Array.TrueForAll(mixed, static gate => gate.Weights is null))
        {
            return Constants(mixed, rows);
        }

        Tensor[] weights = Array.ConvertAll(mixed, gate => gate.Weights is { } own ? Rows(own, rows) : Constants([gate], rows));
        return weights.Length == 1 ? weights[0] : step.Concat(weights, 0);
    }

    private bool HasImageGates(BlockPlan block, int[] wanted) =>
        Array.Exists(wanted, o => block.Outputs[o].Kind == GateKind.Soft && GateOf(block.Outputs[o].Tasks[0], block.Index).IsPerImage);

    private Tensor Rows(Tensor weights, int rows) =>
        weights.Shape[0] == rows ? weights
        : weights.Shape[0] == 1 ? step.Concat([.. Enumerable.Repeat(weights, rows)], 0)
        : throw new ArgumentException($"gates: {weights.Shape[0]} rows of weights for {images} images; give [1, 2], or [N, 2] for each image its own");

    private Tensor Constants(Gate[] mixed, int rows) =>
        step.FromDoubles(new Shape(mixed.Length * rows, 2), backbone.ParameterType, [.. mixed.SelectMany(gate => Enumerable.Range(0, rows).SelectMany(i => Pair(gate, i)))]);

    private double[] Pair(Gate gate, int image)
    {
        if (gate.Images is { } runs && runs.Count != images)
        {
            throw new ArgumentException($"gates: decisions of {runs.Count} images for a group of {images}; give one for each");
        }

        double select = gate.Images is { } decisions ? (decisions[image] ? 1 : 0) : gate.Select!.Value;
        return [select, 1 - select];
    }

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
        return gate.Weights is not null || gate.Select is not null || gate.Images is not null
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
