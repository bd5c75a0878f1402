using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Learning.Weightings;

/// <summary>Random loss weighting: softmax of standard normal numbers, new in each step (Lin, Ye, Zhang, Tsang: "Reasonable effectiveness of random weighting", TMLR 2022). The weights add up to 1.</summary>
internal sealed class RandomWeighting(int tasks, ulong seed) : Weighting(tasks)
{
    public static WeightingKind Kind { get; } = WeightingKind.Of("random", "softmax of normal numbers, new in each step", WeightingNeeds.Nothing, static setting => new RandomWeighting(setting.Tasks, setting.Seed));

    public override double[] Weigh(WeightingView view)
    {
        var stream = RandomStream.For(seed, "weighting/random", view.Step);
        return SmallVectors.Softmax([.. Enumerable.Range(0, Tasks).Select(t => stream.Normal((ulong)t))]);
    }
}
