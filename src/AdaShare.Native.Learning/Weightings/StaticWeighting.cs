namespace AdaShare.Native.Learning.Weightings;

/// <summary>The configuration's <c>lambdas</c> as they are: there is nothing to weigh.</summary>
internal static class StaticWeighting
{
    public static WeightingKind Kind { get; } = WeightingKind.Of("static", "the configured lambdas", WeightingNeeds.Nothing, static _ => null);
}
