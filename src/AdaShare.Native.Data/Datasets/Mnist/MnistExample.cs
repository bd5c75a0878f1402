namespace AdaShare.Native.Data.Datasets.Mnist;

/// <summary>An image of a pair of IDX files.</summary>
/// <param name="Id">The pair and the number of the image in it.</param>
/// <param name="Pixels">Its grey values.</param>
/// <param name="Class">Its class.</param>
internal sealed record MnistExample(string Id, ReadOnlyMemory<byte> Pixels, int Class);
