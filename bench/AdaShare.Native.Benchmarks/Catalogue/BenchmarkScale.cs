namespace AdaShare.Native.Benchmarks.Catalogue;

/// <summary>At which size the networks' shapes are timed.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Crop">Rows and columns of the images.</param>
/// <param name="Batch">Images of a batch.</param>
/// <param name="Width">The factor on the networks' channels.</param>
/// <param name="MostWeights">The most elements of a flat buffer of weights.</param>
/// <param name="TextLength">The characters of a text.</param>
internal sealed record BenchmarkScale(string Name, int Crop, int Batch, double Width, int MostWeights = int.MaxValue, int TextLength = 1024)
{
    /// <summary>Crops that a CPU trains on.</summary>
    public static BenchmarkScale Cpu { get; } = new("cpu", 128, 4, 1);

    /// <summary>The published crop and batch.</summary>
    public static BenchmarkScale Gpu { get; } = new("gpu", 321, 16, 1);

    /// <summary>Small and odd sizes, for results that the reference can compute whole; channels are multiples of a vector, as in the whole networks.</summary>
    public static BenchmarkScale Reduced { get; } = new("reduced", 33, 2, 0.25, MostWeights: 100_003, TextLength: 40);

    /// <summary>Texts of a batch: they are smaller than images, so there are more of them.</summary>
    public int Texts => 8 * Batch;

    /// <summary>The scale for a device's name, for example <c>cpu</c> or <c>cuda:0</c>.</summary>
    public static BenchmarkScale Of(string device) => device.StartsWith("cuda", StringComparison.Ordinal) ? Gpu : Cpu;
}
