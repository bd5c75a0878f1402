using AdaShare.Native.Learning.Configuration;

namespace AdaShare.Native.Learning.Weightings;

/// <summary>The options of <see cref="FamoWeighting"/>.</summary>
public sealed class FamoOptions
{
    /// <summary>The learning rate of the logits, by an Adam of their own.</summary>
    public double Lr { get; set; } = 0.025;

    /// <summary>The decay of the logits.</summary>
    public double Gamma { get; set; } = 0.001;
}

/// <summary>
/// Fast adaptive multitask optimisation: the weights c z_t / L_t with z = softmax of learnt logits and 1 / c = sum of z_t / L_t; after the update, logits move along the change of the log losses of the same batch (Liu,
/// Feng, Stone, Liu, NeurIPS 2023). A task without labels in a step is left out.
/// </summary>
internal sealed class FamoWeighting(int tasks, FamoOptions options) : Weighting(tasks)
{
    // Public code's shift of losses, which keeps a loss of 0 from having an infinite logarithm.
    private const double Shift = 1e-8;

    private readonly ScalarAdam _adam = new(tasks, options.Lr, options.Gamma);
    private double[] _logits = new double[tasks];

    public static WeightingKind Kind { get; } = WeightingKind.Of<FamoOptions>(
        "famo", "balances how fast the logarithms of the losses fall", WeightingNeeds.Losses, Check, static (options, setting) => new FamoWeighting(setting.Tasks, options));

    public override WeightingNeeds Needs => WeightingNeeds.Losses;

    public override bool LearnsFromUpdate => true;

    public override double[] Weigh(WeightingView view)
    {
        double[] shares = Shares(view.Losses);
        double[] scaled = [.. shares.Zip(view.Losses, static (z, loss) => z / (loss + Shift))];
        double c = 1 / Math.Max(scaled.Sum(), double.Epsilon);
        return Array.ConvertAll(scaled, one => c * one);
    }

    public override void Learn(WeightingView view, double[]? after)
    {
        ArgumentNullException.ThrowIfNull(after);
        double[] shares = Shares(view.Losses), gains = new double[Tasks];
        for (int t = 0; t < Tasks; t++)
        {
            gains[t] = view.Losses[t] > 0 ? Math.Log(view.Losses[t] + Shift) - Math.Log(after[t] + Shift) : 0;
        }

        // The Jacobian of softmax, applied to the gains.
        double mean = shares.Zip(gains, static (z, gain) => z * gain).Sum();
        _adam.Step(_logits, [.. shares.Zip(gains, (z, gain) => z * (gain - mean))]);
    }

    public override Dictionary<string, double[]> Save()
    {
        var state = new Dictionary<string, double[]> { ["logits"] = [.. _logits] };
        _adam.Save(state);
        return state;
    }

    public override void Load(IReadOnlyDictionary<string, double[]> state)
    {
        _logits = Numbers(state, "logits", Tasks);
        _adam.Load((name, count) => Numbers(state, name, count));
    }

    private double[] Shares(double[] losses) => SmallVectors.Softmax([.. _logits.Zip(losses, static (logit, loss) => loss > 0 ? logit : double.NegativeInfinity)]);

    private static void Check(FamoOptions options, Func<string, string> key)
    {
        ConfigCheck.InRange(key("lr"), options.Lr, options.Lr is > 0 and <= 10, "a learning rate above 0 and up to 10");
        ConfigCheck.InRange(key("gamma"), options.Gamma, options.Gamma is >= 0 and <= 1, "a decay from 0 to 1");
    }
}
