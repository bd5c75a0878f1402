using AdaShare.Native.Learning.Configuration;

namespace AdaShare.Native.Learning.Weightings;

/// <summary>The options of <see cref="StchWeighting"/>.</summary>
public sealed class StchOptions
{
    /// <summary>The smoothness: towards 0 only the worst task counts.</summary>
    public double Mu { get; set; } = 1;

    /// <summary>Steps before the nadir is measured; four epochs where absent, as public code has it.</summary>
    public int? WarmUp { get; set; }

    /// <summary>Steps over which the nadir is the mean; an epoch where absent.</summary>
    public int? NadirSteps { get; set; }
}

/// <summary>
/// Smooth Tchebycheff scalarisation: K mu log of sum of exp(log(L_t / z_t) / mu), with the nadir z the tasks' mean losses over some steps after a warm-up, until whose end sum of log L_t is minimised (Lin et al.: "Smooth
/// Tchebycheff scalarization for multi-objective optimization", ICML 2024). A task without labels in a step is left out.
/// </summary>
internal sealed class StchWeighting(int tasks, double mu, long warmUp, long nadirSteps) : Weighting(tasks)
{
    private double[] _sum = new double[tasks], _count = new double[tasks];

    public static WeightingKind Kind { get; } = WeightingKind.Of<StchOptions>(
        "stch", "smooth Tchebycheff: a soft maximum of the losses in units of their mean after a warm-up", WeightingNeeds.Losses, Check,
        static (options, setting) => new StchWeighting(setting.Tasks, options.Mu, options.WarmUp ?? (4 * setting.StepsPerEpoch), options.NadirSteps ?? setting.StepsPerEpoch));

    public override WeightingNeeds Needs => WeightingNeeds.Losses;

    public override double[] Weigh(WeightingView view)
    {
        double[] inverse = Array.ConvertAll(view.Losses, static loss => loss > 0 ? 1 / loss : 0);
        if (view.Step < warmUp + nadirSteps)
        {
            return inverse;
        }

        double[] scores = new double[Tasks];
        for (int t = 0; t < Tasks; t++)
        {
            // A task that never had labels while the nadir was measured is its own measure.
            double nadir = _count[t] > 0 ? _sum[t] / _count[t] : view.Losses[t];
            scores[t] = view.Losses[t] > 0 ? Math.Log(view.Losses[t] / nadir) / mu : double.NegativeInfinity;
        }

        return [.. SmallVectors.Softmax(scores).Zip(inverse, (share, one) => Tasks * share * one)];
    }

    public override void Learn(WeightingView view, double[]? after)
    {
        for (int t = 0; t < Tasks && view.Step >= warmUp && view.Step < warmUp + nadirSteps; t++)
        {
            if (view.Losses[t] > 0)
            {
                _sum[t] += view.Losses[t];
                _count[t]++;
            }
        }
    }

    public override Dictionary<string, double[]> Save() => new() { ["sum"] = [.. _sum], ["count"] = [.. _count] };

    public override void Load(IReadOnlyDictionary<string, double[]> state) => (_sum, _count) = (Numbers(state, "sum", Tasks), Numbers(state, "count", Tasks));

    private static void Check(StchOptions options, Func<string, string> key)
    {
        ConfigCheck.InRange(key("mu"), options.Mu, options.Mu is > 0 and <= 1000, "a smoothness above 0 and up to 1000");
        ConfigCheck.AtLeast(key("warm_up"), options.WarmUp ?? 0, 0);
        ConfigCheck.AtLeast(key("nadir_steps"), options.NadirSteps ?? 1, 1);
    }
}
