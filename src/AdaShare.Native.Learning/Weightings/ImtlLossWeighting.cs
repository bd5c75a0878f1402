using AdaShare.Native.Learning.Configuration;

namespace AdaShare.Native.Learning.Weightings;

/// <summary>The options of <see cref="ImtlLossWeighting"/>.</summary>
public sealed class ImtlLossOptions
{
    /// <summary>The learning rate of the exponents, by an Adam of their own.</summary>
    public double Lr { get; set; } = 0.001;
}

/// <summary>Impartial losses: minimises sum of e^s_t L_t - s_t over the weights and the exponents s, which brings every e^s_t L_t to 1 (IMTL-L of Liu et al.: "Towards impartial multi-task learning", ICLR 2021).</summary>
internal sealed class ImtlLossWeighting(int tasks, ImtlLossOptions options) : Weighting(tasks)
{
    private readonly ScalarAdam _adam = new(tasks, options.Lr);
    private double[] _s = new double[tasks];

    public static WeightingKind Kind { get; } = WeightingKind.Of<ImtlLossOptions>(
        "imtl_l", "e^s with learnt exponents s, which brings all weighted losses to 1", WeightingNeeds.Nothing,
        static (options, key) => ConfigCheck.InRange(key("lr"), options.Lr, options.Lr is > 0 and <= 1, "a learning rate above 0 and up to 1"),
        static (options, setting) => new ImtlLossWeighting(setting.Tasks, options));

    public override double[] Weigh(WeightingView view) => Array.ConvertAll(_s, Math.Exp);

    public override void Learn(WeightingView view, double[]? after) => _adam.Step(_s, [.. _s.Zip(view.Losses, static (s, loss) => (Math.Exp(s) * loss) - 1)]);

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
}
