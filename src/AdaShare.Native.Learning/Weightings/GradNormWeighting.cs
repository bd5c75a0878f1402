using AdaShare.Native.Learning.Configuration;

namespace AdaShare.Native.Learning.Weightings;

/// <summary>The options of <see cref="GradNormWeighting"/>.</summary>
public sealed class GradNormOptions
{
    /// <summary>How strongly tasks that lag behind are pulled; 0 makes all norms equal.</summary>
    public double Alpha { get; set; } = 1.5;

    /// <summary>The learning rate of the weights, by an Adam of their own.</summary>
    public double Lr { get; set; } = 0.025;
}

/// <summary>
/// GradNorm: weights w that bring the norms G_t = w_t |g_t| of the tasks' gradients at the last shared layer to mean(G) r_t^alpha, with r_t the task's loss relative to its first one and to the mean of these; w moves along
/// the gradient of sum of |G_t - mean(G) r_t^alpha|, its target held, and is scaled to the sum K (Chen, Badrinarayanan, Lee, Rabinovich, ICML 2018).
/// </summary>
internal sealed class GradNormWeighting(int tasks, GradNormOptions options) : Weighting(tasks)
{
    // Adam may step across zero, and the loss of a task must not be maximised.
    private const double Least = 1e-3;

    private readonly ScalarAdam _adam = new(tasks, options.Lr);
    private double[] _weights = [.. Enumerable.Repeat(1.0, tasks)], _first = new double[tasks];

    public static WeightingKind Kind { get; } = WeightingKind.Of<GradNormOptions>(
        "gradnorm", "equal training rates by the norms of gradients at the last shared layer", WeightingNeeds.LastLayer, Check, static (options, setting) => new GradNormWeighting(setting.Tasks, options));

    public override WeightingNeeds Needs => WeightingNeeds.LastLayer;

    public override double[] Weigh(WeightingView view) => [.. _weights];

    public override void Learn(WeightingView view, double[]? after)
    {
        // A task without labels in the step has neither a rate nor a norm; its first loss is that of the first step in which it has some.
        int[] present = [.. Enumerable.Range(0, Tasks).Where(t => view.Losses[t] > 0)];
        foreach (int t in present.Where(t => _first[t] == 0))
        {
            _first[t] = view.Losses[t];
        }

        if (present.Length < 2)
        {
            return;
        }

        double[] norms = Array.ConvertAll(present, t => Math.Sqrt(view.Gram![t, t]));
        double mean = present.Select((t, i) => _weights[t] * norms[i]).Average();
        double rate = present.Average(t => view.Losses[t] / _first[t]);
        var gradient = new double[Tasks];
        for (int i = 0; i < present.Length; i++)
        {
            int t = present[i];
            double target = mean * Math.Pow(view.Losses[t] / _first[t] / rate, options.Alpha);
            gradient[t] = Math.Sign((_weights[t] * norms[i]) - target) * norms[i];
        }

        _adam.Step(_weights, gradient);
        _weights = Array.ConvertAll(_weights, static w => Math.Max(w, Least));
        double scale = Tasks / _weights.Sum();
        _weights = Array.ConvertAll(_weights, w => scale * w);
    }

    public override Dictionary<string, double[]> Save()
    {
        var state = new Dictionary<string, double[]> { ["weights"] = [.. _weights], ["first"] = [.. _first] };
        _adam.Save(state);
        return state;
    }

    public override void Load(IReadOnlyDictionary<string, double[]> state)
    {
        (_weights, _first) = (Numbers(state, "weights", Tasks), Numbers(state, "first", Tasks));
        _adam.Load((name, count) => Numbers(state, name, count));
    }

    private static void Check(GradNormOptions options, Func<string, string> key)
    {
        ConfigCheck.InRange(key("alpha"), options.Alpha, options.Alpha is >= 0 and <= 10, "an exponent from 0 to 10");
        ConfigCheck.InRange(key("lr"), options.Lr, options.Lr is > 0 and <= 10, "a learning rate above 0 and up to 10");
    }
}
