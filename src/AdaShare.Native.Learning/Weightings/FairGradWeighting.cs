using AdaShare.Native.Learning.Configuration;

namespace AdaShare.Native.Learning.Weightings;

/// <summary>The options of <see cref="FairGradWeighting"/>.</summary>
public sealed class FairGradOptions
{
    /// <summary>What is fair: 1 is proportional (the bargain of Nash), towards infinity the worst task counts alone.</summary>
    public double Alpha { get; set; } = 1;
}

/// <summary>Alpha-fair gains: weights with G w = w^(-1 / alpha) (Ban, Ji: "Fair resource allocation in multi-task learning", ICML 2024). The equation is solved exactly, where public code minimises its squared residual.</summary>
internal sealed class FairGradWeighting(int tasks, double alpha) : GramWeighting(tasks)
{
    public static WeightingKind Kind { get; } = WeightingKind.Of<FairGradOptions>(
        "fairgrad", "the gains of tasks are alpha-fair", WeightingNeeds.SharedWeights,
        static (options, key) => ConfigCheck.InRange(key("alpha"), options.Alpha, options.Alpha is >= 0.1 and <= 100, "a number from 0.1 to 100"),
        static (options, setting) => new FairGradWeighting(setting.Tasks, options.Alpha));

    protected override double[] Solve(double[,] gram, long step) => PowerBalance.Solve(gram, 1 / alpha);
}
