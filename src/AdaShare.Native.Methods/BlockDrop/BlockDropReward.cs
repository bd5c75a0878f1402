using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Methods.BlockDrop;

/// <summary>
/// BlockDrop's reward of an image, 1 - (blocks run / L)^2 where it is right and minus a penalty where it is not, less that of the likelier decisions, and the losses that are made of it. An image is right
/// where its weighted loss is at most 1 + tolerance times that with every block: our form for tasks that are not right or wrong.
/// </summary>
/// <param name="network">The network.</param>
/// <param name="tolerance">See <see cref="BlockDropOptions.Tolerance"/>.</param>
/// <param name="penalty">What an image costs that is not right.</param>
/// <param name="entropy">The weight of the entropy.</param>
public sealed class BlockDropReward(BlockDropNetwork network, double tolerance, double penalty, double entropy)
{
    /// <summary>The losses of a group: REINFORCE over the open blocks, and the entropy of their decisions where it weighs.</summary>
    /// <param name="step">The step.</param>
    /// <param name="pass">The group's pass.</param>
    /// <param name="alpha">How far probabilities were trusted in the draw.</param>
    public IReadOnlyList<WeightedLoss> Losses(Step step, GroupPass pass, double alpha)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(pass);
        ImageDecision decided = network.Last!;
        bool[][] drawn = network.LastRuns, likelier = BlockDropNetwork.Likelier([.. decided.Probability!.Select(static image => image[0])]);
        double[] whole = ImageLosses(step, pass, GateTable.Shared), ofLikelier = ImageLosses(step, pass, BlockDropNetwork.Gates(likelier));

        // Rewards are of the network as it is used; a pass that trains it has the batch's statistics and dropout.
        double[] ofDrawn = pass.Context.Training ? ImageLosses(step, pass, BlockDropNetwork.Gates(drawn)) : ImageLosses(step, pass, pass.Predictions);
        double[] advantages = [.. drawn.Select((runs, i) => Reward(runs, ofDrawn[i], whole[i]) - Reward(likelier[i], ofLikelier[i], whole[i]))];
        Tensor probability = Bounded(step, decided.Outputs, alpha);
        var losses = new List<WeightedLoss> { new("reinforce", 1, Reinforce.Loss(step, probability, Taken(drawn), advantages)) };
        if (entropy > 0)
        {
            losses.Add(new WeightedLoss("entropy", -entropy, Entropy(step, probability)));
        }

        return losses;
    }

    /// <summary>The reward of an image.</summary>
    /// <param name="runs">The blocks that it ran.</param>
    /// <param name="loss">Its weighted loss.</param>
    /// <param name="whole">That with every block.</param>
    public double Reward(bool[] runs, double loss, double whole)
    {
        ArgumentNullException.ThrowIfNull(runs);
        double used = runs.Count(static run => run) / (double)runs.Length;
        return loss <= (1 + tolerance) * whole ? 1 - (used * used) : -penalty;
    }

    /// <summary>[N, L, 2]: the probabilities that a block runs and that it does not, alpha p + (1 - alpha) (1 - p) and the rest to 1.</summary>
    public static Tensor Bounded(Step step, Tensor logits, double alpha)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(logits);
        Tensor run = step.Reshape(step.Scale(step.Sigmoid(logits), (2 * alpha) - 1, 1 - alpha), new Shape(logits.Shape[0], logits.Shape[1], 1));
        return step.Concat([run, step.Scale(run, -1, 1)], 2);
    }

    /// <summary>The entropy of the open blocks' decisions, summed over blocks, the mean over images.</summary>
    private Tensor Entropy(Step step, Tensor probability)
    {
        int blocks = probability.Shape[1], open = network.OpenBlocks;
        Tensor own = step.Slice(probability, 1, blocks - open, open);
        return step.Scale(step.Sum(step.Multiply(own, step.Log(own))), -1.0 / probability.Shape[0]);
    }

    private double[] Taken(bool[][] drawn) =>
        [.. drawn.SelectMany(runs => runs.SelectMany((run, b) => b < runs.Length - network.OpenBlocks ? [0, 0] : run ? [1, 0] : new double[] { 0, 1 }))];

    /// <summary>The weighted losses of the images under gates, with the network in evaluation mode.</summary>
    private double[] ImageLosses(Step step, GroupPass pass, GateTable gates)
    {
        using IDisposable pause = step.PauseRecording();
        IReadOnlyList<Tensor> predictions = network.Forward(step, new InputGroup(pass.Images, pass.Group.Tasks), ForwardContext.Evaluation(gates));
        double[] losses = ImageLosses(step, pass, predictions);
        foreach (Tensor prediction in predictions)
        {
            step.Release(prediction);
        }

        return losses;
    }

    private double[] ImageLosses(Step step, GroupPass pass, IReadOnlyList<Tensor> predictions)
    {
        var sum = new double[pass.Images.Shape[0]];
        for (int t = 0; t < predictions.Count; t++)
        {
            TaskSpec task = network.Tasks[pass.Group.Tasks[t]];
            double[] own = Learning.Tasks.ImageLosses.Of(step, task, predictions[t], pass.Group.Data.Targets[task.Label]);
            for (int i = 0; i < sum.Length; i++)
            {
                sum[i] += task.Lambda * own[i];
            }
        }

        return sum;
    }
}
