namespace AdaShare.Native.Learning.Weightings;

/// <summary>The element of least norm among the convex combinations of the gradients (Désidéri, 2012; Sener, Koltun: "Multi-task learning as multi-objective optimization", NeurIPS 2018). The weights add up to 1, and some may be 0.</summary>
internal sealed class MgdaWeighting(int tasks) : GramWeighting(tasks)
{
    public static WeightingKind Kind { get; } = WeightingKind.Of("mgda", "the convex combination of gradients of least norm", WeightingNeeds.SharedWeights, static setting => new MgdaWeighting(setting.Tasks));

    protected override double[] Solve(double[,] gram, long step) => Weights(gram);

    internal static double[] Weights(double[,] gram) => QuadraticProgram.Minimize(gram, new double[gram.GetLength(0)], sumsToOne: true);
}
