using System.Buffers.Binary;

namespace AdaShare.Native.Campaigns.Mutation;

/// <summary>
/// Changes files that begin with the length of a text header: npy (two bytes at offset 8) and safetensors (eight at offset 0). The header is changed by words and its length mostly set
/// right, so that what lies behind the first check is reached.
/// </summary>
/// <param name="offset">Where the length stands.</param>
/// <param name="size">Its bytes, least significant first: 2 or 8.</param>
public sealed class HeaderMutator(int offset, int size) : IMutator
{
    private static readonly TokenMutator Words = new();
    private static readonly ByteMutator Bytes = new();

    /// <inheritdoc/>
    public byte[] Mutate(Random random, byte[] input, byte[] other)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (Find(input) is not { } header || Find(other) is not { } others)
        {
            return Bytes.Mutate(random, input, other);
        }

        byte[] data = input[header.End..];
        switch (random.Next(8))
        {
            case 0:
                // The header stays; its length, or the elements behind it, do not.
                return Join(input[..offset], random.NextInt64(random.Next(2) == 0 ? input.Length + 16 : long.MaxValue), input[header.Start..header.End], data);
            case 1:
                byte[] elements = Bytes.Mutate(random, data, other[others.End..]);
                return [.. input[..header.End], .. elements];
            default:
                byte[] words = Words.Mutate(random, input[header.Start..header.End], other[others.Start..others.End]);
                return Join(input[..offset], random.Next(8) == 0 ? header.End - header.Start : words.Length, words, data);
        }
    }

    private (int Start, int End)? Find(byte[] file)
    {
        int start = offset + size;
        if (file.Length < start)
        {
            return null;
        }

        ReadOnlySpan<byte> field = file.AsSpan(offset, size);
        long length = size == sizeof(ushort) ? BinaryPrimitives.ReadUInt16LittleEndian(field) : BinaryPrimitives.ReadInt64LittleEndian(field);
        return length >= 0 && length <= file.Length - start ? (start, start + (int)length) : null;
    }

    private byte[] Join(byte[] before, long length, byte[] header, byte[] data)
    {
        var field = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(field, length);
        return [.. before, .. field[..size], .. header, .. data];
    }
}
