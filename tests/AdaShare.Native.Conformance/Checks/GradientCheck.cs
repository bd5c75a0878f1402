using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Checks;

/// <summary>
/// Holds backward rules against central differences, (f(x + h) - f(x - h)) / 2h, in double precision on the reference backend: for single elements of each
/// input, and along a random direction through all elements of each input at once.
/// </summary>
public static class GradientCheck
{
    // The truncation error is of the order h^2, the rounding error of 1e-16 / h: both lie near 1e-10 here.
    private const double RelativeStep = 1e-5;
    private const double RelativeTolerance = 1e-6;
    private const double AbsoluteTolerance = 1e-8;
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
        double[] x = values[input].Values;
        double step = RelativeStep * Math.Min(x.Max(Math.Abs), 1);
        RandomStream stream = RandomStream.For(Seed, opCase.FullName, input);
        foreach (int element in stream.Permutation(x.Length).Take(opCase.GradientSamples))
        {
            var direction = new double[x.Length];
            direction[element] = 1;
            if (Difference($"element {element}", direction, gradient[element]) is { } failure)
            {
                yield return failure;
                yield break;
            }
        }

        double[] all = [.. x.Select((_, i) => stream.Normal((ulong)i))];
        if (Difference("a direction through all elements", all, all.Zip(gradient, (d, g) => d * g).Sum()) is { } whole)
        {
            yield return whole;
        }

        string? Difference(string where, double[] direction, double analytic)
        {
            double length = step / direction.Max(Math.Abs);

            // Term by term, so that what does not move cancels exactly instead of leaving its rounding error.
            double numeric = TermsAt(direction, length).Zip(TermsAt(direction, -length), static (ahead, behind) => ahead - behind).Sum() / (2 * length);
            double allowed = AbsoluteTolerance + (RelativeTolerance * Math.Max(Math.Abs(analytic), Math.Abs(numeric)));
            return Math.Abs(analytic - numeric) <= allowed
                ? null
                : $"{opCase.Inputs[input].Name}, {where}: the backward rule says {analytic:R}, central differences {numeric:R}";
        }

        double[] TermsAt(double[] direction, double length)
        {
            HostArray[] moved = [.. values];
            moved[input] = new HostArray(values[input].Shape, [.. x.Select((value, i) => value + (length * direction[i]))]);
            return CaseRun.LossTerms(opCase, backend, moved, differentiable);
        }
    }
}
