using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Checks;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Checks;

/// <summary>
/// Holds the backward rules of the catalogue against central differences, in double precision on the reference backend, by the numerical core of <see cref="Engine.Checks.GradientCheck"/>: unlike there a case may have several
/// outputs, of which not all have a gradient.
/// </summary>
public static class GradientCheck
{
    private const ulong Seed = 31337;

    /// <summary>What differs from the differences; empty if nothing does.</summary>
    public static IReadOnlyList<string> Run(OpCase opCase)
    {
        using var backend = new ReferenceBackend();
        CaseResult result = CaseRun.WithWatchedInputs(opCase, backend, DType.Float64);
        HostArray[] values = opCase.Generate();
        var failures = new List<string>();
        for (int i = 0; i < values.Length; i++)
        {
            if (!opCase.Inputs[i].IsDifferentiable || values[i].Values.Length == 0)
            {
                continue;
            }

            if (result.Gradients[i] is not { } gradient)
            {
                failures.Add($"{opCase.Inputs[i].Name}: no gradient arrived");
                continue;
            }

            failures.AddRange(CheckInput(opCase, backend, values, i, gradient.Values, result.Differentiable));
        }

        return failures;
    }

    /// <summary>
    /// What differs between the gradients of running the case twice on parameters and twice the gradients of running it once on step inputs; empty if nothing does.
    /// </summary>
    public static IReadOnlyList<string> RunAccumulation(OpCase opCase)
    {
        using var backend = new ReferenceBackend();
        CaseResult once = CaseRun.WithWatchedInputs(opCase, backend, DType.Float64);
        CaseResult twice = CaseRun.TwiceWithParameters(opCase, backend, DType.Float64);
        var failures = new List<string>();
        for (int i = 0; i < opCase.Inputs.Count; i++)
        {
            if (once.Gradients[i] is { } gradient)
            {
                failures.AddRange(twice.Gradients[i] is { } accumulated
                    ? Comparison.Differences($"accumulated gradient of {opCase.Inputs[i].Name}", accumulated, gradient.Map(static g => 2 * g), 1e-12)
                    : [$"{opCase.Inputs[i].Name}: no gradient arrived at the parameter"]);
            }
        }

        return failures;
    }

    private static IEnumerable<string> CheckInput(OpCase opCase, ReferenceBackend backend, HostArray[] values, int input, double[] gradient, bool[] differentiable)
    {
        (string name, Shape shape, _) = opCase.Inputs[input];
        var options = new GradientCheckOptions { ElementsPerInput = opCase.GradientSamples };
        return new CentralDifferences(Terms, options.For(DType.Float64)).Compare(name, shape, values[input].Values, gradient, RandomStream.For(Seed, opCase.FullName, input))
            .Where(static comparison => comparison.IsWrong).Select(static comparison => comparison.ToString()).Take(1);

        double[] Terms(double[] moved)
        {
            HostArray[] all = [.. values];
            all[input] = new HostArray(values[input].Shape, moved);
            return CaseRun.LossTerms(opCase, backend, all, differentiable);
        }
    }
}
