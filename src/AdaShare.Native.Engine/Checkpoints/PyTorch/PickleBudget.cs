namespace AdaShare.Native.Engine.Checkpoints.PyTorch;

/// <summary>The work that reading a file may take: an instruction is one unit, and so are what an instruction copies beside it. Files of a few million units are far beyond any checkpoint.</summary>
internal sealed class PickleBudget
{
    private const long Units = 1L << 22;
    private const int BytesAUnit = 64;

    private long _left = Units;

    /// <summary>Takes note of work.</summary>
    /// <exception cref="FormatException">It is too much.</exception>
    public void Spend(long units = 1)
    {
        _left -= units;
        if (_left < 0)
        {
            throw new FormatException($"it takes more than {Units} instructions to read");
        }
    }

    /// <summary>Takes note of bytes that are copied.</summary>
    /// <exception cref="FormatException">They are too many.</exception>
    public void SpendBytes(long bytes) => Spend(1 + (bytes / BytesAUnit));
}
