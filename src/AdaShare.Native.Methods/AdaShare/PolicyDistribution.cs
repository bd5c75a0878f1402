using AdaShare.Native.Engine.Random;
using AdaShare.Native.Learning.Gates;

namespace AdaShare.Native.Methods.AdaShare;

/// <summary>For each task and block the probability that the block runs, alpha = softmax(logits)[select].</summary>
public sealed class PolicyDistribution
{
    private readonly double[][] _alpha;

    /// <summary>Wraps probabilities.</summary>
    /// <param name="alpha">[task][block], each 0 … 1.</param>
    public PolicyDistribution(double[][] alpha) => _alpha = alpha;

    /// <summary>The number of tasks.</summary>
    public int Tasks => _alpha.Length;

    /// <summary>The number of blocks, L.</summary>
    public int Blocks => _alpha.Length == 0 ? 0 : _alpha[0].Length;

    /// <summary>The probability that a task runs a block.</summary>
    public double this[int task, int block] => _alpha[task][block];

    /// <summary>Reads a network's logits; blocks before the first decision have probability 1.</summary>
    public static PolicyDistribution Of(AdaShareNetwork network)
    {
        int skip = network.SkipLayer;
        return new PolicyDistribution([.. network.Logits.Select(logits =>
        {
            double[] values = logits.Value.ToDoubles();
            var alpha = new double[network.Spec.Backbone.BlockCount];
            Array.Fill(alpha, 1);
            for (int row = 0; row < values.Length / 2; row++)
            {
                alpha[skip + row] = 1 / (1 + Math.Exp(values[(2 * row) + 1] - values[2 * row]));
            }

            return alpha;
        })]);
    }

    /// <summary>The policy that runs a block where that is at least as likely as skipping it.</summary>
    public BlockPolicy ArgMax() => new([.. _alpha.Select(static row => row.Select(static a => a >= 0.5).ToArray())]);

    /// <summary>A policy drawn from the distribution, block by block.</summary>
    /// <param name="stream">One number a decision: task * L + block.</param>
    public BlockPolicy Sample(RandomStream stream)
    {
        var runs = new bool[Tasks][];
        for (int t = 0; t < Tasks; t++)
        {
            runs[t] = new bool[Blocks];
            for (int b = 0; b < Blocks; b++)
            {
                runs[t][b] = stream.UniformDouble((ulong)((t * Blocks) + b)) < _alpha[t][b];
            }
        }

        return new BlockPolicy(runs);
    }

    /// <summary>The probabilities as arrays [task][block].</summary>
    public double[][] ToArray() => [.. _alpha.Select(static row => (double[])row.Clone())];
}
