namespace AdaShare.Native.Data.Datasets.NyuV2;

/// <summary>Classes as a picture stores them, checked, read as numbers where somebody asks for a pixel.</summary>
/// <param name="stored">The class of each pixel.</param>
/// <param name="width">Pixels of a row.</param>
internal sealed class StoredClasses(ushort[] stored, int width) : IPlaneSource
{
    public void ReadAll(Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = stored[i];
        }
    }

    public void ReadPixels(int row, ReadOnlySpan<int> columns, Span<float> target)
    {
        for (int x = 0; x < columns.Length; x++)
        {
            if (columns[x] >= 0)
            {
                target[x] = stored[(row * width) + columns[x]];
            }
        }
    }
}
