using AdaShare.Native.Engine.Layers;

namespace AdaShare.Native.Learning.Networks;

/// <summary>The batch norm behind a convolution of a backbone: one for all tasks, or one for each task with scale, shift and running statistics of its own.</summary>
public sealed class TaskNorms
{
    private readonly BatchNormLayer[] _layers;

    internal TaskNorms(IEnumerable<BatchNormLayer> layers, bool isPerTask) => (_layers, IsPerTask) = ([.. layers], isPerTask);

    /// <summary>Whether each task has its own.</summary>
    public bool IsPerTask { get; }

    /// <summary>The one of all tasks, or those of the tasks in their order.</summary>
    public IReadOnlyList<BatchNormLayer> All => _layers;

    /// <summary>Scales and shifts of one batch norm, 2 C.</summary>
    public long ParametersOfOne => _layers[0].Gamma.Count + _layers[0].Beta.Count;

    /// <summary>The batch norm that a task's pass goes through.</summary>
    /// <param name="task">The task's index in the model; any where all share one.</param>
    /// <exception cref="IndexOutOfRangeException">Each task has its own, and there is no such task.</exception>
    public BatchNormLayer Of(int task) => _layers[IsPerTask ? task : 0];
}
