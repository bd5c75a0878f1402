using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.MultiTask.Model;
using AdaShare.Native.MultiTask.Training;

namespace AdaShare.Native.MultiTask.Policies;

/// <summary>Where the Gumbel noise of a task's decisions comes from.</summary>
/// <param name="step">The step that owns the noise.</param>
/// <param name="task">The task, from 0.</param>
/// <param name="shape">[decisions, 2].</param>
/// <param name="type">The element type.</param>
public delegate Tensor GumbelSource(Step step, int task, Shape shape, DType type);

/// <summary>Draws the soft gates of a training step from the logits, through which gradients reach the logits.</summary>
public static class SoftPolicy
{
    /// <summary>Noise from the run's random numbers.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="time">The number of the training step.</param>
    public static GumbelSource Noise(ulong seed, long time) =>
        (step, task, shape, type) => step.GumbelNoise(shape, type, RandomStream.For(seed, $"gumbel/{task}", time));

    /// <summary>
    /// Samples softmax((logits + noise) / temperature) for every task. The last <paramref name="openBlocks"/> blocks are mixed with their sample, the
    /// blocks before them run.
    /// </summary>
    /// <param name="step">The step that owns the gates.</param>
    /// <param name="network">Whose logits.</param>
    /// <param name="temperature">Above 0.</param>
    /// <param name="openBlocks">How many of the last blocks have an open decision; at most those that have logits.</param>
    /// <param name="noise">The noise.</param>
    /// <param name="straightThrough">Whether gates are one-hot, with the gradient of the soft sample.</param>
    public static IReadOnlyList<IReadOnlyList<Gate>> Sample(Step step, AdaShareNetwork network, double temperature, int openBlocks, GumbelSource noise, bool straightThrough)
    {
        using SectionScope section = step.Backend.EnterSection(StepSections.Policy);
        int blocks = network.Spec.Backbone.BlockCount;
        int open = Math.Min(openBlocks, network.Spec.DecisionCount);
        var gates = new List<IReadOnlyList<Gate>>(network.Logits.Count);
        for (int t = 0; t < network.Logits.Count; t++)
        {
            Tensor logits = network.Logits[t].Value;
            Tensor sample = step.GumbelSoftmax(logits, noise(step, t, logits.Shape, logits.DType), temperature, straightThrough);
            var row = new Gate[blocks];
            for (int b = 0; b < blocks; b++)
            {
                row[b] = b < blocks - open ? Gate.On : Gate.Soft(step.Slice(sample, 0, b - network.Spec.SkipLayer, 1));
            }

            gates.Add(row);
        }

        return gates;
    }
}
