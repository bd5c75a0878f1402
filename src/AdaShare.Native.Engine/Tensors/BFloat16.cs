namespace AdaShare.Native.Engine.Tensors;

/// <summary>A number with the range of single precision and 8 bits of mantissa: its upper half. Storage only: it is widened to compute.</summary>
/// <param name="Bits">Sign, 8 bits of exponent, 7 bits of mantissa.</param>
/// <remarks>PyTorch: <c>torch.bfloat16</c>.</remarks>
public readonly record struct BFloat16(ushort Bits)
{
    private const int Shift = 16;
    private const uint QuietNaN = 0x0040_0000;

    /// <summary>Rounds to nearest, ties to even; beyond the range to infinity. NaN stays NaN.</summary>
    public static explicit operator BFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value))
        {
            return new BFloat16((ushort)((bits | QuietNaN) >> Shift));
        }

        uint half = 0x7FFF + ((bits >> Shift) & 1);
        return new BFloat16((ushort)((bits + half) >> Shift));
    }

    /// <summary>The same number in single precision; exact.</summary>
    public static implicit operator float(BFloat16 value) => BitConverter.UInt32BitsToSingle((uint)value.Bits << Shift);

    /// <inheritdoc/>
    public override string ToString() => ((float)this).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
