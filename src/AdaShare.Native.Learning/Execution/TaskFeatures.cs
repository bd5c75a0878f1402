using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Learning.Execution;

/// <summary>What the backbone gives to the heads: the features of every task. Dispose it when the heads are done, which frees what no backward rule needs.</summary>
public sealed class TaskFeatures : ITaskFeatures
{
    private readonly Step _step;
    private readonly ExecutionPlan _plan;
    private readonly StreamSlot[] _streams;
    private readonly StreamGather _gather;

    internal TaskFeatures(Step step, ExecutionPlan plan, StreamSlot[] streams, int images)
    {
        _step = step;
        _plan = plan;
        _streams = streams;
        _gather = new StreamGather(step, images);
    }

    /// <summary>The features of a task of the plan, [N, h, w, C] at the backbone's stride: the same tensor for tasks of one stream.</summary>
    /// <param name="position">The task, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such task.</exception>
    public Tensor Of(int position) => _gather.Of(_streams[_plan.FeatureStream(position)]);

    /// <inheritdoc/>
    public void Dispose()
    {
        _gather.Dispose();
        foreach (StreamSlot stream in _streams)
        {
            _step.Release(stream.Batch);
        }
    }
}
