using AdaShare.Native.CudaSimulation.Ptx;

namespace AdaShare.Native.CudaSimulation.Interpreter;

/// <summary>
/// Where the variables of a kernel lie: shared and local memory, the parameter block. Shared variables are kept apart by bytes that belong to nobody, so that running over the end of one is
/// seen even where the hardware would silently hit the next.
/// </summary>
internal sealed class KernelLayout
{
    /// <summary>Bytes between shared variables.</summary>
    public const int Gap = 64;

    private readonly Dictionary<string, long> _offsets = [];

    public List<(string Name, int Offset, int Bytes)> SharedVariables { get; } = [];

    public List<(int Offset, int Bytes)> Parameters { get; } = [];

    public int ParameterBytes { get; private set; }

    public int LocalBytes { get; private set; }

    public int DynamicSharedOffset { get; private set; }

    /// <summary>What the hardware's layout, without gaps, needs.</summary>
    public int StaticSharedBytes { get; private set; }

    /// <summary>The offset of a variable in its memory.</summary>
    public bool TryGet(string key, out long offset) => _offsets.TryGetValue(key, out offset);

    public void AddParameters(IEnumerable<PtxVariable> parameters, string prefix)
    {
        foreach (PtxVariable parameter in parameters)
        {
            int offset = Align(ParameterBytes, parameter.Alignment);
            _offsets[prefix + parameter.Name] = offset;
            Parameters.Add((offset, (int)parameter.Bytes));
            ParameterBytes = offset + (int)parameter.Bytes;
        }
    }

    public void AddLocal(string key, PtxVariable variable)
    {
        int offset = Align(LocalBytes, variable.Alignment);
        _offsets[key] = offset;
        LocalBytes = offset + (int)variable.Bytes;
    }

    /// <summary>Lays out the shared variables; those without a size share the dynamic memory at the end.</summary>
    public void AddShared(IEnumerable<(string Key, PtxVariable Variable)> variables)
    {
        int at = 0;
        var dynamic = new List<string>();
        foreach ((string key, PtxVariable variable) in variables)
        {
            if (variable.Count == 0)
            {
                dynamic.Add(key);
                continue;
            }

            at = Align(at, Math.Max(16, variable.Alignment));
            _offsets[key] = at;
            SharedVariables.Add((variable.Name, at, (int)variable.Bytes));
            at += (int)variable.Bytes + Gap;
            StaticSharedBytes = Align(StaticSharedBytes, variable.Alignment) + (int)variable.Bytes;
        }

        DynamicSharedOffset = Align(at, 128);
        foreach (string key in dynamic)
        {
            _offsets[key] = DynamicSharedOffset;
        }
    }

    private static int Align(int offset, int alignment) => (offset + alignment - 1) / alignment * alignment;
}
