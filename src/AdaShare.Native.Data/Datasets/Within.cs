using System.Numerics;

namespace AdaShare.Native.Data.Datasets;

/// <summary>Holds many numbers against bounds, several at once.</summary>
internal static class Within
{
    /// <summary>The first number below or above, or none at all (NaN); -1 where all are within, bounds included.</summary>
    public static int FirstBeyond(ReadOnlySpan<float> values, float least, float most)
    {
        (Vector<float> low, Vector<float> high) = (new(least), new(most));
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var part = new Vector<float>(values[i..]);
            if (!Vector.EqualsAll(Vector.BitwiseAnd(Vector.GreaterThanOrEqual(part, low), Vector.LessThanOrEqual(part, high)), Vector<int>.AllBitsSet))
            {
                break;
            }
        }

        for (; i < values.Length; i++)
        {
            if (!(values[i] >= least && values[i] <= most))
            {
                return i;
            }
        }

        return -1;
    }
}
