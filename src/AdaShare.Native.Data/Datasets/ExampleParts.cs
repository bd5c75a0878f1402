namespace AdaShare.Native.Data.Datasets;

/// <summary>The single parts of a data set, each in the order of reading.</summary>
/// <typeparam name="T">What stands for an example.</typeparam>
/// <param name="Weights">The part on which weights are trained.</param>
/// <param name="Policy">The part on which the policy is learnt.</param>
/// <param name="TrainOnly">Training examples that are in neither of the two.</param>
/// <param name="Validation">The part for selection.</param>
/// <param name="Test">The part for the final table.</param>
internal sealed record ExampleParts<T>(IReadOnlyList<T> Weights, IReadOnlyList<T> Policy, IReadOnlyList<T> TrainOnly, IReadOnlyList<T> Validation, IReadOnlyList<T> Test)
{
    /// <summary>The examples of all parts.</summary>
    public IEnumerable<T> All => [.. Weights, .. Policy, .. TrainOnly, .. Validation, .. Test];

    public ExampleParts<TOther> Select<TOther>(Func<T, TOther> map) =>
        new([.. Weights.Select(map)], [.. Policy.Select(map)], [.. TrainOnly.Select(map)], [.. Validation.Select(map)], [.. Test.Select(map)]);
}
