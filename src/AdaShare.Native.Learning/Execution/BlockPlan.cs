using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Learning.Execution;

/// <summary>One execution of a block's body: some of the streams that reach the block, as one batch along N; one stream where tasks have batch norms of their own.</summary>
/// <param name="Streams">Indices in <see cref="BlockPlan.Streams"/>, ascending; stream i of the batch has batch-norm statistics of its own.</param>
/// <param name="IsSilent">Whether the body only moves running statistics: nothing is recorded for gradients and the output is dropped.</param>
/// <param name="Updates">For each update of the running statistics, in the order of the tasks' passes: the position in <paramref name="Streams"/> whose statistics are applied.</param>
public sealed record BodyPass(IReadOnlyList<int> Streams, bool IsSilent, IReadOnlyList<int> Updates);

/// <summary>A stream that leaves a block.</summary>
/// <param name="Source">The index in <see cref="BlockPlan.Streams"/> of the stream that it comes from.</param>
/// <param name="Kind">
/// <see cref="GateKind.On"/>: ReLU(residual + body); <see cref="GateKind.Soft"/>: the mix of one task, or of tasks whose weights are the same; <see cref="GateKind.Off"/>: the residual, also of tasks
/// whose decision is <see cref="GateKind.Silent"/>.
/// </param>
/// <param name="Tasks">Its tasks, ascending.</param>
public sealed record StreamOutput(int Source, GateKind Kind, IReadOnlyList<int> Tasks);

/// <summary>What is computed at one residual block.</summary>
/// <param name="Index">The block, from 0.</param>
/// <param name="Streams">The groups of tasks whose input to the block is the same, each ascending; a projection, where there is one, runs once for all of them as one batch, or for each by itself where tasks have batch norms of their own.</param>
/// <param name="Updates">For each update of the projection's running statistics, in the order of the tasks' passes: the stream whose statistics are applied.</param>
/// <param name="Bodies">
/// The executions of the body; none where every stream skips the block, and more than one only where streams that are silent interleave, in the order of the tasks, with
/// streams that are not, or where tasks have batch norms of their own.
/// </param>
/// <param name="Outputs">The streams that leave the block, in the order in which the next block has them: first those that ran it, then the mixes, then those that skipped it.</param>
public sealed record BlockPlan(
    int Index, IReadOnlyList<IReadOnlyList<int>> Streams, IReadOnlyList<int> Updates, IReadOnlyList<BodyPass> Bodies, IReadOnlyList<StreamOutput> Outputs)
{
    /// <summary>How often the body is computed over a batch of images, silent executions counted.</summary>
    public int BodyCount => Bodies.Sum(static pass => pass.Streams.Count);
}
