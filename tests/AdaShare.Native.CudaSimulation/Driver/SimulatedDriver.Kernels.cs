using System.Runtime.InteropServices;
using System.Text;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.CudaSimulation.Findings;
using AdaShare.Native.CudaSimulation.Interpreter;
using AdaShare.Native.CudaSimulation.Memory;
using AdaShare.Native.CudaSimulation.Ptx;

namespace AdaShare.Native.CudaSimulation.Driver;

/// <summary>Modules, kernels and launches.</summary>
internal sealed unsafe partial class SimulatedDriver
{
    /// <summary>The most threads a block.</summary>
    public const int MaxThreads = 1024;

    /// <summary>The shared memory a block that a launch may have without asking.</summary>
    public const int MaxShared = 48 << 10;

    /// <summary>The shared memory a block that a kernel can ask for.</summary>
    public const int MaxSharedOptIn = 96 << 10;

    private const int Elf = 0x464C457F;

    /// <inheritdoc/>
    public CudaResult ModuleLoadDataEx(out nint module, void* image, uint optionCount, CudaJitOption* options, void** optionValues)
    {
        lock (state.Lock)
        {
            const string Call = "cuModuleLoadDataEx";
            module = 0;
            if (Refuse(Call, endsCapture: true) is { } error)
            {
                return error;
            }

            if (image is null)
            {
                return CudaResult.InvalidValue;
            }

            if (*(int*)image == Elf)
            {
                return CudaResult.NoBinaryForGpu;
            }

            try
            {
                SimulatedModule loaded = SimulatedModule.Load(Marshal.PtrToStringUTF8((nint)image)!, state.Memory);
                if (loaded.Ptx.Version.CompareTo(state.Options.PtxVersion) > 0)
                {
                    WriteLog(optionCount, options, optionValues, $"Unsupported .version {loaded.Ptx.Version.Major}.{loaded.Ptx.Version.Minor}; current version is '{state.Options.PtxVersion.Major}.{state.Options.PtxVersion.Minor}'");
                    return CudaResult.UnsupportedPtxVersion;
                }

                if (loaded.Ptx.Target > state.Options.ComputeCapability)
                {
                    WriteLog(optionCount, options, optionValues, $".target sm_{loaded.Ptx.Target} is above sm_{state.Options.ComputeCapability}");
                    return CudaResult.NoBinaryForGpu;
                }

                module = state.Handles.Add(loaded);
                return CudaResult.Success;
            }
            catch (PtxException problem)
            {
                WriteLog(optionCount, options, optionValues, problem.Message);
                state.Report(FindingKind.InvalidCall, Call, problem.Message);
                return CudaResult.InvalidPtx;
            }
        }
    }

    /// <inheritdoc/>
    public CudaResult ModuleUnload(nint module)
    {
        lock (state.Lock)
        {
            const string Call = "cuModuleUnload";
            if (Refuse(Call, endsCapture: true) is { } error && !error.IsSticky())
            {
                return error;
            }

            if (Get<SimulatedModule>(Call, module) is not { } found)
            {
                return CudaResult.InvalidHandle;
            }

            state.Drain();
            foreach (MemoryRegion variable in found.Variables)
            {
                state.Memory.Free(variable);
            }

            foreach (nint function in _functions.Where(pair => pair.Value.Module == found).Select(static pair => pair.Key).ToArray())
            {
                _functions.Remove(function);
                state.Handles.Remove(function);
            }

            state.Handles.Remove(module);
            return CudaResult.Success;
        }
    }

    private readonly Dictionary<nint, SimulatedFunction> _functions = [];

    /// <inheritdoc/>
    public CudaResult ModuleGetFunction(out nint function, nint module, byte* name)
    {
        lock (state.Lock)
        {
            const string Call = "cuModuleGetFunction";
            function = 0;
            if (Refuse(Call) is { } error)
            {
                return error;
            }

            if (Get<SimulatedModule>(Call, module) is not { } found)
            {
                return CudaResult.InvalidHandle;
            }

            if (!found.Kernels.TryGetValue(Marshal.PtrToStringUTF8((nint)name) ?? "", out KernelProgram? program))
            {
                return CudaResult.NotFound;
            }

            var made = new SimulatedFunction(found, program);
            function = state.Handles.Add(made);
            _functions[function] = made;
            return CudaResult.Success;
        }
    }

    /// <inheritdoc/>
    public CudaResult FuncGetAttribute(out int value, CudaFunctionAttribute attribute, nint function)
    {
        lock (state.Lock)
        {
            value = 0;
            if (Get<SimulatedFunction>("cuFuncGetAttribute", function) is not { } found)
            {
                return CudaResult.InvalidHandle;
            }

            int? known = attribute switch
            {
                CudaFunctionAttribute.MaxThreadsPerBlock => found.Program.MaxThreads > 0 ? found.Program.MaxThreads : MaxThreads,
                CudaFunctionAttribute.SharedBytes => found.Program.StaticSharedBytes,
                CudaFunctionAttribute.LocalBytes => found.Program.LocalBytes,
                CudaFunctionAttribute.MaxDynamicSharedBytes => found.MaxDynamicSharedBytes,
                _ => null,
            };
            value = known ?? 0;
            return known is null ? CudaResult.InvalidValue : CudaResult.Success;
        }
    }

    /// <inheritdoc/>
    public CudaResult FuncSetAttribute(nint function, CudaFunctionAttribute attribute, int value)
    {
        lock (state.Lock)
        {
            if (Get<SimulatedFunction>("cuFuncSetAttribute", function) is not { } found)
            {
                return CudaResult.InvalidHandle;
            }

            if (attribute != CudaFunctionAttribute.MaxDynamicSharedBytes || value < 0 || value > MaxSharedOptIn - found.Program.StaticSharedBytes)
            {
                return CudaResult.InvalidValue;
            }

            found.MaxDynamicSharedBytes = value;
            return CudaResult.Success;
        }
    }

    /// <inheritdoc/>
    public CudaResult LaunchKernel(
        nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes, nint stream, void** parameters, void** extra)
    {
        lock (state.Lock)
        {
            const string Call = "cuLaunchKernel";
            if (Refuse(Call) is { } error)
            {
                return error;
            }

            if (Get<SimulatedFunction>(Call, function) is not { } found || Get<SimulatedStream>(Call, stream) is not { } queue)
            {
                return CudaResult.InvalidHandle;
            }

            var grid = new Dim3(gridX, gridY, gridZ);
            var block = new Dim3(blockX, blockY, blockZ);
            KernelProgram program = found.Program;
            (CudaResult result, string problem) = CheckLaunch(found, grid, block, sharedBytes);
            if (extra is not null || (parameters is null && program.Parameters.Count > 0))
            {
                (result, problem) = (CudaResult.InvalidValue, "parameters are not passed as an array of pointers");
            }

            if (result != CudaResult.Success)
            {
                state.Report(FindingKind.InvalidLaunch, program.Name, problem);
                return result;
            }

            var values = new byte[program.ParameterBytes];
            for (int i = 0; i < program.Parameters.Count; i++)
            {
                (int offset, int bytes) = program.Parameters[i];
                new ReadOnlySpan<byte>(parameters[i], bytes).CopyTo(values.AsSpan(offset));
            }

            var launch = new Launch(program, grid, block, (int)sharedBytes, values);
            state.Enqueue(queue, new WorkTemplate(program.Name, grid.Count, context => Run(launch, context)));
            return CudaResult.Success;
        }
    }

    private static void Run(Launch launch, WorkContext context)
    {
        DeviceState device = context.Device;
        using var run = new KernelRun(launch, device.Memory, device.History, device.Log, context.FirstBlock, device.Options.InstructionLimit);
        device.KernelLaunches++;
        try
        {
            run.Run();
        }
        finally
        {
            device.LaneInstructions += run.LaneInstructions;
        }
    }

    private static (CudaResult Result, string Problem) CheckLaunch(SimulatedFunction function, Dim3 grid, Dim3 block, uint sharedBytes)
    {
        KernelProgram program = function.Program;
        if (grid.Count == 0 || block.Count == 0)
        {
            return (CudaResult.InvalidValue, $"the grid {grid} of blocks {block} is empty");
        }

        if (grid.X > int.MaxValue || grid.Y > 65535 || grid.Z > 65535)
        {
            return (CudaResult.InvalidValue, $"the grid {grid} is larger than (2147483647, 65535, 65535)");
        }

        if (block.Count > MaxThreads || block.Z > 64)
        {
            return (CudaResult.InvalidValue, $"the block {block} has more than {MaxThreads} threads, or more than 64 along z");
        }

        if (program.MaxThreads > 0 && block.Count > program.MaxThreads)
        {
            return (CudaResult.LaunchOutOfResources, $"the block {block} has more than the {program.MaxThreads} threads that the kernel is bound to");
        }

        return sharedBytes > function.MaxDynamicSharedBytes
            ? (CudaResult.InvalidValue, $"{sharedBytes} bytes of dynamic shared memory are more than the {function.MaxDynamicSharedBytes} that the kernel may have")
            : (CudaResult.Success, "");
    }

    /// <summary>Writes the compiler's words into the error log that the options name.</summary>
    private static void WriteLog(uint count, CudaJitOption* options, void** values, string text)
    {
        byte* buffer = null;
        int size = 0;
        for (uint i = 0; i < count; i++)
        {
            switch (options[i])
            {
                case CudaJitOption.ErrorLogBuffer:
                    buffer = (byte*)values[i];
                    break;
                case CudaJitOption.ErrorLogBufferBytes:
                    size = (int)(nint)values[i];
                    break;
                default:
                    break;
            }
        }

        if (buffer is not null && size > 0)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            int used = Math.Min(bytes.Length, size - 1);
            bytes.AsSpan(0, used).CopyTo(new Span<byte>(buffer, used));
            buffer[used] = 0;
        }
    }
}
