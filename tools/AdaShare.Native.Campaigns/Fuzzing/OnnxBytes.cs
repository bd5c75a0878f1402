using System.Text;

namespace AdaShare.Native.Campaigns.Fuzzing;

/// <summary>Writes small ONNX models: messages of protocol buffers, by the field numbers of onnx.proto.</summary>
public static class OnnxBytes
{
    /// <summary>A model of IR version 8 with some nodes and initialisers.</summary>
    public static byte[] Model(IEnumerable<byte[]> nodes, IEnumerable<byte[]> initializers) =>
        [.. Number(1, 8), .. Field(2, "tests"u8), .. Field(7, [.. nodes.SelectMany(static node => Field(1, node)), .. Field(2, "graph"u8), .. initializers.SelectMany(static tensor => Field(5, tensor))])];

    /// <summary>A node.</summary>
    /// <param name="type">The operator.</param>
    /// <param name="inputs">Its inputs, by name, with spaces between them.</param>
    /// <param name="output">Its output.</param>
    /// <param name="epsilon">Its attribute of that name; none where null.</param>
    public static byte[] Node(string type, string inputs, string output, float? epsilon = null)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        byte[] attribute = epsilon is { } value ? Field(5, [.. Field(1, "epsilon"u8), .. Key(2, 5), .. BitConverter.GetBytes(value), .. Number(20, 1)]) : [];
        return [.. inputs.Split(' ').SelectMany(static input => Text(1, input)), .. Text(2, output), .. Text(4, type), .. attribute];
    }

    /// <summary>A tensor in single precision.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="values">Its elements.</param>
    /// <param name="isRaw">Whether they stand in raw_data; otherwise in float_data.</param>
    public static byte[] Tensor(string name, long[] shape, float[] values, bool isRaw)
    {
        ArgumentNullException.ThrowIfNull(shape);
        byte[] bytes = [.. values.SelectMany(BitConverter.GetBytes)];
        return [.. shape.SelectMany(static size => Number(1, (ulong)size)), .. Number(2, 1), .. Text(8, name), .. Field(isRaw ? 9 : 4, bytes)];
    }

    /// <summary>A field that is a number.</summary>
    public static byte[] Number(int field, ulong value) => [.. Key(field, 0), .. Varint(value)];

    /// <summary>A field that is a text.</summary>
    public static byte[] Text(int field, string text) => Field(field, Encoding.UTF8.GetBytes(text));

    /// <summary>A field that is bytes or a message.</summary>
    public static byte[] Field(int field, ReadOnlySpan<byte> content) => [.. Key(field, 2), .. Varint((ulong)content.Length), .. content];

    private static byte[] Key(int field, int wireType) => Varint((ulong)((field << 3) | wireType));

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        return [.. bytes, (byte)value];
    }
}
