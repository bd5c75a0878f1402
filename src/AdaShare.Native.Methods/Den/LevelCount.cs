using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Models;

namespace AdaShare.Native.Methods.Den;

/// <summary>Counts the levels that images take.</summary>
internal sealed class LevelCount
{
    private double[][] _taken = [];
    private double[][] _probability = [];
    private long _images;
    private long _passes;

    /// <summary>Adds images.</summary>
    /// <param name="levels">[image][block].</param>
    /// <param name="probability">[image, block, level].</param>
    /// <param name="tasks">The number of tasks that have them.</param>
    public void Add(int[][] levels, double[] probability, int tasks)
    {
        int blocks = levels[0].Length;
        if (_images == 0)
        {
            (_taken, _probability) = ([.. Enumerable.Range(0, blocks).Select(static _ => new double[ElasticBlock.Levels])], [.. Enumerable.Range(0, blocks).Select(static _ => new double[ElasticBlock.Levels])]);
        }

        (_images, _passes) = (_images + levels.Length, _passes + (levels.Length * tasks));
        for (int i = 0; i < levels.Length; i++)
        {
            for (int b = 0; b < blocks; b++)
            {
                _taken[b][levels[i][b]]++;
                for (int level = 0; level < ElasticBlock.Levels; level++)
                {
                    _probability[b][level] += probability[(((i * blocks) + b) * ElasticBlock.Levels) + level];
                }
            }
        }
    }

    /// <summary>What that costs an image; null where there was none.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="selector">Multiply-adds of the selector.</param>
    /// <param name="tasks">The number of tasks.</param>
    /// <param name="image">[1, H, W, 3].</param>
    public DecisionCost? Cost(ElasticBackbone backbone, long selector, int tasks, Shape image)
    {
        if (_images == 0)
        {
            return null;
        }

        (long always, long[][] groups) = backbone.MultiplyAdds(image);
        double Mean(double[][] levels) => always + groups.Select((costs, b) => Enumerable.Range(1, ElasticBlock.Groups).Sum(level => levels[b][level] * costs.Take(level).Sum()) / _images).Sum();
        double[] Share(double[][] levels) => Array.ConvertAll(levels, counts => counts.Select(static (count, level) => count * ElasticBlock.Share(level)).Sum() / _images);
        double each = (double)_passes / _images;
        double[] runs = Share(_taken), probability = Share(_probability);
        return new DecisionCost
        {
            Images = _images,
            Runs = [.. Enumerable.Repeat(runs, tasks)],
            Probability = [.. Enumerable.Repeat(probability, tasks)],
            Expected = selector + (each * Mean(_probability)),
            Passes = selector + (each * Mean(_taken)),
            Executed = selector + Mean(_taken),
        };
    }
}
