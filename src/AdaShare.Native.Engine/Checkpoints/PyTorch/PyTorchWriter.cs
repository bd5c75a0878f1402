using System.Globalization;
using System.IO.Compression;
using System.Text;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Engine.Checkpoints.PyTorch;

/// <summary>Writes a state dict in the zip form of <c>torch.save</c>: <c>torch.load(FILE)</c> gives an <c>OrderedDict</c> of tensors, also with <c>weights_only=True</c>.</summary>
public static class PyTorchWriter
{
    private const string Folder = "archive/";

    // The version of the form that PyTorch 1.6 and later read.
    private const string Version = "3\n";

    // The first time that a zip archive can say, so that equal content makes equal files.
    private static readonly DateTimeOffset Time = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes a file atomically.</summary>
    /// <param name="path">The file.</param>
    /// <param name="entries">The tensors, in the order of the dictionary.</param>
    /// <param name="overwrite">Whether an older file is replaced.</param>
    /// <exception cref="DataException">There is a file of that name already, and it must not be replaced.</exception>
    /// <exception cref="CheckpointException">The file could not be written; an older one is intact.</exception>
    public static void Write(string path, IReadOnlyList<SafeTensorEntry> entries, bool overwrite)
    {
        ArgumentNullException.ThrowIfNull(entries);
        AtomicFile.Write(path, stream =>
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
            Add(archive, "data.pkl", Pickle(entries));
            Add(archive, "byteorder", "little"u8);
            byte[] buffer = [];
            for (int i = 0; i < entries.Count; i++)
            {
                int size = checked((int)entries[i].ByteLength);
                if (buffer.Length < size)
                {
                    buffer = new byte[size];
                }

                entries[i].Fill(buffer.AsSpan(0, size));
                Add(archive, "data/" + Key(i), buffer.AsSpan(0, size));
            }

            Add(archive, "version", Encoding.ASCII.GetBytes(Version));
        }, overwrite);
    }

    private static string Key(int index) => index.ToString(CultureInfo.InvariantCulture);

    private static void Add(ZipArchive archive, string name, ReadOnlySpan<byte> content)
    {
        ZipArchiveEntry entry = archive.CreateEntry(Folder + name, CompressionLevel.NoCompression);
        entry.LastWriteTime = Time;
        using Stream stream = entry.Open();
        stream.Write(content);
    }

    private static byte[] Pickle(IReadOnlyList<SafeTensorEntry> entries)
    {
        var pickle = new MemoryStream();
        using var writer = new BinaryWriter(pickle);
        writer.Write([PickleOpcode.Proto, 2]);
        OrderedDictionary(writer);
        writer.Write(PickleOpcode.Mark);
        for (int i = 0; i < entries.Count; i++)
        {
            Text(writer, entries[i].Name);
            Tensor(writer, entries[i], Key(i));
        }

        writer.Write([PickleOpcode.SetItems, PickleOpcode.Stop]);
        writer.Flush();
        return pickle.ToArray();
    }

    /// <summary>A call of <c>torch._utils._rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict())</c>.</summary>
    private static void Tensor(BinaryWriter writer, SafeTensorEntry entry, string key)
    {
        Global(writer, "torch._utils", "_rebuild_tensor_v2");
        writer.Write([PickleOpcode.Mark, PickleOpcode.Mark]);
        Text(writer, "storage");
        Global(writer, "torch", Storage(entry));
        Text(writer, key);
        Text(writer, "cpu");
        Number(writer, entry.ByteLength / SafeTensors.ElementSize(entry.Type));
        writer.Write([PickleOpcode.Tuple, PickleOpcode.BinPersId]);
        Number(writer, 0);
        Numbers(writer, [.. entry.Shape.Select(static size => (long)size)]);
        Numbers(writer, Strides(entry.Shape));
        writer.Write(PickleOpcode.NewFalse);
        OrderedDictionary(writer);
        writer.Write([PickleOpcode.Tuple, PickleOpcode.Reduce]);
    }

    private static string Storage(SafeTensorEntry entry) => entry.Type switch
    {
        "F64" => "DoubleStorage",
        "F32" => "FloatStorage",
        "I64" => "LongStorage",
        "I32" => "IntStorage",
        "U8" => "ByteStorage",
        _ => throw new CheckpointException($"{entry.Name} is of type {entry.Type}, for which PyTorch's files have no name here; F64, F32, I64, I32 and U8 are written"),
    };

    private static long[] Strides(IReadOnlyList<int> shape)
    {
        var strides = new long[shape.Count];
        long stride = 1;
        for (int d = shape.Count - 1; d >= 0; d--)
        {
            strides[d] = stride;
            stride *= Math.Max(1, shape[d]);
        }

        return strides;
    }

    private static void OrderedDictionary(BinaryWriter writer)
    {
        Global(writer, "collections", "OrderedDict");
        writer.Write([PickleOpcode.EmptyTuple, PickleOpcode.Reduce]);
    }

    private static void Global(BinaryWriter writer, string module, string name)
    {
        writer.Write(PickleOpcode.Global);
        writer.Write(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));
    }

    private static void Text(BinaryWriter writer, string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        writer.Write(PickleOpcode.BinUnicode);
        writer.Write(utf8.Length);
        writer.Write(utf8);
    }

    private static void Numbers(BinaryWriter writer, long[] numbers)
    {
        writer.Write(PickleOpcode.Mark);
        Array.ForEach(numbers, number => Number(writer, number));
        writer.Write(PickleOpcode.Tuple);
    }

    private static void Number(BinaryWriter writer, long number)
    {
        if (number <= int.MaxValue)
        {
            writer.Write(PickleOpcode.BinInt);
            writer.Write((int)number);
            return;
        }

        writer.Write([PickleOpcode.Long1, sizeof(long)]);
        writer.Write(number);
    }
}
