using System.IO.Compression;
using System.Text;

namespace AdaShare.Native.Engine.Checkpoints.PyTorch;

/// <summary>The form of PyTorch's files since 1.6: a zip archive with the object as NAME/data.pkl and each storage as NAME/data/KEY.</summary>
/// <remarks>Source: torch/serialization.py, <c>_save</c>; caffe2/serialize/inline_container.cc.</remarks>
internal sealed class PyTorchZip : IDisposable
{
    private const string Pickle = "/data.pkl";
    private const long LargestPickle = 1L << 28;

    // Deflate makes at most 258 bytes of two bits.
    private const long MostGrowth = 1032;
    private const int Overhead = 64;

    private readonly ZipArchive _archive;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = [];
    private readonly Dictionary<string, TorchStorage> _storages = [];
    private readonly string _prefix;

    private PyTorchZip(Stream stream)
    {
        _archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        long packed = 0;
        foreach (ZipArchiveEntry entry in _archive.Entries)
        {
            packed += entry.CompressedLength;
            if (entry.Length < 0 || entry.CompressedLength < 0 || packed < 0 || packed > stream.Length || !_entries.TryAdd(entry.FullName, entry))
            {
                throw new FormatException("two entries of the archive have one name or lie upon one another");
            }
        }

        string[] pickles = [.. _entries.Keys.Where(static name => name.EndsWith(Pickle, StringComparison.Ordinal) && name.IndexOf('/') == name.Length - Pickle.Length)];
        _prefix = pickles is [var only]
            ? only[..^Pickle.Length]
            : throw new NotSupportedException(pickles.Length == 0 ? "is a zip archive without a data.pkl, so no file of torch.save" : "is a zip archive with several data.pkl");
    }

    /// <summary>Reads a file's object. Its storages stay in the stream until they are asked for.</summary>
    /// <param name="stream">The whole file; it must stay open as long as the archive.</param>
    /// <param name="archive">Receives the archive.</param>
    /// <returns>What was saved.</returns>
    /// <exception cref="FormatException">It is damaged.</exception>
    /// <exception cref="NotSupportedException">It has something that is not taken.</exception>
    public static object? Read(Stream stream, out PyTorchZip archive)
    {
        archive = new PyTorchZip(stream);
        if (archive._entries.TryGetValue(archive._prefix + "/byteorder", out ZipArchiveEntry? order) && Encoding.Latin1.GetString(Content(order, Overhead)) != "little")
        {
            throw new NotSupportedException("was written on a big-endian machine");
        }

        byte[] pickle = Content(archive._entries[archive._prefix + Pickle], LargestPickle);
        return new PickleMachine(new PickleReader(new MemoryStream(pickle, writable: false)), new PickleBudget(), archive.Storage).Run();
    }

    /// <inheritdoc/>
    public void Dispose() => _archive.Dispose();

    private TorchStorage Storage(string key, NumberFormat format, long count)
    {
        long size = TorchStorage.Size(key, format, count);
        if (_storages.TryGetValue(key, out TorchStorage? known))
        {
            return known.Format == format && known.Count == count ? known : throw new FormatException($"storage {key} has two types or sizes");
        }

        if (!_entries.TryGetValue($"{_prefix}/data/{key}", out ZipArchiveEntry? entry) || entry.Length != size)
        {
            throw new FormatException($"storage {key} should have {size} bytes, and {(entry is null ? "is not in it" : $"has {entry.Length}")}");
        }

        return _storages[key] = new TorchStorage(key, format, count) { Source = () => Content(entry, size) };
    }

    /// <summary>What an entry holds. Memory is asked for once its size is one that the bytes of the file can make.</summary>
    private static byte[] Content(ZipArchiveEntry entry, long most)
    {
        if (entry.Length > most || entry.Length > (entry.CompressedLength * MostGrowth) + Overhead)
        {
            throw new FormatException($"{entry.Name} claims {entry.Length} bytes, which it can't have");
        }

        var bytes = new byte[entry.Length];
        using Stream content = entry.Open();
        int got = content.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (got < bytes.Length || content.ReadByte() >= 0)
        {
            throw new FormatException($"{entry.Name} should have {entry.Length} bytes");
        }

        return Crc32.Of(bytes) == entry.Crc32 ? bytes : throw new FormatException($"the content of {entry.Name} differs from its check value");
    }
}
