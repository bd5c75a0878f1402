using AdaShare.Native.CudaSimulation.Ptx;

namespace AdaShare.Native.CudaSimulation.Interpreter;

/// <summary>An opcode cut at its dots: the operation, its modifiers, and its types in order.</summary>
internal sealed class Opcode
{
    private readonly HashSet<string> _used = [];
    private readonly List<string> _modifiers = [];

    public Opcode(string text)
    {
        Text = text;
        string[] parts = text.Split('.');
        Name = parts[0];
        foreach (string part in parts.AsSpan(1))
        {
            if (PtxTypes.Parse(part) is { } type)
            {
                Types.Add(type);
                TypeNames.Add(part);
            }
            else
            {
                _modifiers.Add(part);
            }
        }
    }

    public string Text { get; }

    public string Name { get; }

    public List<PtxType> Types { get; } = [];

    public List<string> TypeNames { get; } = [];

    /// <summary>The only or last type; unsigned 32 bits where there is none.</summary>
    public PtxType Type => Types.Count > 0 ? Types[^1] : PtxType.U32;

    /// <summary>The modifiers that nobody has asked for: not understood.</summary>
    public IEnumerable<string> Unused => _modifiers.Where(modifier => !_used.Contains(modifier));

    /// <summary>Whether a modifier is there.</summary>
    public bool Has(string modifier)
    {
        bool found = _modifiers.Contains(modifier);
        if (found)
        {
            _used.Add(modifier);
        }

        return found;
    }

    /// <summary>The first of some modifiers that is there, or "".</summary>
    public string Which(params ReadOnlySpan<string> modifiers)
    {
        string found = "";
        foreach (string modifier in modifiers)
        {
            if (Has(modifier) && found.Length == 0)
            {
                found = modifier;
            }
        }

        return found;
    }
}
