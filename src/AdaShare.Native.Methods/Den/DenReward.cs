using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Methods.Den;

/// <summary>The reward of an image, (1 - density^2) / rho - loss + 1, and the loss of the selector that is made of it.</summary>
/// <param name="network">The network.</param>
/// <param name="rho">What the reward for leaving out is divided by.</param>
public sealed class DenReward(DenNetwork network, double rho)
{
    /// <summary>REINFORCE over all blocks' levels, without a baseline.</summary>
    /// <param name="step">The step.</param>
    /// <param name="pass">The group's pass, under levels that were drawn.</param>
    public IReadOnlyList<WeightedLoss> Losses(Step step, GroupPass pass)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(pass);
        int[][] levels = network.LastLevels;
        double[] rewards = [.. levels.Select((own, i) => Reward(own, 0))];
        for (int t = 0; t < pass.Predictions.Count; t++)
        {
            TaskSpec task = network.Tasks[pass.Group.Tasks[t]];
            double[] losses = ImageLosses.Of(step, task, pass.Predictions[t], pass.Group.Data.Targets[task.Label]);
            for (int i = 0; i < rewards.Length; i++)
            {
                rewards[i] -= task.Lambda * losses[i];
            }
        }

        double[] taken = [.. levels.SelectMany(static own => own.SelectMany(static level => Enumerable.Range(0, ElasticBlock.Levels).Select(other => other == level ? 1.0 : 0)))];
        return [new WeightedLoss("reinforce", 1, Reinforce.Loss(step, network.LastProbability!, taken, rewards))];
    }

    /// <summary>The reward of an image.</summary>
    /// <param name="levels">Its level in each block.</param>
    /// <param name="loss">Its weighted loss.</param>
    public double Reward(int[] levels, double loss)
    {
        double density = DenNetwork.Density(levels);
        return ((1 - (density * density)) / rho) - loss + 1;
    }
}
