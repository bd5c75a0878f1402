namespace AdaShare.Native.Cpu.Numerics;

/// <summary>The rows of a micro-kernel's tile, known to the JIT so that it leaves the others out.</summary>
internal interface ITileRows
{
    /// <summary>4, 6, 8 or 12.</summary>
    static abstract int Count { get; }
}

/// <summary>The columns of a micro-kernel's tile likewise.</summary>
internal interface ITileColumns
{
    /// <summary>Whether a tile is two vectors wide, not one.</summary>
    static abstract bool AreTwo { get; }
}

internal readonly struct TwelveRows : ITileRows
{
    public static int Count => 12;
}

internal readonly struct EightRows : ITileRows
{
    public static int Count => 8;
}

internal readonly struct SixRows : ITileRows
{
    public static int Count => 6;
}

internal readonly struct FourRows : ITileRows
{
    public static int Count => 4;
}

internal readonly struct TwoVectors : ITileColumns
{
    public static bool AreTwo => true;
}

internal readonly struct OneVector : ITileColumns
{
    public static bool AreTwo => false;
}
