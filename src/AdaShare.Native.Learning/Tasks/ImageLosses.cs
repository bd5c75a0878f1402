using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Learning.Tasks;

/// <summary>A task's loss for every image of a batch by itself: what rewards are made of. No gradient flows through it.</summary>
public static class ImageLosses
{
    /// <summary>The loss that the task's kind defines, image by image: each the mean over the pixels of the image that have a label, 0 where none has.</summary>
    /// <param name="step">The step that owns the prediction.</param>
    /// <param name="task">The task.</param>
    /// <param name="prediction">[N, h, w, channels].</param>
    /// <param name="target">The targets of the batch.</param>
    public static double[] Of(Step step, TaskSpec task, Tensor prediction, Data.Loading.Target target)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(target);
        using SectionScope section = step.Backend.EnterSection(StepSections.Loss);
        using IDisposable pause = step.PauseRecording();
        var losses = new double[prediction.Shape[0]];
        for (int i = 0; i < losses.Length; i++)
        {
            Tensor own = step.Narrow(prediction, i, 1);
            Tensor loss = task.Kind.Loss(step, own, target.OfImage(i, losses.Length));
            losses[i] = loss.Item();
            step.Release(loss);
            step.Release(own);
        }

        return losses;
    }
}
