namespace AdaShare.Native.Studies.Results;

/// <summary>The ways in which the budgets of compared methods are made equal, as study files write them.</summary>
public static class BudgetMatch
{
    /// <summary>The last network of each method gets the same steps; what a method spends before it (warm-up, search) comes on top.</summary>
    public const string Final = "final";

    /// <summary>Rivals also get the steps that a searching method spends on warm-up and search.</summary>
    public const string Total = "total";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> Names { get; } = [Final, Total];

    /// <summary>What a match makes equal, as the end of a sentence.</summary>
    /// <param name="match"><see cref="Final"/> or <see cref="Total"/>.</param>
    public static string Describe(string match) => match == Total
        ? "the same total steps, those of warm-up and search included"
        : "the same steps of the final network, while steps of warm-up and search come on top";
}
