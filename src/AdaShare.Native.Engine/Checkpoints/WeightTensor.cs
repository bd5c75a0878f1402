namespace AdaShare.Native.Engine.Checkpoints;

/// <summary>A tensor of a file of weights, whatever the file's format. Its elements are read when they are asked for.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Format">The type of its elements in the file.</param>
/// <param name="Shape">Its shape; empty for a single number.</param>
/// <param name="Read">Reads the elements, row-major, each time anew; throws the file's own exception where that is damaged. The file must be open.</param>
public sealed record WeightTensor(string Name, NumberFormat Format, IReadOnlyList<long> Shape, Func<double[]> Read)
{
    /// <summary>The number of elements.</summary>
    public long Count => Shape.Aggregate(1L, static (n, d) => n * d);
}
