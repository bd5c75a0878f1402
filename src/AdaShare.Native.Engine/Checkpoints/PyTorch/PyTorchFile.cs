using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Engine.Checkpoints.PyTorch;

/// <summary>
/// A file of PyTorch's <c>torch.save</c>, in its zip form or the older one, or a plain pickle of tensors and arrays, read as data: numbers, texts, containers, tensors and NumPy arrays. Whatever else a
/// file asks for is refused by its name, and nothing of it is ever run.
/// </summary>
/// <remarks>Memory is that of the pickle and of the tensor that is being read; a storage that several tensors share is kept once it was read.</remarks>
public sealed class PyTorchFile : IDisposable
{
    private const int StartLength = 16;

    // The names under which state dicts stand in checkpoints; the last but one is that of AdaShare's published code.
    private static readonly string[] StateNames = ["state_dict", "model_state_dict", "model", "net", "network", "mtl-net", "module"];

    private readonly Stream _stream;
    private readonly PyTorchZip? _archive;

    private PyTorchFile(string path, Stream stream)
    {
        (Path, _stream) = (path, stream);
        var start = new byte[StartLength];
        int length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        stream.Position = 0;
        (Tensors, _archive) = Guard<(WeightTensor[], PyTorchZip?)>(() =>
        {
            object? root = Root(start.AsSpan(0, length), out PyTorchZip? archive);
            return ([.. StateOf(root)], archive);
        });
    }

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>The tensors and arrays of its state dict, or of the list or dictionary that it is, in their order.</summary>
    public IReadOnlyList<WeightTensor> Tensors { get; }

    /// <summary>Whether a file that begins with some bytes may be one of PyTorch's.</summary>
    /// <param name="start">Its first bytes.</param>
    public static bool IsStart(ReadOnlySpan<byte> start) => start.Length > 2 && (start.StartsWith("PK\x03\x04"u8) || (start[0] == PickleOpcode.Proto && start[1] is >= 2 and <= 5));

    /// <summary>Opens a file and reads all of it but the elements of tensors.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">It is missing or damaged, or asks for something else than data; one sentence with the file.</exception>
    public static PyTorchFile Open(string path)
    {
        FileStream file;
        try
        {
            file = RegularFile.Open(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: could not be read ({error.Message.TrimEnd('.')}); give the path of a file of torch.save", error);
        }

        var stream = new BufferedStream(file, 1 << 16);
        try
        {
            return new PyTorchFile(path, stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _archive?.Dispose();
        _stream.Dispose();
    }

    private object? Root(ReadOnlySpan<byte> start, out PyTorchZip? archive)
    {
        archive = null;
        if (start.StartsWith("PK"u8))
        {
            return PyTorchZip.Read(_stream, out archive);
        }

        return PyTorchLegacy.IsStart(start)
            ? PyTorchLegacy.Read(_stream, new PickleBudget(), isNested: false)
            : new PickleMachine(new PickleReader(_stream), new PickleBudget()).Run();
    }

    private IEnumerable<WeightTensor> StateOf(object? root) => root switch
    {
        PickleDictionary dictionary => Entries(StateDictionary(dictionary)),
        PickleList list => list.Items.SelectMany((value, i) => Entry($"{i}", value)),
        _ => throw new NotSupportedException($"holds {PickleNames.Describe(root)}, no dictionary of tensors"),
    };

    /// <summary>The dictionary itself where it has tensors, or the one in it that has.</summary>
    private static PickleDictionary StateDictionary(PickleDictionary root)
    {
        if (HasTensors(root))
        {
            return root;
        }

        KeyValuePair<object, object?>[] inner = [.. root.Entries.Where(static entry => entry.Value is PickleDictionary dictionary && HasTensors(dictionary))];
        object? chosen = inner.Length == 1 ? inner[0].Value : StateNames.Select(name => inner.FirstOrDefault(entry => entry.Key is string key && key == name).Value).FirstOrDefault(static value => value is not null);
        return chosen as PickleDictionary ?? throw new NotSupportedException(inner.Length == 0
            ? "holds a dictionary without tensors"
            : $"holds several dictionaries of tensors ({string.Join(", ", inner.Take(8).Select(static entry => entry.Key))}), none of them under a name that a state dict has");
    }

    private static bool HasTensors(PickleDictionary dictionary) => dictionary.Entries.Any(static entry => entry.Value is TorchTensor or NumpyArray);

    private IEnumerable<WeightTensor> Entries(PickleDictionary dictionary) => dictionary.Entries.SelectMany(entry => Entry($"{entry.Key}", entry.Value));

    private WeightTensor[] Entry(string name, object? value) => value switch
    {
        TorchTensor tensor => [new WeightTensor(name, tensor.Format, tensor.Shape, () => Guard(tensor.Read))],
        NumpyArray { Format: { } format } array => [new WeightTensor(name, format, array.Shape, () => Guard(array.Read))],
        NumpyArray => throw new FormatException($"the NumPy array {name} has no content"),
        _ => [],
    };

    private T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FormatException error)
        {
            throw new DataException($"{Path}: is no whole PyTorch file: {error.Message}; copy it again, or save it anew", error);
        }
        catch (NotSupportedException error)
        {
            throw new DataException($"{Path}: {error.Message}; only tensors, NumPy arrays and plain containers are read, and nothing is run, so save the state dict alone with torch.save(model.state_dict(), FILE)", error);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException or ArgumentException or OverflowException)
        {
            throw new DataException($"{Path}: is no whole PyTorch file ({error.Message.ReplaceLineEndings(" ").TrimEnd('.')}); copy it again, or save it anew", error);
        }
    }
}
