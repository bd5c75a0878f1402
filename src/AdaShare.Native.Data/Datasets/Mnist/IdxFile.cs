using System.Buffers.Binary;
using System.IO.Compression;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Mnist;

/// <summary>
/// The IDX format of MNIST: 0, 0, the type of the values (8 for bytes), the number of dimensions, the dimensions as big-endian 32-bit numbers, and the values row by row. Packed by gzip or
/// not, told by the first two bytes. Source: the file formats at the end of yann.lecun.com/exdb/mnist.
/// </summary>
/// <param name="Shape">The dimensions.</param>
/// <param name="Values">The values.</param>
internal sealed record IdxFile(IReadOnlyList<int> Shape, byte[] Values)
{
    private const byte Bytes = 8;
    private const int HeadBytes = 4;

    /// <summary>Reads a file of bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="dimensions">The number of dimensions that is expected.</param>
    /// <param name="meaning">What the dimensions are, for messages.</param>
    /// <exception cref="DataException">The file is missing, damaged, too short or too long, or of another form; the message names it.</exception>
    public static IdxFile Read(string path, int dimensions, string meaning)
    {
        using FileStream file = CodecFile.Open(path);
        Span<byte> magic = stackalloc byte[2];
        bool isPacked = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length && magic is [0x1f, 0x8b];
        file.Position = 0;
        using Stream stream = isPacked ? new GZipStream(file, CompressionMode.Decompress) : file;
        byte[] head = CodecFile.ReadUpTo(stream, path, HeadBytes + (dimensions * sizeof(int)));
        if (head.Length < HeadBytes || head[0] != 0 || head[1] != 0 || head[2] != Bytes || head[3] != dimensions)
        {
            throw new DataException($"{path}: begins with '{Convert.ToHexString(head.AsSpan(0, Math.Min(HeadBytes, head.Length)))}'; expected '00000{Bytes}0{dimensions}', an IDX file of bytes with {meaning}; download it again");
        }

        int[] shape = [.. Enumerable.Range(0, dimensions).Where(i => head.Length >= HeadBytes + ((i + 1) * sizeof(int))).Select(i => BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(HeadBytes + (i * sizeof(int)))))];
        long count = shape.Length == dimensions ? shape.Aggregate(1L, static (product, size) => size is > 0 and <= 1 << 24 && product <= CodecFile.MaxBytes ? product * size : long.MaxValue) : 0;
        if (count is 0 or > CodecFile.MaxBytes)
        {
            throw new DataException($"{path}: has the dimensions ({string.Join(", ", shape)}); expected {meaning}, each 1 or more, and no more than {CodecFile.MaxBytes:N0} values; download it again");
        }

        byte[] values = CodecFile.ReadUpTo(stream, path, count + 1);
        return values.Length == count
            ? new(shape, values)
            : throw new DataException($"{path}: has {(values.Length > count ? $"more than {count:N0}" : values.Length.ToString("N0", null))} values; its dimensions ({string.Join(", ", shape)}) want {count:N0}; download it again");
    }
}
