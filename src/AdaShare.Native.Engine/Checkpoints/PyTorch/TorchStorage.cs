namespace AdaShare.Native.Engine.Checkpoints.PyTorch;

/// <summary>The memory of one tensor or of several.</summary>
/// <param name="key">Its key in the file.</param>
/// <param name="format">The numbers in it.</param>
/// <param name="count">How many.</param>
internal sealed class TorchStorage(string key, NumberFormat format, long count)
{
    private static readonly Dictionary<string, NumberFormat> Classes = new()
    {
        ["DoubleStorage"] = NumberFormat.Float64,
        ["FloatStorage"] = NumberFormat.Float32,
        ["HalfStorage"] = NumberFormat.Float16,
        ["BFloat16Storage"] = NumberFormat.BFloat16,
        ["LongStorage"] = NumberFormat.Int64,
        ["IntStorage"] = NumberFormat.Int32,
        ["ShortStorage"] = NumberFormat.Int16,
        ["CharStorage"] = NumberFormat.Int8,
        ["ByteStorage"] = NumberFormat.UInt8,
        ["BoolStorage"] = NumberFormat.Bool,
        ["UntypedStorage"] = NumberFormat.UInt8,
    };

    private byte[]? _bytes;

    /// <summary>Its key in the file.</summary>
    public string Key => key;

    /// <summary>The numbers in it.</summary>
    public NumberFormat Format => format;

    /// <summary>How many there are.</summary>
    public long Count => count;

    /// <summary>The tensors that lie in it. What several lie in is read once.</summary>
    public int Tensors { get; set; }

    /// <summary>Reads its bytes from the file; null before it is known where they lie.</summary>
    public Func<byte[]>? Source { get; set; }

    /// <summary>The numbers of a class of storages, by its name in PyTorch; null where they are not read.</summary>
    public static NumberFormat? FormatOf(string className) => Classes.GetValueOrDefault(className);

    /// <summary>The size in bytes of a storage that a file claims.</summary>
    /// <exception cref="FormatException">It is negative, or larger than an array.</exception>
    public static long Size(string key, NumberFormat format, long count) => count >= 0 && count <= Array.MaxLength / format.Size
        ? count * format.Size
        : throw new FormatException($"storage {key} has {count} elements, expected 0 to {Array.MaxLength / format.Size}");

    /// <summary>Its bytes.</summary>
    public byte[] Bytes()
    {
        byte[] bytes = _bytes ?? (Source ?? throw new FormatException($"storage {key} is not in the file"))();
        _bytes = Tensors > 1 ? bytes : null;
        return bytes;
    }
}
