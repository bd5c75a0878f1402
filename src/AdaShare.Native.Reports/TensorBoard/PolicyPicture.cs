using AdaShare.Native.Learning.Pictures;

namespace AdaShare.Native.Reports.TensorBoard;

/// <summary>A policy as a picture: a row a task, a column a block, white where the block surely runs and black where it is surely skipped.</summary>
internal static class PolicyPicture
{
    private const int Cell = 16, Gap = 2;
    private const byte Frame = 96;

    /// <summary>The picture.</summary>
    /// <param name="probability">The probability that a task runs a block [task][block].</param>
    public static Picture Of(double[][] probability)
    {
        int rows = probability.Length, columns = probability.Max(static row => row.Length);
        var picture = new Picture(Size(rows), Size(columns));
        Array.Fill(picture.Pixels, Frame);
        for (int t = 0; t < rows; t++)
        {
            for (int b = 0; b < probability[t].Length; b++)
            {
                byte shade = (byte)Math.Round(255 * Math.Clamp(probability[t][b], 0, 1));
                Fill(picture, Gap + (t * (Cell + Gap)), Gap + (b * (Cell + Gap)), new Colour(shade, shade, shade));
            }
        }

        return picture;
    }

    private static int Size(int cells) => Gap + (Math.Max(1, cells) * (Cell + Gap));

    private static void Fill(Picture picture, int top, int left, Colour colour)
    {
        for (int y = top; y < top + Cell; y++)
        {
            for (int x = left; x < left + Cell; x++)
            {
                picture[y, x] = colour;
            }
        }
    }
}
