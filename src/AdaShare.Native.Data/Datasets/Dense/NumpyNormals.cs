namespace AdaShare.Native.Data.Datasets.Dense;

/// <summary>Surface normals (x, y, z) of an array, read as <see cref="LabelKind.SurfaceNormals"/> wants them where somebody asks for a pixel.</summary>
/// <param name="vectors">The array, checked.</param>
/// <param name="width">Its columns.</param>
/// <param name="decode">Whether they are read in [-1, 1], or in whole numbers.</param>
internal sealed class NumpyNormals(float[] vectors, int width, bool decode) : IPlaneSource
{
    private const int Channels = 3;

    public void ReadAll(Span<float> values)
    {
        for (int i = 0; i < values.Length; i += Channels)
        {
            NormalPixel.Put(values.Slice(i, Channels), vectors[i], vectors[i + 1], vectors[i + 2], decode);
        }
    }

    public void ReadPixels(int row, ReadOnlySpan<int> columns, Span<float> target)
    {
        for (int x = 0; x < columns.Length; x++)
        {
            if (columns[x] >= 0)
            {
                int i = ((row * width) + columns[x]) * Channels;
                NormalPixel.Put(target.Slice(x * Channels, Channels), vectors[i], vectors[i + 1], vectors[i + 2], decode);
            }
        }
    }
}
