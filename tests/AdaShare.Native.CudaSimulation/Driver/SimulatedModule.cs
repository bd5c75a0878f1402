using System.Collections.Concurrent;
using AdaShare.Native.CudaSimulation.Interpreter;
using AdaShare.Native.CudaSimulation.Memory;
using AdaShare.Native.CudaSimulation.Ptx;

namespace AdaShare.Native.CudaSimulation.Driver;

/// <summary>A loaded module: its kernels ready to run, its variables in memory.</summary>
internal sealed class SimulatedModule
{
    // Devices come and go with every test; the text of the kernels stays the same.
    private static readonly ConcurrentDictionary<string, (PtxModule Module, IReadOnlyDictionary<string, KernelProgram> Kernels)> Known = new();

    private SimulatedModule(PtxModule ptx, IReadOnlyDictionary<string, KernelProgram> kernels, IReadOnlyList<MemoryRegion> variables)
    {
        Ptx = ptx;
        Kernels = kernels;
        Variables = variables;
    }

    public PtxModule Ptx { get; }

    public IReadOnlyDictionary<string, KernelProgram> Kernels { get; }

    public IReadOnlyList<MemoryRegion> Variables { get; }

    /// <summary>Reads PTX and gives its variables memory.</summary>
    /// <exception cref="PtxException">The text is not PTX that this device runs.</exception>
    public static SimulatedModule Load(string text, DeviceMemory memory)
    {
        if (Known.TryGetValue(text, out (PtxModule Module, IReadOnlyDictionary<string, KernelProgram> Kernels) known))
        {
            return new SimulatedModule(known.Module, known.Kernels, []);
        }

        PtxModule module = PtxParser.Parse("module", text);
        var addresses = new Dictionary<string, ulong>();
        var variables = new List<MemoryRegion>();
        foreach (PtxVariable variable in module.Variables.Values.Where(static variable => variable.Space is PtxSpace.Global or PtxSpace.Constant))
        {
            MemoryRegion region = memory.Allocate(variable.Bytes, variable.Name);
            region.Bytes(0, variable.Bytes).Clear();
            variable.Initializer?.CopyTo(region.Bytes(0, variable.Bytes));
            region.MarkWritten(0, variable.Bytes);
            addresses[variable.Name] = region.Start;
            variables.Add(region);
        }

        Dictionary<string, KernelProgram> kernels = module.Functions.Values.Where(static function => function.IsKernel)
            .ToDictionary(static function => function.Name, function => Decoder.Decode(module, function.Name, addresses));
        if (variables.Count == 0)
        {
            Known[text] = (module, kernels);
        }

        return new SimulatedModule(module, kernels, variables);
    }
}

/// <summary>A kernel of a loaded module, and what was set about it.</summary>
internal sealed class SimulatedFunction(SimulatedModule module, KernelProgram program)
{
    public SimulatedModule Module => module;

    public KernelProgram Program => program;

    /// <summary>The dynamic shared memory that launches may ask for.</summary>
    public int MaxDynamicSharedBytes { get; set; } = SimulatedDriver.MaxShared - program.StaticSharedBytes;
}
