using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Weightings;

namespace AdaShare.Native.Learning.Training;

/// <summary>How a training step is made.</summary>
/// <param name="Key">Names the steps that do the same work, see <see cref="IStepCapture"/>.</param>
/// <param name="Optimizer">Which parameters move.</param>
/// <param name="Seed">The seed of dropout.</param>
/// <param name="Time">The number of the step, for dropout.</param>
public sealed record StepPlan(string Key, Optimizer Optimizer, ulong Seed, long Time)
{
    /// <summary>The learning rates of the optimiser; null for constant ones.</summary>
    public StepSchedule? Schedule { get; init; }

    /// <summary>The gates of the step, which may be sampled in it; shared by all tasks if null.</summary>
    public Func<Step, GateTable>? Gates { get; init; }

    /// <summary>Losses that a method adds; none if null.</summary>
    public Func<Step, IReadOnlyList<WeightedLoss>>? Regularizers { get; init; }

    /// <summary>Losses that a method makes of the predictions for each group of images, such as those of what learns by rewards; none if null. They follow the others.</summary>
    public Func<Step, GroupPass, IReadOnlyList<WeightedLoss>>? Rewards { get; init; }

    /// <summary>Forward passes that rewards take beside those that a step is known for; each counts as one through every block that all tasks share.</summary>
    public int RewardPasses { get; init; }

    /// <summary>Whether batch norms and dropout of the network are in training mode; false where only what decides is trained, and rewarded for what the network does when it is used.</summary>
    public bool Training { get; init; } = true;

    /// <summary>What weighs the losses against one another; null for the tasks' lambdas alone.</summary>
    public WeightingRun? Weighting { get; init; }

    /// <summary>The type of the network's input: that of its parameters.</summary>
    public DType InputType { get; init; } = DType.Float32;

    /// <summary>
    /// Looks at a step between its backward pass and its update, when all gradients are whole; null for the trainer's way, which moves each parameter as soon as its gradient is
    /// complete. Both compute the same.
    /// </summary>
    public Action<StepLosses>? Inspect { get; init; }
}

/// <summary>What a forward pass of a training step gave; all of it stays readable until the step ends.</summary>
/// <param name="Outputs">Each task's prediction.</param>
/// <param name="OfTasks">Each task's loss.</param>
/// <param name="Extra">What the model and the method added.</param>
/// <param name="Total">The weighted sum, which is minimised.</param>
/// <param name="Gates">The gates of the pass.</param>
public sealed record StepLosses(IReadOnlyList<Tensor> Outputs, IReadOnlyList<Tensor> OfTasks, IReadOnlyList<WeightedLoss> Extra, Tensor Total, GateTable Gates)
{
    /// <summary>The weights that a weighting gave; null for the lambdas alone.</summary>
    public StepWeights? Weights { get; init; }
}

/// <summary>A group's forward pass in a training step, before the backward pass.</summary>
/// <param name="Group">Images, targets and tasks.</param>
/// <param name="Images">The network's input, [N, H, W, 3].</param>
/// <param name="Predictions">[N, h, w, channels] for each task of the group.</param>
/// <param name="Losses">The loss of each task of the group, a mean over its images.</param>
/// <param name="Context">How the pass was made.</param>
public sealed record GroupPass(BatchGroup Group, Tensor Images, IReadOnlyList<Tensor> Predictions, IReadOnlyList<Tensor> Losses, ForwardContext Context);

/// <summary>
/// The training step, the only one: gates, forward pass, losses and their weights, backward pass and update. Trainer, verifier and benchmarks call it.
/// </summary>
public static partial class TrainingStep
{
    /// <summary>Runs a whole step. Whatever reads a result comes after this, so that a device can have the step done in one piece.</summary>
    /// <param name="step">The step that owns all tensors.</param>
    /// <param name="model">The model.</param>
    /// <param name="batch">What is learnt from.</param>
    /// <param name="plan">How.</param>
    public static StepLosses Run(Step step, IModel model, TrainingBatch batch, StepPlan plan)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(batch);
        if (plan.Weighting is { } weighting)
        {
            return RunWeighted(step, model, batch, plan, weighting);
        }

        StepLosses losses = null!;
        step.Backend.RunStep(plan.Key, () => Update(step, plan, losses = Forward(step, model, batch, plan)));
        return losses;
    }

    /// <summary>Everything of a step but the backward pass and the update.</summary>
    /// <param name="step">The step that owns outputs and losses.</param>
    /// <param name="model">The model.</param>
    /// <param name="batch">What is learnt from.</param>
    /// <param name="plan">How.</param>
    public static StepLosses Forward(Step step, IModel model, TrainingBatch batch, StepPlan plan)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(plan);
        return Sum(step, model, Predict(step, model, batch, plan, null), plan, null);
    }

    /// <summary>The backward pass and the update.</summary>
    private static void Update(Step step, StepPlan plan, StepLosses losses)
    {
        plan.Schedule?.Apply();
        if (plan.Inspect is null)
        {
            plan.Optimizer.BackwardAndStep(step, losses.Total);
        }
        else
        {
            plan.Optimizer.ClearGradients();
            step.Backward(losses.Total);
            plan.Inspect(losses);
            plan.Optimizer.Step();
        }
    }

    /// <summary>Gates, predictions and the tasks' losses.</summary>
    private static ForwardPass Predict(Step step, IModel model, TrainingBatch batch, StepPlan plan, IReadOnlyList<Tensor>? sharedFactors)
    {
        var outputs = new Tensor[model.Tasks.Count];
        var ofTasks = new Tensor[outputs.Length];
        var ofPredictions = new List<WeightedLoss>();
        GateTable gates = GateTable.Shared;
        for (int g = 0; g < batch.Groups.Count; g++)
        {
            BatchGroup group = batch.Groups[g];
            Tensor images = NetworkInput.Of(step, group.Data, model.Input, plan.InputType);
            gates = g == 0 ? plan.Gates?.Invoke(step) ?? gates : gates;
            var context = new ForwardContext(gates, plan.Training, plan.Seed, plan.Time) { Samples = true, SharedFactors = sharedFactors };
            IReadOnlyList<Tensor> predictions = model.Forward(step, new InputGroup(images, group.Tasks), context);
            for (int i = 0; i < predictions.Count; i++)
            {
                outputs[group.Tasks[i]] = plan.Inspect is null ? predictions[i] : step.Keep(predictions[i]);
            }

            LossesOf(step, model, group, predictions, ofTasks);
            ofPredictions.AddRange(plan.Rewards?.Invoke(step, new GroupPass(group, images, predictions, [.. group.Tasks.Select(t => ofTasks[t])], context)) ?? []);
        }

        return new ForwardPass(outputs, ofTasks, ofPredictions, gates);
    }

    /// <summary>What is minimised.</summary>
    private static StepLosses Sum(Step step, IModel model, ForwardPass pass, StepPlan plan, IReadOnlyList<Tensor>? factors)
    {
        Tensor total = Total(step, model, pass.OfTasks, factors);
        var extra = new List<WeightedLoss>();
        foreach (WeightedLoss loss in (IEnumerable<WeightedLoss>)[.. model.ExtraLosses(step), .. plan.Regularizers?.Invoke(step) ?? [], .. pass.OfPredictions])
        {
            extra.Add(loss with { Loss = step.Keep(loss.Loss) });
            total = Add(step, total, loss);
        }

        return new StepLosses(pass.Outputs, pass.OfTasks, extra, total, pass.Gates);
    }

    /// <summary>The losses of a group's tasks; each stays readable after the backward pass.</summary>
    private static void LossesOf(Step step, IModel model, BatchGroup group, IReadOnlyList<Tensor> predictions, Tensor[] ofTasks)
    {
        for (int i = 0; i < predictions.Count; i++)
        {
            Tasks.TaskSpec task = model.Tasks[group.Tasks[i]];
            using SectionScope section = step.Backend.EnterSection(StepSections.Loss);
            ofTasks[group.Tasks[i]] = step.Keep(task.Kind.Loss(step, predictions[i], group.Data.Targets[task.Label]));
        }
    }

    private static Tensor Total(Step step, IModel model, Tensor[] losses, IReadOnlyList<Tensor>? factors)
    {
        using SectionScope section = step.Backend.EnterSection(StepSections.Loss);
        Tensor Weighted(int t)
        {
            Tensor scaled = step.Scale(losses[t], model.Tasks[t].Lambda);
            return factors is null ? scaled : step.Multiply(scaled, factors[t]);
        }

        Tensor total = Weighted(0);
        for (int t = 1; t < losses.Length; t++)
        {
            total = step.Add(total, Weighted(t));
        }

        return step.Keep(total);
    }

    private static Tensor Add(Step step, Tensor total, WeightedLoss loss)
    {
        using SectionScope section = step.Backend.EnterSection(StepSections.Loss);
        return step.Keep(step.Add(total, step.Scale(loss.Loss, loss.Weight)));
    }

    private sealed record ForwardPass(Tensor[] Outputs, Tensor[] OfTasks, IReadOnlyList<WeightedLoss> OfPredictions, GateTable Gates);
}
