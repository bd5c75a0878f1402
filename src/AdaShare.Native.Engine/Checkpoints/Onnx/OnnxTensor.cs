using System.Buffers.Binary;

namespace AdaShare.Native.Engine.Checkpoints.Onnx;

/// <summary>A TensorProto: an initialiser of a graph. Its elements stay in the file's bytes until they are asked for.</summary>
internal sealed class OnnxTensor
{
    // TensorProto.DataType.
    private static readonly Dictionary<long, NumberFormat> Types = new()
    {
        [1] = NumberFormat.Float32,
        [2] = NumberFormat.UInt8,
        [3] = NumberFormat.Int8,
        [5] = NumberFormat.Int16,
        [6] = NumberFormat.Int32,
        [7] = NumberFormat.Int64,
        [9] = NumberFormat.Bool,
        [10] = NumberFormat.Float16,
        [11] = NumberFormat.Float64,
        [16] = NumberFormat.BFloat16,
    };

    private readonly List<long> _shape = [];
    private readonly List<ReadOnlyMemory<byte>> _floats = [];
    private readonly List<ReadOnlyMemory<byte>> _doubles = [];
    private readonly List<float> _singleFloats = [];
    private readonly List<long> _integers = [];
    private ReadOnlyMemory<byte>? _raw;
    private bool _isExternal;

    /// <summary>The name.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The numbers; null where they are not read here.</summary>
    public NumberFormat? Format { get; private set; }

    /// <summary>The shape.</summary>
    public IReadOnlyList<long> Shape => _shape;

    /// <summary>Reads a message.</summary>
    /// <exception cref="FormatException">It is damaged.</exception>
    public static OnnxTensor Read(ReadOnlyMemory<byte> message)
    {
        var tensor = new OnnxTensor();
        var reader = new ProtoReader(message);
        while (reader.Next())
        {
            tensor.Take(reader);
        }

        return tensor;
    }

    /// <summary>The elements, row-major.</summary>
    /// <exception cref="FormatException">There are more or fewer than the shape says.</exception>
    /// <exception cref="NotSupportedException">They lie in another file.</exception>
    public double[] Values()
    {
        if (_isExternal)
        {
            throw new NotSupportedException($"the initialiser {Name} lies in another file");
        }

        double[] values = _raw is { } raw ? Raw(raw)
            : _floats is [var packed] && packed.Length % sizeof(float) == 0 && _singleFloats.Count == 0 ? NumberFormat.Float32.ReadAll(packed.ToArray())
            : [.. Floats(), .. Doubles(), .. _integers.Select(Element)];
        long count = 1;
        foreach (long size in _shape)
        {
            count = size < 0 || count > int.MaxValue ? -1 : count * size;
        }

        return values.Length == count ? values : throw new FormatException($"the initialiser {Name} [{string.Join(", ", _shape)}] has {values.Length} elements");
    }

    private void Take(ProtoReader field)
    {
        switch (field.Field)
        {
            case 1: _shape.AddRange(field.Numbers()); break;
            case 2: Format = Types.GetValueOrDefault(field.Number); break;
            case 4 when field.HasContent: _floats.Add(field.Content); break;
            case 4: _singleFloats.Add(field.Single); break;
            case 5 or 7: _integers.AddRange(field.Numbers()); break;
            case 8: Name = field.Text; break;
            case 9: _raw = field.Content; break;
            case 10 when field.HasContent: _doubles.Add(field.Content); break;
            case 14: _isExternal = field.Number == 1; break;
            default: break;
        }
    }

    private double[] Raw(ReadOnlyMemory<byte> raw)
    {
        int size = Format?.Size ?? 1;
        return raw.Length % size == 0
            ? Format?.ReadAll(raw.ToArray()) ?? []
            : throw new FormatException($"the initialiser {Name} has {raw.Length} bytes, expected a multiple of {size}");
    }

    // Half precision stands in int32_data as its bits.
    private double Element(long number) => Format == NumberFormat.Float16 || Format == NumberFormat.BFloat16 ? Format.Read(BitConverter.GetBytes((ushort)number)) : number;

    private IEnumerable<double> Floats()
    {
        foreach (ReadOnlyMemory<byte> part in _floats)
        {
            for (int at = 0; at + sizeof(float) <= part.Length; at += sizeof(float))
            {
                yield return BinaryPrimitives.ReadSingleLittleEndian(part.Span[at..]);
            }
        }

        foreach (float number in _singleFloats)
        {
            yield return number;
        }
    }

    private IEnumerable<double> Doubles()
    {
        foreach (ReadOnlyMemory<byte> part in _doubles)
        {
            for (int at = 0; at + sizeof(double) <= part.Length; at += sizeof(double))
            {
                yield return BinaryPrimitives.ReadDoubleLittleEndian(part.Span[at..]);
            }
        }
    }
}
