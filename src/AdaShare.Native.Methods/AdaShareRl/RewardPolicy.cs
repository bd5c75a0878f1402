using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.AdaShare;

namespace AdaShare.Native.Methods.AdaShareRl;

/// <summary>
/// The same logits, learnt by REINFORCE (Williams, 1992): decisions are drawn, a task's reward is its weighted loss with the sign turned, and what the likelier decisions are rewarded with is the baseline
/// (self-critical: Rennie et al., CVPR 2017).
/// </summary>
/// <param name="session">The run.</param>
/// <param name="options">AdaShare's options.</param>
/// <param name="state">What the run has found.</param>
/// <param name="exploration">How much of the distribution is uniform.</param>
internal sealed class RewardPolicy(TrainingSession session, AdaShareOptions options, AdaShareState state, double exploration) : LogitPolicy(session, options, state)
{
    /// <summary>The name of the loss in logs.</summary>
    public const string Loss = "reinforce";

    private const double LeastUniform = 1e-6;

    public override StepPlan Prepare(StepPlan plan, SearchPoint point)
    {
        // Decisions are numbers of the host: where they change, the work of the step does.
        GateKind dropped = LossMode.ComputesDroppedBlocks(Session.Config) ? GateKind.Silent : GateKind.Off;
        double[][] alpha = PolicyDistribution.Of(Network).ToArray();
        BlockPolicy drawn = Draw(alpha, point);
        plan = plan with { Key = $"{plan.Key}/{drawn.ToGates(dropped).Signature}", Gates = _ => drawn.ToGates(point.UpdatesPolicy ? GateKind.Off : dropped) };
        return point.UpdatesPolicy
            ? plan with
            {
                Training = false,
                Regularizers = step => Regularizers(step, point.Open),
                Rewards = (step, pass) => [new WeightedLoss(Loss, 1, Reinforced(step, pass, drawn, Likelier(alpha, point.Open), point.Open))],
            }
            : plan;
    }

    /// <summary>Decisions drawn from (1 - exploration) alpha + exploration / 2; blocks before the open ones run.</summary>
    private BlockPolicy Draw(double[][] alpha, SearchPoint point) => Table(alpha, point.Open, (t, b) =>
        RandomStream.For(Session.Seed, $"reinforce/{Session.Tasks[t].Name}", point.Done).UniformDouble((ulong)b) < ((1 - exploration) * alpha[t][b]) + (exploration / 2));

    private static BlockPolicy Likelier(double[][] alpha, int open) => Table(alpha, open, (t, b) => alpha[t][b] >= 0.5);

    private static BlockPolicy Table(double[][] alpha, int open, Func<int, int, bool> runs) =>
        new([.. alpha.Select((row, t) => row.Select((_, b) => b < row.Length - open || runs(t, b)).ToArray())]);

    /// <summary>The loss of a group's decisions. A task's loss depends on no other task's decisions, so each has an advantage of its own.</summary>
    private Tensor Reinforced(Step step, GroupPass pass, BlockPolicy drawn, BlockPolicy likelier, int open)
    {
        double[] advantages = Advantages(step, pass, likelier);
        Tensor? sum = null;
        for (int i = 0; i < advantages.Length; i++)
        {
            Tensor term = OfTask(step, drawn, pass.Group.Tasks[i], open, advantages[i]);
            sum = sum is null ? term : step.Add(sum, term);
        }

        return sum!;
    }

    /// <summary>For each task of the group how much less it loses under the decisions that were drawn than under the likelier ones.</summary>
    private double[] Advantages(Step step, GroupPass pass, BlockPolicy likelier)
    {
        using IDisposable pause = step.PauseRecording();
        ForwardContext context = pass.Context with { Gates = likelier.ToGates() };
        IReadOnlyList<Tensor> predictions = Network.Forward(step, new InputGroup(pass.Images, pass.Group.Tasks), context);
        var advantages = new double[predictions.Count];
        for (int i = 0; i < advantages.Length; i++)
        {
            TaskSpec task = Network.Tasks[pass.Group.Tasks[i]];
            Tensor baseline = task.Kind.Loss(step, predictions[i], pass.Group.Data.Targets[task.Label]);
            advantages[i] = task.Lambda * (baseline.Item() - pass.Losses[i].Item());
            step.Release(predictions[i]);
            step.Release(baseline);
        }

        return advantages;
    }

    private Tensor OfTask(Step step, BlockPolicy drawn, int task, int open, double advantage)
    {
        int decisions = Network.DecisionCount, counted = Math.Min(open, decisions);
        Tensor rows = step.Slice(Network.Logits[task].Value, 0, decisions - counted, counted);

        // A probability that rounds to 0 would have no logarithm.
        double uniform = Math.Max(exploration, LeastUniform);
        Tensor probability = step.Scale(step.Softmax(rows), 1 - uniform, uniform / 2);
        var taken = new double[2 * counted];
        for (int d = 0; d < counted; d++)
        {
            taken[(2 * d) + (drawn[task, drawn.Blocks - counted + d] ? 0 : 1)] = 1;
        }

        return Reinforce.Loss(step, step.Reshape(probability, new Shape(1, counted, 2)), taken, [advantage]);
    }
}
