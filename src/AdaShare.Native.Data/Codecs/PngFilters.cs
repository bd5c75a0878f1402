using System.Numerics;

namespace AdaShare.Native.Data.Codecs;

/// <summary>The row filters of PNG (filter method 0), by their numbers in the file.</summary>
internal enum PngFilter
{
    None = 0,
    Sub = 1,
    Up = 2,
    Average = 3,
    Paeth = 4,
}

/// <summary>Applies and undoes row filters (PNG clause 9). All arithmetic is modulo 256.</summary>
internal static class PngFilters
{
    /// <summary>Turns a filtered row into the stored bytes, in place.</summary>
    /// <param name="filter">What was applied.</param>
    /// <param name="row">The filtered row.</param>
    /// <param name="above">The stored bytes of the row above, zeros for the first row.</param>
    /// <param name="distance">Bytes to the pixel on the left.</param>
    public static void Undo(PngFilter filter, Span<byte> row, ReadOnlySpan<byte> above, int distance)
    {
        above = above[..row.Length];
        int start = PngPixelFilters.Undo(filter, row, above, distance);
        switch (filter)
        {
            case PngFilter.Sub:
                for (int i = Math.Max(distance, start); i < row.Length; i++)
                {
                    row[i] += row[i - distance];
                }

                break;
            case PngFilter.Up:
                UndoUp(row, above);
                break;
            case PngFilter.Average:
                UndoAverage(row, above, distance, start);
                break;
            case PngFilter.Paeth:
                UndoPaeth(row, above, distance, start);
                break;
        }
    }

    /// <summary>Filters a row.</summary>
    /// <param name="filter">What to apply.</param>
    /// <param name="row">The stored bytes.</param>
    /// <param name="above">The stored bytes of the row above, zeros for the first row.</param>
    /// <param name="distance">Bytes to the pixel on the left.</param>
    /// <param name="filtered">Receives the filtered bytes, as many as the row has.</param>
    public static void Apply(PngFilter filter, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int distance, Span<byte> filtered)
    {
        for (int i = 0; i < row.Length; i++)
        {
            int left = i < distance ? 0 : row[i - distance];
            int predicted = filter switch
            {
                PngFilter.Sub => left,
                PngFilter.Up => above[i],
                PngFilter.Average => (left + above[i]) >> 1,
                PngFilter.Paeth => Predict(left, above[i], i < distance ? 0 : above[i - distance]),
                _ => 0,
            };
            filtered[i] = (byte)(row[i] - predicted);
        }
    }

    private static void UndoUp(Span<byte> row, ReadOnlySpan<byte> above)
    {
        int i = 0;
        for (; i <= row.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            (new Vector<byte>(row[i..]) + new Vector<byte>(above[i..])).CopyTo(row[i..]);
        }

        for (; i < row.Length; i++)
        {
            row[i] += above[i];
        }
    }

    private static void UndoAverage(Span<byte> row, ReadOnlySpan<byte> above, int distance, int start)
    {
        for (int i = start; i < Math.Min(distance, row.Length); i++)
        {
            row[i] += (byte)(above[i] >> 1);
        }

        for (int i = Math.Max(distance, start); i < row.Length; i++)
        {
            row[i] += (byte)((row[i - distance] + above[i]) >> 1);
        }
    }

    private static void UndoPaeth(Span<byte> row, ReadOnlySpan<byte> above, int distance, int start)
    {
        for (int channel = start; channel < Math.Min(start + distance, row.Length); channel++)
        {
            // One channel at a time keeps the neighbours in registers: each value waits only for the one on its left.
            int left = start == 0 ? 0 : row[channel - distance];
            int corner = start == 0 ? 0 : above[channel - distance];
            for (int i = channel; i < row.Length; i += distance)
            {
                int up = above[i];
                left = (byte)(row[i] + Predict(left, up, corner));
                row[i] = (byte)left;
                corner = up;
            }
        }
    }

    /// <summary>Of left, up and corner, the nearest to left + up - corner; the first of equals.</summary>
    private static int Predict(int left, int up, int corner)
    {
        int toLeft = Math.Abs(up - corner);
        int toUp = Math.Abs(left - corner);
        int toCorner = Math.Abs(left + up - corner - corner);
        int nearest = toLeft <= toUp ? left : up;
        return Math.Min(toLeft, toUp) <= toCorner ? nearest : corner;
    }
}
