using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Checks;

/// <summary>How gradients are compared with differences.</summary>
/// <param name="RelativeStep">How far elements are moved, as a share of the largest magnitude, at most 1, of the input.</param>
/// <param name="RelativeTolerance">The difference that is allowed as a share of the larger number.</param>
/// <param name="AbsoluteTolerance">The difference that is allowed beside it.</param>
/// <param name="Precision">The relative rounding error of a term.</param>
/// <param name="ElementsPerInput">The most elements that are moved one by one.</param>
internal readonly record struct CentralDifferenceSettings(double RelativeStep, double RelativeTolerance, double AbsoluteTolerance, double Precision, int ElementsPerInput);

/// <summary>
/// The numerical core of gradient checks: (f(x + h) - f(x - h)) / 2h for single elements of an input, and along a random direction through all of its elements at once. In double precision the truncation error is of
/// the order h^2, the rounding error of 1e-16 / h: both lie near 1e-10 for a step of 1e-5.
/// </summary>
/// <param name="terms">The terms whose sum is the function, at other values of the input.</param>
/// <param name="settings">How to compare.</param>
internal sealed class CentralDifferences(Func<double[], double[]> terms, CentralDifferenceSettings settings)
{
    // What a kernel loses to rounding beside the last rounding of its result.
    private const double RoundingFactor = 4;

    /// <summary>Compares, one element after another and at last along the direction.</summary>
    /// <param name="name">The input's name.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="values">Its elements.</param>
    /// <param name="gradient">What the backward rules say.</param>
    /// <param name="stream">Chooses elements and the direction.</param>
    public IEnumerable<GradientComparison> Compare(string name, Shape shape, IReadOnlyList<double> values, IReadOnlyList<double> gradient, RandomStream stream)
    {
        double step = settings.RelativeStep * Math.Min(values.Max(Math.Abs), 1);
        step = step > 0 ? step : settings.RelativeStep;
        foreach (int element in stream.Permutation(values.Count).Take(settings.ElementsPerInput))
        {
            var direction = new double[values.Count];
            direction[element] = 1;
            yield return Along(direction, GradientComparisonKind.Element, element, gradient[element]);
        }

        double[] all = [.. values.Select((_, i) => stream.Normal((ulong)i))];
        yield return Along(all, GradientComparisonKind.Direction, -1, all.Zip(gradient, static (d, g) => d * g).Sum());

        GradientComparison Along(double[] direction, GradientComparisonKind kind, long element, double found)
        {
            (double difference, double rounding) = Difference(values, direction, step / direction.Max(Math.Abs));
            double allowed = settings.AbsoluteTolerance + (settings.RelativeTolerance * Math.Max(Math.Abs(found), Math.Abs(difference))) + rounding;
            return new GradientComparison(name, shape, kind, element, found, difference, allowed);
        }
    }

    /// <summary>The central difference, and the part of it that may be rounding.</summary>
    private (double Difference, double Rounding) Difference(IReadOnlyList<double> values, double[] direction, double length)
    {
        double[] ahead = terms(Moved(values, direction, length)), behind = terms(Moved(values, direction, -length));
        double difference = 0, magnitude = 0;

        // Term by term, so that what does not move cancels exactly instead of leaving its rounding error.
        for (int i = 0; i < ahead.Length; i++)
        {
            if (ahead[i] != behind[i])
            {
                difference += ahead[i] - behind[i];
                magnitude += Math.Abs(ahead[i]) + Math.Abs(behind[i]);
            }
        }

        return (difference / (2 * length), RoundingFactor * settings.Precision * magnitude / (2 * length));
    }

    private static double[] Moved(IReadOnlyList<double> values, double[] direction, double length) => [.. values.Select((value, i) => value + (length * direction[i]))];
}
