using System.Globalization;
using AdaShare.Native.Engine.Backends;

namespace AdaShare.Native.Bench.Cases;

/// <summary>
/// The cases by name: <c>sgemm-SIZE</c>, <c>conv-SHAPE-forward|data|filter</c>, <c>step-r18|r34-PIXELS-warm|weights-OPEN|policy-OPEN</c> and
/// <c>eval-nyu3</c>, where OPEN is <c>1</c> or <c>all</c>.
/// </summary>
internal static class BenchCases
{
    /// <summary>Makes a case.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="backend">Where it runs.</param>
    /// <param name="forCheck">Whether its results will be compared: then steps have no dropout and the golden noise.</param>
    /// <exception cref="ArgumentException">No case has the name.</exception>
    public static BenchCase Create(string name, Backend backend, bool forCheck) => name.Split('-') switch
    {
        ["sgemm", var size] => new MatrixCase(name, backend, int.Parse(size, CultureInfo.InvariantCulture)),
        ["conv", var shape, var direction] => new ConvolutionCase(name, backend, shape, direction),
        ["step", var backbone, var pixels, "warm"] => new StepCase(backend, Backbone(backbone), int.Parse(pixels, CultureInfo.InvariantCulture), StepKind.WarmUp, 0, forCheck),
        ["step", var backbone, var pixels, "weights", var open] =>
            new StepCase(backend, Backbone(backbone), int.Parse(pixels, CultureInfo.InvariantCulture), StepKind.Weights, Open(open), forCheck),
        ["step", var backbone, var pixels, "policy", var open] =>
            new StepCase(backend, Backbone(backbone), int.Parse(pixels, CultureInfo.InvariantCulture), StepKind.Policy, Open(open), forCheck),
        ["eval", "nyu3"] => new EvaluationCase(backend),
        _ => throw new ArgumentException($"there is no case {name}"),
    };

    private static string Backbone(string name) => name switch
    {
        "r18" => "ResNet18",
        "r34" => "ResNet34",
        _ => throw new ArgumentException($"the backbone {name} is not one of r18, r34"),
    };

    private static int Open(string text) => text == "all" ? int.MaxValue : int.Parse(text, CultureInfo.InvariantCulture);
}
