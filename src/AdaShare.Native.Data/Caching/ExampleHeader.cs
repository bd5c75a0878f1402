using System.Buffers.Binary;
using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Data.Caching;

/// <summary>What stands before the values of an example in a cache: kind and size of its input, and the planes that it has, each with the number of its label.</summary>
/// <param name="Kind">What the input is.</param>
/// <param name="Height">Its rows.</param>
/// <param name="Width">Its columns.</param>
/// <param name="Channels">Its bytes a pixel or character.</param>
/// <param name="Planes">The planes.</param>
internal sealed record ExampleHeader(InputKind Kind, int Height, int Width, int Channels, IReadOnlyList<CachedPlane> Planes)
{
    private const int FixedFields = 5;
    private const int FieldsAPlane = 5;

    /// <summary>Its length in bytes; the input comes next, then the planes, each from a multiple of four bytes on.</summary>
    public int Length => LengthOf(Planes.Count);

    /// <summary>The bytes of the input.</summary>
    public int InputBytes => checked(Height * Width * Channels);

    /// <summary>Where the input begins, from the beginning of the example.</summary>
    public long InputPlace => Length;

    /// <summary>The bytes of the whole example.</summary>
    public long TotalBytes => Planes.Aggregate(Aligned(InputPlace + InputBytes), static (place, plane) => Aligned(place + plane.Bytes));

    /// <summary>The length of a header.</summary>
    /// <param name="planes">How many planes it names.</param>
    public static int LengthOf(int planes) => (FixedFields + (FieldsAPlane * planes)) * sizeof(int);

    /// <summary>The next place at which a plane may begin.</summary>
    public static long Aligned(long place) => (place + 3) & ~3L;

    /// <summary>Where each plane begins, from the beginning of the example.</summary>
    public IEnumerable<(CachedPlane Plane, long Place)> Places()
    {
        long place = Aligned(InputPlace + InputBytes);
        foreach (CachedPlane plane in Planes)
        {
            yield return (plane, place);
            place = Aligned(place + plane.Bytes);
        }
    }

    /// <summary>Writes it.</summary>
    public void Write(Span<byte> target)
    {
        int field = 0;
        Put(target, ref field, [(int)Kind, Height, Width, Channels, Planes.Count]);
        foreach (CachedPlane plane in Planes)
        {
            Put(target, ref field, [plane.Label, plane.Height, plane.Width, plane.Channels, plane.TableLength]);
        }
    }

    /// <summary>Reads it.</summary>
    /// <param name="source">Bytes that begin with it.</param>
    /// <returns>The header; null where the bytes can be none.</returns>
    public static ExampleHeader? Read(ReadOnlySpan<byte> source)
    {
        int Field(ReadOnlySpan<byte> bytes, int number) => BinaryPrimitives.ReadInt32LittleEndian(bytes[(number * sizeof(int))..]);
        if (source.Length < LengthOf(0) || Field(source, FixedFields - 1) is not (>= 0 and <= ushort.MaxValue) || source.Length < LengthOf(Field(source, FixedFields - 1)))
        {
            return null;
        }

        var planes = new CachedPlane[Field(source, FixedFields - 1)];
        for (int p = 0; p < planes.Length; p++)
        {
            int at = FixedFields + (p * FieldsAPlane);
            planes[p] = new(Field(source, at), Field(source, at + 1), Field(source, at + 2), Field(source, at + 3), Field(source, at + 4));
        }

        return new((InputKind)Field(source, 0), Field(source, 1), Field(source, 2), Field(source, 3), planes);
    }

    private static void Put(Span<byte> target, ref int field, ReadOnlySpan<int> values)
    {
        foreach (int value in values)
        {
            BinaryPrimitives.WriteInt32LittleEndian(target[(field++ * sizeof(int))..], value);
        }
    }
}

/// <summary>A plane as its example's header states it.</summary>
/// <param name="Label">The number of its label among those of the data set.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Channels">Values a pixel.</param>
/// <param name="TableLength">How many different values it has, which then stand before a byte for each value; 0 where values are in single precision. See <see cref="PlaneCode"/>.</param>
internal readonly record struct CachedPlane(int Label, int Height, int Width, int Channels, int TableLength)
{
    /// <summary>Its values.</summary>
    public int Count => checked(Height * Width * Channels);

    /// <summary>Its bytes in the file.</summary>
    public long Bytes => TableLength == 0 ? (long)Count * sizeof(float) : Count + (TableLength * sizeof(float));
}
