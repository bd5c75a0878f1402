using System.Text;

namespace AdaShare.Native.Engine.Checkpoints.PyTorch;

/// <summary>The classes and functions that files of weights name. There are no others, and what is done for them is written here.</summary>
internal static class PickleClasses
{
    private const string Array = "multiarray";
    private const string Numeric = "numeric";

    private static readonly Dictionary<string, Func<PickleCall, object?>?> Known = new()
    {
        ["collections.OrderedDict"] = OrderedDictionary,
        ["torch._utils._rebuild_tensor"] = TorchTensor.Rebuild,
        ["torch._utils._rebuild_tensor_v2"] = TorchTensor.Rebuild,
        ["torch._utils._rebuild_parameter"] = static call => call.Get<TorchTensor>(0),
        ["torch.Size"] = static call => call.Get<PickleList>(0),
        ["torch.storage._load_from_bytes"] = LoadFromBytes,
        ["numpy.ndarray"] = null,
        ["numpy.dtype"] = static call => NumpyType.Of(call.Get<string>(0)),
        ["_codecs.encode"] = Encode,
        ["__builtin__.bytes"] = NoBytes,
        ["builtins.bytes"] = NoBytes,
    };

    /// <summary>A class by its name.</summary>
    /// <exception cref="NotSupportedException">It is none of them.</exception>
    public static PickleClass Find(string module, string name)
    {
        string full = $"{module}.{name}";
        if (Known.TryGetValue(full, out Func<PickleCall, object?>? call) || Numpy(module, name, out call))
        {
            return new PickleClass(full, call);
        }

        if (module is "torch" or "torch.cuda" or "torch.storage" && TorchStorage.FormatOf(name) is not null)
        {
            return new PickleClass(full, null);
        }

        throw new NotSupportedException($"asks for {Shorten(full)}");
    }

    /// <summary>The numbers of a class of storages.</summary>
    /// <exception cref="FormatException">It is another class.</exception>
    public static NumberFormat StorageOf(PickleClass type) =>
        TorchStorage.FormatOf(type.Name[(type.Name.LastIndexOf('.') + 1)..]) ?? throw new FormatException($"a storage is of {type.Name}");

    // numpy.core became numpy._core in NumPy 2.
    private static bool Numpy(string module, string name, out Func<PickleCall, object?>? call)
    {
        string part = module.Replace("numpy._core.", "numpy.core.", StringComparison.Ordinal);
        call = (part, name) switch
        {
            ("numpy.core." + Array, "_reconstruct") => static call => call.Get<PickleClass>(0).Name == "numpy.ndarray"
                ? new NumpyArray()
                : throw new NotSupportedException($"asks for an array of {call.Get<PickleClass>(0).Name}"),
            ("numpy.core." + Array, "scalar") => NumpyArray.Scalar,
            ("numpy.core." + Numeric, "_frombuffer") => NumpyArray.OfBuffer,
            _ => null,
        };
        return call is not null;
    }

    private static PickleDictionary OrderedDictionary(PickleCall call)
    {
        var made = new PickleDictionary();
        foreach (object? item in call.Arguments.Count == 0 ? [] : call.Get<PickleList>(0).Items)
        {
            call.Budget.Spend();
            if (item is not PickleList { Items: [var key, var value] })
            {
                throw new FormatException($"an entry of {call.Name} is {PickleNames.Describe(item)}, expected a key and a value");
            }

            made.Set(key, value);
        }

        return made;
    }

    /// <summary>What a tensor's storage becomes where a tensor is pickled by itself: a file of the older form, as bytes in the pickle.</summary>
    private static TorchStorage LoadFromBytes(PickleCall call)
    {
        byte[] bytes = call.Get<byte[]>(0);
        return PyTorchLegacy.Read(new MemoryStream(bytes, writable: false), call.Budget, isNested: true) as TorchStorage
            ?? throw new FormatException("bytes that should hold a storage hold something else");
    }

    /// <summary>Bytes as pickles of protocol 2 have them: text of as many characters below 256.</summary>
    private static byte[] Encode(PickleCall call)
    {
        string text = call.Get<string>(0);
        call.Budget.SpendBytes(text.Length);
        if (call.Get<string>(1) is not ("latin1" or "latin-1") || text.Any(static c => c > byte.MaxValue))
        {
            throw new NotSupportedException("encodes a text in another way than latin1");
        }

        return Encoding.Latin1.GetBytes(text);
    }

    private static byte[] NoBytes(PickleCall call) => call.Arguments.Count == 0 ? [] : throw new NotSupportedException($"calls {call.Name} with {PickleNames.Describe(call.Arguments[0])}");

    private static string Shorten(string name) => name.Length <= 100 ? name : name[..100] + "…";
}
