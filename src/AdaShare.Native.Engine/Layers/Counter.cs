namespace AdaShare.Native.Engine.Layers;

/// <summary>A whole number that belongs to a model's state but to no kernel, such as the batches that a batch norm has seen.</summary>
/// <param name="name">The name in checkpoints.</param>
public sealed class Counter(string name)
{
    /// <summary>The name in checkpoints.</summary>
    public string Name { get; } = name;

    /// <summary>The number.</summary>
    public long Value { get; set; }
}
