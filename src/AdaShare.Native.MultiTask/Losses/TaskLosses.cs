using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.MultiTask.Tasks;
using AdaShare.Native.MultiTask.Training;
using Target = AdaShare.Native.Data.Loading.Target;

namespace AdaShare.Native.MultiTask.Losses;

/// <summary>The tasks' losses: cross-entropy for seg, 1 - mean cosine for sn, mean absolute error for depth, keypoint and edge.</summary>
public static class TaskLosses
{
    /// <summary>The loss of each task, in the order of the tasks; each stays readable after a backward pass.</summary>
    /// <param name="step">The step that owns the losses.</param>
    /// <param name="tasks">The tasks.</param>
    /// <param name="predictions">[N, h, w, channels] for each task.</param>
    /// <param name="batch">The targets, at the predictions' size.</param>
    public static IReadOnlyList<Tensor> Of(Step step, IReadOnlyList<TaskSpec> tasks, IReadOnlyList<Tensor> predictions, Batch batch) =>
        [.. tasks.Select((task, t) => step.Keep(Of(step, task, predictions[t], batch.Targets[task.Label])))];

    /// <summary>The weighted sum of the tasks' losses; it stays readable after a backward pass.</summary>
    public static Tensor Total(Step step, IReadOnlyList<TaskSpec> tasks, IReadOnlyList<Tensor> losses)
    {
        using SectionScope section = step.Backend.EnterSection(StepSections.Loss);
        Tensor total = step.Scale(losses[0], tasks[0].Lambda);
        for (int t = 1; t < losses.Count; t++)
        {
            total = step.Add(total, step.Scale(losses[t], tasks[t].Lambda));
        }

        return step.Keep(total);
    }

    /// <summary>A total with one more loss, times its weight; it stays readable after a backward pass.</summary>
    /// <param name="step">The step that owns the result.</param>
    /// <param name="total">The losses so far.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="weight">Its weight.</param>
    public static Tensor Add(Step step, Tensor total, Tensor loss, double weight)
    {
        using SectionScope section = step.Backend.EnterSection(StepSections.Loss);
        return step.Keep(step.Add(total, step.Scale(loss, weight)));
    }

    private static Tensor Of(Step step, TaskSpec task, Tensor prediction, Target target)
    {
        Shape pixels = new(prediction.Shape[0], prediction.Shape[1], prediction.Shape[2]);
        using SectionScope section = step.Backend.EnterSection(StepSections.Loss);
        if (task.Label == LabelKind.Segmentation)
        {
            return step.CrossEntropy(prediction, Upload<int>(step, pixels, target.Classes), TaskSpec.IgnoreLabel);
        }

        Tensor mask = Upload<byte>(step, pixels, target.Mask);
        Tensor values = Upload(step, prediction.Shape, target.Values, prediction.DType);
        return task.Label == LabelKind.SurfaceNormals ? step.CosineLoss(prediction, values, mask) : step.L1Loss(prediction, values, mask);
    }

    private static Tensor Upload<T>(Step step, Shape shape, T[] values) where T : unmanaged
    {
        using SectionScope section = step.Backend.EnterSection(StepSections.Data);
        return step.FromHost<T>(shape, values);
    }

    private static Tensor Upload(Step step, Shape shape, float[] values, DType type)
    {
        using SectionScope section = step.Backend.EnterSection(StepSections.Data);
        Tensor tensor = Upload<float>(step, shape, values);
        return type == DType.Float32 ? tensor : step.Cast(tensor, type);
    }
}
