using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Execution;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Learning.Models;

/// <summary>Counts what images decide and what a backbone executes for that.</summary>
/// <param name="tasks">The number of tasks.</param>
/// <param name="blocks">The number of blocks.</param>
internal sealed class DecisionCount(int tasks, int blocks)
{
    private readonly long[][] _runs = [.. Enumerable.Range(0, tasks).Select(_ => new long[blocks])];
    private readonly double[][] _probability = [.. Enumerable.Range(0, tasks).Select(_ => new double[blocks])];
    private readonly long[] _images = new long[tasks];
    private readonly long[] _bodies = new long[blocks];
    private readonly long[] _inputs = new long[blocks];
    private long _all;

    /// <summary>Adds images that decided alike.</summary>
    /// <param name="gates">Their gates, of the tasks of the pass.</param>
    /// <param name="plan">What was executed for them.</param>
    /// <param name="ofPass">The tasks of the pass.</param>
    /// <param name="images">Their positions in the group.</param>
    /// <param name="probability">[image][row][block] of the group, a row for each task of the network, or one.</param>
    public void Add(GateTable gates, ExecutionPlan plan, IReadOnlyList<int> ofPass, int[] images, double[][][]? probability)
    {
        _all += images.Length;
        for (int i = 0; i < ofPass.Count; i++)
        {
            int task = ofPass[i];
            _images[task] += images.Length;
            for (int b = 0; b < blocks; b++)
            {
                bool runs = gates.IsShared || gates[i, b].Kind is GateKind.On or GateKind.Soft;
                _runs[task][b] += runs ? images.Length : 0;
                _probability[task][b] += images.Sum(image => probability is null ? (runs ? 1 : 0) : probability[image][probability[image].Length == 1 ? 0 : task][b]);
            }
        }

        for (int b = 0; b < blocks; b++)
        {
            _bodies[b] += (long)images.Length * plan.Blocks[b].BodyCount;
            _inputs[b] += (long)images.Length * plan.Blocks[b].Streams.Count;
        }
    }

    /// <summary>What that costs an image; null where there was none.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="policy">What decided.</param>
    /// <param name="image">[1, H, W, 3].</param>
    public DecisionCost? Cost(Backbone backbone, PolicyNetwork policy, Shape image)
    {
        if (_all == 0)
        {
            return null;
        }

        // A task may have images of its own: the passes of an image are those of the tasks that have it.
        double Mean(Func<int, double> ofTask) => Enumerable.Range(0, tasks).Sum(ofTask) / _all;
        double always = Mean(task => _images[task]), own = policy.MultiplyAdds(image), stem = backbone.Stem.MultiplyAdds(image);
        double executed = own + stem, passes = own + (always * stem), expected = passes;
        Shape shape = backbone.Stem.OutputShape(image);
        for (int b = 0; b < blocks; b++)
        {
            (ResidualBlock body, Projection? projection) = backbone.Blocks[b];
            double bodyCost = body.Convolutions(shape).Sum(LayerCost.MultiplyAdds), projectionCost = projection is null ? 0 : LayerCost.MultiplyAdds(projection.Convolution(shape));
            int block = b;
            executed += ((_bodies[b] * bodyCost) + (_inputs[b] * projectionCost)) / _all;
            passes += (always * projectionCost) + (Mean(task => _runs[task][block]) * bodyCost);
            expected += (always * projectionCost) + (Mean(task => _probability[task][block]) * bodyCost);
            shape = body.OutputShape(shape);
        }

        return new DecisionCost
        {
            Images = _all,
            Runs = Share(task => Array.ConvertAll(_runs[task], static count => (double)count)),
            Probability = Share(task => _probability[task]),
            Expected = expected,
            Passes = passes,
            Executed = executed,
        };
    }

    private double[][] Share(Func<int, double[]> ofTask) => [.. Enumerable.Range(0, tasks).Select(task => Array.ConvertAll(ofTask(task), sum => sum / Math.Max(1, _images[task])))];
}
