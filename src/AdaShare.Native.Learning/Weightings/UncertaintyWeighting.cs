using AdaShare.Native.Learning.Configuration;

namespace AdaShare.Native.Learning.Weightings;

/// <summary>The options of <see cref="UncertaintyWeighting"/>.</summary>
public sealed class UncertaintyOptions
{
    /// <summary>The learning rate of the log variances, by an Adam of their own.</summary>
    public double Lr { get; set; } = 0.001;

    /// <summary>Where they start; public code takes -0.5.</summary>
    public double Start { get; set; } = -0.5;
}

/// <summary>
/// Homoscedastic uncertainty: minimises sum of L_t / (2 e^s_t) + s_t / 2 over the weights and the log variances s (Kendall, Gal, Cipolla: "Multi-task learning using uncertainty to weigh losses", CVPR 2018).
/// </summary>
internal sealed class UncertaintyWeighting(int tasks, UncertaintyOptions options) : Weighting(tasks)
{
    private readonly ScalarAdam _adam = new(tasks, options.Lr);
    private double[] _s = [.. Enumerable.Repeat(options.Start, tasks)];

    public static WeightingKind Kind { get; } = WeightingKind.Of<UncertaintyOptions>(
        "uncertainty", "1 / (2 e^s) with learnt log variances s", WeightingNeeds.Nothing, Check, static (options, setting) => new UncertaintyWeighting(setting.Tasks, options));

    public override double[] Weigh(WeightingView view) => Array.ConvertAll(_s, static s => 0.5 * Math.Exp(-s));

    public override void Learn(WeightingView view, double[]? after) => _adam.Step(_s, [.. _s.Zip(view.Losses, static (s, loss) => 0.5 - (0.5 * loss * Math.Exp(-s)))]);

    public override Dictionary<string, double[]> Save()
    {
        var state = new Dictionary<string, double[]> { ["s"] = [.. _s] };
        _adam.Save(state);
        return state;
    }

    public override void Load(IReadOnlyDictionary<string, double[]> state)
    {
        _s = Numbers(state, "s", Tasks);
        _adam.Load((name, count) => Numbers(state, name, count));
    }

    private static void Check(UncertaintyOptions options, Func<string, string> key)
    {
        ConfigCheck.InRange(key("lr"), options.Lr, options.Lr is > 0 and <= 1, "a learning rate above 0 and up to 1");
        ConfigCheck.InRange(key("start"), options.Start, options.Start is >= -10 and <= 10, "a log variance from -10 to 10");
    }
}
