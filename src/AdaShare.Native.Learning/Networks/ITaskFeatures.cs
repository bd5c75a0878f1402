using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Learning.Networks;

/// <summary>The features that heads predict from. Dispose it when the heads are done, which frees what no backward rule needs.</summary>
public interface ITaskFeatures : IDisposable
{
    /// <summary>The features of a task, [N, h, w, C]; tasks may have the same.</summary>
    /// <param name="position">The task's position among those that were asked for, from 0.</param>
    Tensor Of(int position);
}

/// <summary>Features that are there, a tensor for each task or one for all.</summary>
/// <param name="step">The step that owns them.</param>
/// <param name="features">The tensors; one alone is every task's.</param>
public sealed class FeatureList(Step step, IReadOnlyList<Tensor> features) : ITaskFeatures
{
    /// <inheritdoc/>
    public Tensor Of(int position) => features[features.Count == 1 ? 0 : position];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in features.Distinct())
        {
            step.Release(tensor);
        }
    }
}
