namespace AdaShare.Native.Engine.Checkpoints.PyTorch;

// What a pickle makes is one of null, bool, long, System.Numerics.BigInteger (beyond 64 bits), double, string, byte[], the containers here, PickleClass, NumpyType, NumpyArray, TorchStorage and TorchTensor.

/// <summary>A list, or a tuple, which may still grow while the pickle is read.</summary>
/// <param name="isTuple">Whether it is a tuple.</param>
internal sealed class PickleList(bool isTuple)
{
    private List<object?>? _items;

    /// <summary>The items.</summary>
    public IReadOnlyList<object?> Items => _items ?? (IReadOnlyList<object?>)[];

    /// <summary>Whether it is a tuple.</summary>
    public bool IsTuple => isTuple;

    /// <summary>Adds items behind the others.</summary>
    public void Add(IEnumerable<object?> items) => (_items ??= []).AddRange(items);
}

/// <summary>A dictionary, in the order in which its keys came; an <c>OrderedDict</c> is one too.</summary>
internal sealed class PickleDictionary
{
    private OrderedDictionary<object, object?>? _entries;

    /// <summary>Keys, texts or numbers, with their values.</summary>
    public IEnumerable<KeyValuePair<object, object?>> Entries => _entries ?? (IEnumerable<KeyValuePair<object, object?>>)[];

    /// <summary>The value of a text; null where there is none.</summary>
    public object? this[string key] => _entries?.GetValueOrDefault(key);

    /// <summary>Sets a value.</summary>
    /// <exception cref="NotSupportedException">The key is neither a text nor a number.</exception>
    public void Set(object? key, object? value)
    {
        if (key is not (string or long or bool))
        {
            throw new NotSupportedException($"a key of a dictionary is {PickleNames.Describe(key)}; texts and whole numbers are read");
        }

        (_entries ??= [])[key] = value;
    }
}

/// <summary>A class or function by its name. It is never run: what is done where a pickle calls one of them is written here.</summary>
/// <param name="Name">The module and the name.</param>
/// <param name="Call">What is made of its arguments; null where it can't be called.</param>
internal sealed record PickleClass(string Name, Func<PickleCall, object?>? Call);

/// <summary>A call of a pickle.</summary>
/// <param name="Name">What is called.</param>
/// <param name="Arguments">The arguments.</param>
/// <param name="Budget">The work that is left.</param>
internal sealed record PickleCall(string Name, IReadOnlyList<object?> Arguments, PickleBudget Budget)
{
    /// <summary>An argument of a type.</summary>
    /// <exception cref="FormatException">It is missing, or of another type.</exception>
    public T Get<T>(int index) => index < Arguments.Count && Arguments[index] is T value
        ? value
        : throw new FormatException($"argument {index + 1} of {Name} is {(index < Arguments.Count ? PickleNames.Describe(Arguments[index]) : "missing")}");

    /// <summary>An argument that is a tuple of whole numbers: a shape, or strides.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public long[] Numbers(int index) => [.. Get<PickleList>(index).Items.Select(item => item is long number ? number : throw new FormatException($"argument {index + 1} of {Name} has {PickleNames.Describe(item)} in it, expected whole numbers"))];
}

/// <summary>What values are called in messages.</summary>
internal static class PickleNames
{
    /// <summary>What kind of thing a value is.</summary>
    public static string Describe(object? value) => value switch
    {
        null => "None",
        bool => "a truth value",
        long or System.Numerics.BigInteger => "a whole number",
        double => "a number",
        string => "a text",
        byte[] => "bytes",
        PickleList list => list.IsTuple ? "a tuple" : "a list",
        PickleDictionary => "a dictionary",
        PickleClass known => $"the class {known.Name}",
        NumpyType => "a NumPy type",
        NumpyArray => "a NumPy array",
        TorchStorage => "a storage",
        _ => "a tensor",
    };
}
