using System.Runtime.InteropServices;
using AdaShare.Native.CudaSimulation.Findings;
using AdaShare.Native.CudaSimulation.Interpreter;
using AdaShare.Native.CudaSimulation.Memory;
using AdaShare.Native.CudaSimulation.Ptx;

namespace AdaShare.Native.CudaSimulation.Tests;

/// <summary>Runs PTX without a driver: memory, a launch, findings.</summary>
internal sealed unsafe class PtxBench : IDisposable
{
    private readonly DeviceMemory _memory = new();
    private uint _nextBlock = 1;

    public FindingLog Log { get; } = new();

    public long LaneInstructions { get; private set; }

    /// <summary>Every launch here waits for the one before.</summary>
    private sealed class InOrder : ILaunchHistory
    {
        public bool IsBefore(uint block) => true;

        public string Describe(uint block) => "an earlier launch";
    }

    /// <summary>A module around the body of one kernel <c>test</c>, with registers %p, %rs, %r, %rd, %f and %fd.</summary>
    public static string Kernel(string parameters, string body, string declarations = "") => $$"""
        .version 7.8
        .target sm_80
        .address_size 64
        {{declarations}}
        .visible .entry test({{parameters}})
        {
            .reg .pred %p<16>;
            .reg .b16 %rs<16>;
            .reg .b32 %r<32>;
            .reg .b64 %rd<32>;
            .reg .f32 %f<32>;
            .reg .f64 %fd<32>;
        {{body}}
            ret;
        }
        """;

    public MemoryRegion Allocate(long bytes) => _memory.Allocate(bytes, "buffer");

    public MemoryRegion Upload<T>(params ReadOnlySpan<T> values) where T : unmanaged
    {
        MemoryRegion region = Allocate(values.Length * sizeof(T));
        MemoryMarshal.AsBytes(values).CopyTo(new Span<byte>(region.Data, (int)region.Size));
        region.MarkWritten(0, region.Size);
        return region;
    }

    public static T[] Download<T>(MemoryRegion region) where T : unmanaged => MemoryMarshal.Cast<byte, T>(new ReadOnlySpan<byte>(region.Data, (int)region.Size)).ToArray();

    public void Free(MemoryRegion region) => _memory.Free(region);

    /// <summary>Runs a kernel; regions stand for their addresses.</summary>
    public void Run(string ptx, string kernel, (uint X, uint Y, uint Z) grid, (uint X, uint Y, uint Z) block, int shared, params object[] arguments)
    {
        PtxModule module = PtxParser.Parse("module", ptx);
        KernelProgram program = Decoder.Decode(module, kernel, Globals(module));
        Run(program, grid, block, shared, arguments);
    }

    /// <summary>Runs a decoded kernel.</summary>
    public void Run(KernelProgram program, (uint X, uint Y, uint Z) grid, (uint X, uint Y, uint Z) block, int shared, params object[] arguments)
    {
        var parameters = new byte[program.ParameterBytes];
        for (int i = 0; i < arguments.Length; i++)
        {
            Bytes(arguments[i]).CopyTo(parameters.AsSpan(program.Parameters[i].Offset));
        }

        var launch = new Launch(program, new Dim3(grid.X, grid.Y, grid.Z), new Dim3(block.X, block.Y, block.Z), shared, parameters);
        using var run = new KernelRun(launch, _memory, new InOrder(), Log, _nextBlock, 10_000_000);
        _nextBlock += (uint)launch.Grid.Count;
        try
        {
            run.Run();
        }
        catch (DeviceFault)
        {
            // The finding is in the log.
        }

        LaneInstructions += run.LaneInstructions;
    }

    private Dictionary<string, ulong> Globals(PtxModule module)
    {
        var addresses = new Dictionary<string, ulong>();
        foreach (PtxVariable variable in module.Variables.Values.Where(static variable => variable.Space is PtxSpace.Global or PtxSpace.Constant))
        {
            addresses[variable.Name] = Upload<byte>(variable.Initializer ?? new byte[variable.Bytes]).Start;
        }

        return addresses;
    }

    private static byte[] Bytes(object value) => value switch
    {
        MemoryRegion region => BitConverter.GetBytes(region.Start),
        ulong address => BitConverter.GetBytes(address),
        long number => BitConverter.GetBytes(number),
        int number => BitConverter.GetBytes(number),
        uint number => BitConverter.GetBytes(number),
        float number => BitConverter.GetBytes(number),
        double number => BitConverter.GetBytes(number),
        byte[] bytes => bytes,
        _ => throw new ArgumentException($"{value.GetType()} is no kernel argument"),
    };

    public void Dispose() => _memory.Dispose();
}
