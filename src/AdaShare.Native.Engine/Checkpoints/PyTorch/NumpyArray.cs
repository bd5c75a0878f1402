namespace AdaShare.Native.Engine.Checkpoints.PyTorch;

/// <summary>A NumPy type, <c>dtype('f8')</c>; its byte order is told afterwards.</summary>
/// <param name="format">The numbers, little-endian.</param>
internal sealed class NumpyType(NumberFormat format)
{
    private static readonly Dictionary<string, NumberFormat> Known = new()
    {
        ["f8"] = NumberFormat.Float64,
        ["f4"] = NumberFormat.Float32,
        ["f2"] = NumberFormat.Float16,
        ["i8"] = NumberFormat.Int64,
        ["i4"] = NumberFormat.Int32,
        ["i2"] = NumberFormat.Int16,
        ["i1"] = NumberFormat.Int8,
        ["u1"] = NumberFormat.UInt8,
        ["b1"] = NumberFormat.Bool,
    };

    /// <summary>The numbers.</summary>
    public NumberFormat Format => format;

    /// <summary>The type of a name such as <c>i8</c>.</summary>
    /// <exception cref="NotSupportedException">Such numbers are not read.</exception>
    public static NumpyType Of(string name) => Known.TryGetValue(name.TrimStart('<', '|'), out NumberFormat? format)
        ? new NumpyType(format)
        : throw new NotSupportedException($"a NumPy array is of type {Shorten(name)}; {string.Join(", ", Known.Keys)} are read");

    /// <summary>Takes the state that follows the type: its version, byte order, and parts.</summary>
    /// <exception cref="NotSupportedException">The order is another than that of this machine's kind, or the type has parts.</exception>
    public static void Build(object? state)
    {
        IReadOnlyList<object?> items = state is PickleList list ? list.Items : throw new FormatException($"the state of a NumPy type is {PickleNames.Describe(state)}");
        if (items.Count < 5 || items[1] is not ("<" or "|"))
        {
            throw new NotSupportedException("a NumPy array is not little-endian");
        }

        if (items[2] is not null || items[3] is not null || items[4] is not null)
        {
            throw new NotSupportedException("a NumPy array has elements of several parts");
        }
    }

    private static string Shorten(string name) => name.Length <= 20 ? name : name[..20] + "…";
}

/// <summary>A NumPy array. It is made empty, and told its content afterwards.</summary>
internal sealed class NumpyArray
{
    private byte[]? _bytes;
    private bool _isFortran;

    /// <summary>The numbers; null before the content is known.</summary>
    public NumberFormat? Format { get; private set; }

    /// <summary>The shape.</summary>
    public long[] Shape { get; private set; } = [];

    /// <summary>An array of a buffer: <c>numpy.core.numeric._frombuffer(buffer, dtype, shape, order)</c>.</summary>
    public static NumpyArray OfBuffer(PickleCall call)
    {
        var array = new NumpyArray();
        array.Set(call.Get<NumpyType>(1).Format, call.Numbers(2), call.Get<string>(3) == "F", call.Get<byte[]>(0));
        return array;
    }

    /// <summary>A single number: <c>numpy.core.multiarray.scalar(dtype, bytes)</c>.</summary>
    public static object Scalar(PickleCall call)
    {
        NumberFormat format = call.Get<NumpyType>(0).Format;
        byte[] bytes = Bytes(call.Arguments.Count > 1 ? call.Arguments[1] : null);
        if (bytes.Length != format.Size)
        {
            throw new FormatException($"a NumPy number has {bytes.Length} bytes, expected {format.Size}");
        }

        double value = format.Read(bytes.AsSpan());
        return format == NumberFormat.Bool ? value != 0 : format == NumberFormat.Int64 ? BitConverter.ToInt64(bytes) : format.Name.StartsWith('F') ? value : (object)(long)value;
    }

    /// <summary>Takes the state that follows the array: version, shape, type, order, bytes.</summary>
    /// <exception cref="FormatException">It does not fit.</exception>
    public void Build(object? state)
    {
        if (state is not PickleList { Items.Count: 5 } list)
        {
            throw new FormatException($"the state of a NumPy array is {PickleNames.Describe(state)}, expected a tuple of five");
        }

        var call = new PickleCall("the state of a NumPy array", list.Items, new PickleBudget());
        Set(call.Get<NumpyType>(2).Format, call.Numbers(1), call.Get<bool>(3), Bytes(list.Items[4]));
    }

    /// <summary>The elements, row-major.</summary>
    /// <exception cref="FormatException">The file never said what they are.</exception>
    public double[] Read()
    {
        if (_bytes is null || Format is null)
        {
            throw new FormatException("a NumPy array has no content");
        }

        double[] values = Format.ReadAll(_bytes);
        if (!_isFortran || Shape.Length < 2)
        {
            return values;
        }

        var strides = new long[Shape.Length];
        long stride = 1;
        for (int d = 0; d < strides.Length; d++)
        {
            strides[d] = stride;
            stride *= Shape[d];
        }

        var ordered = new double[values.Length];
        var index = new StridedIndex(Shape, strides);
        for (int i = 0; i < ordered.Length; i++)
        {
            ordered[i] = values[index.Next()];
        }

        return ordered;
    }

    private static byte[] Bytes(object? value) => value switch
    {
        byte[] bytes => bytes,
        string text => System.Text.Encoding.Latin1.GetBytes(text),
        _ => throw new NotSupportedException($"the elements of a NumPy array are {PickleNames.Describe(value)}; arrays of numbers are read"),
    };

    private void Set(NumberFormat format, long[] shape, bool isFortran, byte[] bytes)
    {
        if (StridedIndex.Count(shape) is not { } count || count != bytes.Length / format.Size || bytes.Length % format.Size != 0)
        {
            throw new FormatException($"a NumPy array [{string.Join(", ", shape)}] of {format} has {bytes.Length} bytes");
        }

        (Format, Shape, _isFortran, _bytes) = (format, shape, isFortran, bytes);
    }
}
