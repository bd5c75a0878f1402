using System.Buffers.Binary;
using System.Text;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Engine.Checkpoints;

/// <summary>A safetensors file that is open for reading.</summary>
public sealed class SafeTensorsFile : IDisposable
{
    private const int Prefix = 8;
    private const int Block = 1 << 20;

    private readonly FileStream _stream;
    private readonly long _dataStart;
    private readonly SafeTensorsHeader _header;

    private SafeTensorsFile(string path, FileStream stream, bool verifies)
    {
        Path = path;
        _stream = stream;
        Span<byte> prefix = stackalloc byte[Prefix];
        ReadExactly(prefix);
        long length = BinaryPrimitives.ReadInt64LittleEndian(prefix);
        if (length < 2 || length > SafeTensorsHeader.Largest || length > stream.Length - Prefix)
        {
            throw Damaged($"its header claims {length} bytes, the file has {stream.Length}");
        }

        var header = new byte[length];
        ReadExactly(header);
        _dataStart = Prefix + length;
        try
        {
            _header = SafeTensorsHeader.Parse(header, stream.Length - _dataStart);
            if (verifies && SafeTensorsHeader.DigestPlace(header) is { } place)
            {
                Verify(header, place);
            }
        }
        catch (FormatException error)
        {
            throw Damaged(error.Message);
        }
    }

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>The names of the tensors.</summary>
    public IReadOnlyCollection<string> Names => _header.Tensors.Keys;

    /// <summary>The header's texts.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Whether the file carries a check value of its content, which was then compared when it was opened.</summary>
    public bool HasDigest => Metadata.ContainsKey(SafeTensors.DigestKey);

    /// <summary>Opens a file, checks its structure against its length, and its content against <see cref="SafeTensors.DigestKey"/> where it has one.</summary>
    /// <exception cref="CheckpointException">The file is missing or damaged; the message names it.</exception>
    public static SafeTensorsFile Open(string path) => Open(path, verifies: true);

    /// <summary>Reads the header's texts and checks the structure; the content is neither read nor compared with its check value.</summary>
    /// <exception cref="CheckpointException">The file is missing or its header is damaged; the message names it.</exception>
    public static IReadOnlyDictionary<string, string> ReadMetadata(string path)
    {
        using SafeTensorsFile file = Open(path, verifies: false);
        return file.Metadata;
    }

    private static SafeTensorsFile Open(string path, bool verifies)
    {
        FileStream stream;
        try
        {
            stream = RegularFile.Open(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"{path}: could not be read ({error.Message.TrimEnd('.')}); give the path of a safetensors file", error);
        }

        try
        {
            return new SafeTensorsFile(path, stream, verifies);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Whether the file has a tensor of a name.</summary>
    public bool Contains(string name) => _header.Tensors.ContainsKey(name);

    /// <summary>Reads a tensor's elements and checks their type and shape.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="type">The type that is expected.</param>
    /// <param name="shape">The shape that is expected.</param>
    /// <param name="target">Receives the bytes.</param>
    /// <exception cref="CheckpointException">The tensor is missing or another one than expected.</exception>
    public void Read(string name, string type, IReadOnlyList<int> shape, Span<byte> target)
    {
        if (!_header.Tensors.TryGetValue(name, out SafeTensorPlace? place))
        {
            throw new CheckpointException($"{Path}: has no tensor {name}; it was written for another network or another kind of run");
        }

        if (place.Type != type || !place.Shape.SequenceEqual(shape.Select(static size => (long)size)) || place.End - place.Start != target.Length)
        {
            throw new CheckpointException($"{Path}: {name} is {place.Type} [{string.Join(", ", place.Shape)}], expected {type} [{string.Join(", ", shape)}]; it was written for another network");
        }

        _stream.Position = _dataStart + place.Start;
        ReadExactly(target);
    }

    /// <summary>The tensors with whatever type they have, in the header's order.</summary>
    /// <exception cref="CheckpointException">One has a type whose numbers are not read here.</exception>
    public IReadOnlyList<WeightTensor> ReadTensors() => [.. _header.Tensors.Select(tensor => Weight(tensor.Key, tensor.Value))];

    /// <summary>The tensors as entries of another file, for whoever writes them in another format. The elements are read from this file, which must be open.</summary>
    public IReadOnlyList<SafeTensorEntry> ReadEntries() => [.. _header.Tensors.Select(tensor => new SafeTensorEntry(tensor.Key, tensor.Value.Type, [.. tensor.Value.Shape.Select(static size => checked((int)size))], bytes =>
    {
        _stream.Position = _dataStart + tensor.Value.Start;
        ReadExactly(bytes);
    }))];

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private WeightTensor Weight(string name, SafeTensorPlace place)
    {
        NumberFormat format = NumberFormat.Find(place.Type)
            ?? throw new CheckpointException($"{Path}: {name} is of type {place.Type}; {string.Join(", ", NumberFormat.All)} are read, so save it as one of them");
        return new WeightTensor(name, format, place.Shape, () =>
        {
            long length = place.End - place.Start;
            if (length > Array.MaxLength)
            {
                throw new CheckpointException($"{Path}: {name} has {length} bytes, expected {Array.MaxLength} at most; leave it out");
            }

            var bytes = new byte[length];
            _stream.Position = _dataStart + place.Start;
            ReadExactly(bytes);
            return format.ReadAll(bytes);
        });
    }

    /// <summary>Reads the whole file once: the structure of a file says nothing of the elements in it.</summary>
    private void Verify(byte[] header, int place)
    {
        Span<byte> digits = header.AsSpan(place, SafeTensors.BlankDigest.Length);
        string stated = Encoding.ASCII.GetString(digits);
        digits.Fill((byte)'0');
        var hash = new XxHash64();
        hash.Append(header);
        var block = new byte[(int)Math.Min(Block, _stream.Length - _dataStart)];
        for (long left = _stream.Length - _dataStart; left > 0; left -= block.Length)
        {
            Span<byte> part = block.AsSpan(0, (int)Math.Min(block.Length, left));
            ReadExactly(part);
            hash.Append(part);
        }

        string found = SafeTensors.DigestText(hash);
        if (found != stated)
        {
            throw Damaged($"its content has the check value {found}, its header says {stated}");
        }
    }

    private void ReadExactly(Span<byte> target)
    {
        try
        {
            _stream.ReadExactly(target);
        }
        catch (EndOfStreamException)
        {
            throw Damaged($"it ends at byte {_stream.Length}, too early");
        }
        catch (IOException error)
        {
            throw new CheckpointException($"{Path}: could not be read ({error.Message.TrimEnd('.')}); restore it from a copy, on a disk that is whole", error);
        }
    }

    private CheckpointException Damaged(string what) => new($"{Path}: is no whole safetensors file: {what.ReplaceLineEndings(" ")}; copy it again, or restore it from a copy");
}
