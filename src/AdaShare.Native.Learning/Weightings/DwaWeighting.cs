using AdaShare.Native.Learning.Configuration;

namespace AdaShare.Native.Learning.Weightings;

/// <summary>The options of <see cref="DwaWeighting"/>.</summary>
public sealed class DwaOptions
{
    /// <summary>The temperature of the softmax; the larger, the more equal the weights.</summary>
    public double Temperature { get; set; } = 2;

    /// <summary>Steps whose mean losses are compared; an epoch where absent.</summary>
    public int? Period { get; set; }
}

/// <summary>
/// Dynamic weight average: K softmax(r / T) with r_t the ratio of a task's mean losses in the last two periods; 1 in the first two (Liu, Johns, Davison: "End-to-end multi-task learning with attention", CVPR 2019).
/// </summary>
internal sealed class DwaWeighting(int tasks, double temperature, long period) : Weighting(tasks)
{
    private double[] _sum = new double[tasks], _count = new double[tasks], _last = new double[tasks], _before = new double[tasks];

    public static WeightingKind Kind { get; } = WeightingKind.Of<DwaOptions>(
        "dwa", "softmax of how fast each loss falls from period to period", WeightingNeeds.Nothing, Check,
        static (options, setting) => new DwaWeighting(setting.Tasks, options.Temperature, options.Period ?? setting.StepsPerEpoch));

    public override double[] Weigh(WeightingView view)
    {
        if (view.Step < 2 * period)
        {
            return [.. Enumerable.Repeat(1.0, Tasks)];
        }

        // A task that had no labels in a whole period says nothing of its speed.
        double[] scores = [.. _last.Zip(_before, (last, before) => (last > 0 && before > 0 ? last / before : 1) / temperature)];
        return [.. SmallVectors.Softmax(scores).Select(share => Tasks * share)];
    }

    public override void Learn(WeightingView view, double[]? after)
    {
        for (int t = 0; t < Tasks; t++)
        {
            if (view.Losses[t] > 0)
            {
                _sum[t] += view.Losses[t];
                _count[t]++;
            }
        }

        if ((view.Step + 1) % period == 0)
        {
            _before = _last;
            _last = [.. _sum.Zip(_count, static (sum, count) => count > 0 ? sum / count : 0)];
            (_sum, _count) = (new double[Tasks], new double[Tasks]);
        }
    }

    public override Dictionary<string, double[]> Save() => new() { ["sum"] = [.. _sum], ["count"] = [.. _count], ["last"] = [.. _last], ["before"] = [.. _before] };

    public override void Load(IReadOnlyDictionary<string, double[]> state) =>
        (_sum, _count, _last, _before) = (Numbers(state, "sum", Tasks), Numbers(state, "count", Tasks), Numbers(state, "last", Tasks), Numbers(state, "before", Tasks));

    private static void Check(DwaOptions options, Func<string, string> key)
    {
        ConfigCheck.InRange(key("temperature"), options.Temperature, options.Temperature is > 0 and <= 1000, "a temperature above 0 and up to 1000");
        ConfigCheck.AtLeast(key("period"), options.Period ?? 1, 1);
    }
}
