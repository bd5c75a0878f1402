using System.Globalization;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Bench.Cases;

/// <summary>
/// The cases by name: <c>sgemm-SIZE</c>, <c>conv-SHAPE-forward|data|filter</c>, <c>step-…</c> as <see cref="StepName.Parse"/> reads it, and <c>eval-nyu3</c>.
/// </summary>
internal static class BenchCases
{
    /// <summary>Makes a case.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="backend">Where it runs.</param>
    /// <param name="forCheck">Whether its results will be compared: then steps have no dropout and the golden noise.</param>
    /// <exception cref="ArgumentException">No case has the name.</exception>
    /// <param name="activations">The type in which networks store activations.</param>
    public static BenchCase Create(string name, Backend backend, bool forCheck, DType activations = DType.Float32) => name.Split('-') switch
    {
        ["sgemm", var size] => new MatrixCase(name, backend, int.Parse(size, CultureInfo.InvariantCulture)),
        ["conv", var shape, var direction] => new ConvolutionCase(name, backend, shape, direction),
        ["step", .. var shape] => new StepCase(backend, StepName.Parse(shape) with { Activations = activations }, forCheck),
        ["eval", "nyu3"] => new EvaluationCase(backend, activations),
        _ => throw new ArgumentException($"there is no case {name}"),
    };
}
