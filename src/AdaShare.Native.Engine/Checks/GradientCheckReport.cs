using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Checks;

/// <summary>What came of a check.</summary>
/// <param name="Comparisons">The numbers that were compared.</param>
/// <param name="Failures">For each input the one that is furthest off among those that are wrong, the furthest of all first; empty where the gradients are right.</param>
public sealed record GradientCheckReport(int Comparisons, IReadOnlyList<GradientComparison> Failures)
{
    /// <summary>Whether every gradient is what it should be.</summary>
    public bool IsCorrect => Failures.Count == 0;

    /// <summary>The gradient that is furthest off; null where all are right.</summary>
    public GradientComparison? Worst => IsCorrect ? null : Failures[0];

    /// <summary>Ends with an error where a gradient is wrong.</summary>
    /// <exception cref="AdaShareException">One is; the message is that of <see cref="ToString"/>.</exception>
    public void ThrowIfWrong()
    {
        if (!IsCorrect)
        {
            throw new AdaShareException($"gradient check: {this}");
        }
    }

    /// <summary>One line: that all is right, or what is furthest off and in which other inputs something is.</summary>
    public override string ToString() => Worst is not { } worst
        ? $"{Comparisons} gradients are right"
        : Failures.Count == 1 ? worst.ToString() : $"{worst}; others are wrong in {string.Join(", ", Failures.Skip(1).Select(static failure => failure.Input))}";
}

/// <summary>What a gradient was compared in.</summary>
public enum GradientComparisonKind
{
    /// <summary>One element's derivative with the central difference along it.</summary>
    Element,

    /// <summary>The derivative along a direction through all elements with the central difference along it.</summary>
    Direction,

    /// <summary>One element's derivative after the function was used twice with twice that of one use: what is added to what is there already.</summary>
    Accumulation,

    /// <summary>That a gradient arrived.</summary>
    Arrival,
}

/// <summary>A gradient beside what it should be.</summary>
/// <param name="Input">The input's name.</param>
/// <param name="Shape">The input's shape.</param>
/// <param name="Kind">What was compared.</param>
/// <param name="Element">The element's row-major position; -1 where the comparison is of no single one.</param>
/// <param name="Found">What the backward rules say.</param>
/// <param name="Expected">What it should be.</param>
/// <param name="Allowed">The difference that was allowed.</param>
public sealed record GradientComparison(string Input, Shape Shape, GradientComparisonKind Kind, long Element, double Found, double Expected, double Allowed)
{
    /// <summary>The element's index in every dimension; empty where the comparison is of no single one, or the input is a scalar.</summary>
    public IReadOnlyList<int> Index
    {
        get
        {
            var index = new int[Element < 0 ? 0 : Shape.Rank];
            long rest = Element;
            for (int d = index.Length - 1; d >= 0; d--)
            {
                index[d] = (int)(rest % Shape[d]);
                rest /= Shape[d];
            }

            return index;
        }
    }

    /// <summary>A sentence without its full stop, for example <c>the gradient of up at [1, 2] is 0.5, central differences give 0.25 (allowed: 1E-06 apart)</c>.</summary>
    public override string ToString()
    {
        string where = $"[{string.Join(", ", Index)}]";
        return Kind switch
        {
            GradientComparisonKind.Element => $"the gradient of {Input} at {where} is {Found:R}, central differences give {Expected:R} (allowed: {Allowed:G3} apart)",
            GradientComparisonKind.Direction => $"the gradient of {Input} along a direction through all elements is {Found:R}, central differences give {Expected:R} (allowed: {Allowed:G3} apart)",
            GradientComparisonKind.Accumulation => $"the gradient of {Input} at {where} is {Found:R} after two uses, twice that of one is {Expected:R} (allowed: {Allowed:G3} apart); a backward rule must add where its target says so",
            _ => $"no gradient of {Input} arrived",
        };
    }

    /// <summary>How far it is off, in differences that were allowed: more than 1 is wrong.</summary>
    internal double Excess => Kind == GradientComparisonKind.Arrival || double.IsNaN(Found) || double.IsNaN(Expected) ? double.PositiveInfinity : Math.Abs(Found - Expected) / Allowed;

    internal bool IsWrong => !(Excess <= 1);

    /// <summary>Whether this says more of what is wrong with an input than another comparison: a direction names no element, so any element that is off comes first.</summary>
    internal bool IsWorseThan(GradientComparison? other) => other is null || (Kind == GradientComparisonKind.Direction) switch
    {
        true => other.Kind == GradientComparisonKind.Direction && Excess > other.Excess,
        false => other.Kind == GradientComparisonKind.Direction || Excess > other.Excess,
    };
}
