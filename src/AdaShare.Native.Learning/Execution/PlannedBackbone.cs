using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Learning.Execution;

/// <summary>A backbone under an execution plan.</summary>
public static class PlannedBackbone
{
    /// <summary>Computes the features of every task.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="step">The step that owns the features.</param>
    /// <param name="images">[N, H, W, 3].</param>
    /// <param name="plan">What is computed, and for whom.</param>
    /// <param name="gates">The gates that the plan was made from.</param>
    /// <param name="tasks">The model's indices of the plan's tasks, whose batch norms are used where each task has its own; 0, 1, … if null.</param>
    /// <returns>For each task [N, h, w, C], at the backbone's stride. The caller disposes it after the heads.</returns>
    /// <exception cref="ArgumentException">The plan is for another number of blocks, or for other batch norms, or a soft gate has no weights.</exception>
    public static TaskFeatures Forward(this Backbone backbone, Step step, Tensor images, ExecutionPlan plan, GateTable gates, IReadOnlyList<int>? tasks = null)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(gates);
        Check(backbone, plan);
        int batch = images.Shape[0];
        int[] ofModel = [.. tasks ?? [.. Enumerable.Range(0, plan.Tasks)]];
        IReadOnlyList<Tensor> stems = plan.HasTaskNorms
            ? backbone.Stem.ForwardTasks(step, images, plan.Training, ofModel)
            : [backbone.Stem.Forward(step, images, plan.Training, plan.StemUpdates)];
        return new TaskFeatures(step, plan, new PlanExecutor(step, backbone, plan, gates, ofModel, batch).Run(stems), batch);
    }

    internal static void Check(Backbone backbone, ExecutionPlan plan)
    {
        if (plan.Blocks.Count != backbone.Blocks.Count)
        {
            throw new ArgumentException($"execution plan: it is for {plan.Blocks.Count} blocks, the backbone {backbone.Spec.Name} has {backbone.Blocks.Count}", nameof(plan));
        }

        if (plan.HasTaskNorms != backbone.HasTaskNorms)
        {
            throw new ArgumentException(
                $"execution plan: it is for batch norms that {Owner(plan.HasTaskNorms)}, those of the backbone {Owner(backbone.HasTaskNorms)}; give taskNorms as the backbone has them", nameof(plan));
        }
    }

    private static string Owner(bool taskNorms) => taskNorms ? "are each task's own" : "tasks share";
}
