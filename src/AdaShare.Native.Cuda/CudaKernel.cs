using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Cuda;

/// <summary>A kernel that a program brings along; see <see cref="CudaModule"/>.</summary>
public sealed class CudaKernel
{
    // What every launch may have without asking the driver for more.
    private const int MostSharedBytes = 48 << 10;
    private const long MostBlocksBeside = 65535;
    private const long MostThreadsDeep = 64;

    private readonly CudaBackend _backend;
    private readonly PtxKernel _declared;
    private readonly nint _function;
    private readonly int _mostThreads;
    private readonly int _sharedBytes;

    internal CudaKernel(CudaBackend backend, string module, PtxKernel declared, nint function)
    {
        (_backend, _declared, _function) = (backend, declared, function);
        if (declared.Parameters.FirstOrDefault(static parameter => parameter.IsStruct) is { } structure)
        {
            throw new DeviceException($"{backend.Name}: the kernel {declared.Name} of {module} takes a struct of {structure.Bytes} bytes by value; let it take its numbers and pointers one by one");
        }

        if (declared.Parameters.Count > KernelCall.MostWords)
        {
            throw new DeviceException($"{backend.Name}: the kernel {declared.Name} of {module} takes {declared.Parameters.Count} parameters, at most {KernelCall.MostWords} can be passed; let it take some by way of a tensor");
        }

        _mostThreads = Attribute(CudaFunctionAttribute.MaxThreadsPerBlock);
        _sharedBytes = Attribute(CudaFunctionAttribute.SharedBytes);
    }

    /// <summary>The kernel's name.</summary>
    public string Name => _declared.Name;

    /// <summary>Launches the kernel behind the work before it; within a step that is captured it becomes a part of the step. Nobody waits for it.</summary>
    /// <param name="shape">Blocks and threads.</param>
    /// <param name="arguments">
    /// One for each parameter, in order. A tensor is a pointer to its first element, null a null pointer. The number of arguments and their types are compared with the kernel's declaration; that a tensor has the
    /// element type of the pointer, and as many elements as the kernel touches, is the caller's to see to.
    /// </param>
    /// <exception cref="ShapeException">The arguments don't fit the declaration, or the shape is none that the device or the kernel can have.</exception>
    /// <exception cref="DeviceException">A tensor lies on another device, or the driver refuses the launch.</exception>
    /// <exception cref="ObjectDisposedException">A tensor has been freed, or the backend disposed.</exception>
    public void Launch(CudaLaunchShape shape, params ReadOnlySpan<CudaArgument> arguments)
    {
        using BackendScope scope = _backend.Enter(Name);
        Check(shape);
        if (arguments.Length != _declared.Parameters.Count)
        {
            throw new ShapeException($"{_backend.Name}: the kernel {Name} takes {_declared.Parameters.Count} arguments and was given {arguments.Length}; its parameters are {Signature()}");
        }

        // All are looked at before the first is written, since a refusal must not leave half a call behind.
        for (int i = 0; i < arguments.Length; i++)
        {
            if (arguments[i].Obstacle(_declared.Parameters[i]) is { } obstacle)
            {
                throw new ShapeException($"{_backend.Name}: argument {i} of the kernel {Name} {obstacle}; its parameters are {Signature()}");
            }
        }

        KernelCall call = _backend.Context.Begin(Name, _function);
        foreach (CudaArgument argument in arguments)
        {
            argument.WriteTo(call);
        }

        call.Launch(shape.ToLaunch());
    }

    private void Check(CudaLaunchShape shape)
    {
        if (shape is not { GridX: > 0, GridY: > 0 and <= (int)MostBlocksBeside, GridZ: > 0 and <= (int)MostBlocksBeside, BlockX: > 0, BlockY: > 0, BlockZ: > 0 and <= (int)MostThreadsDeep })
        {
            throw new ShapeException($"{_backend.Name}: the kernel {Name} was given the launch {shape}; every size is 1 or more, the grid at most {MostBlocksBeside} along y and z, and a block at most {MostThreadsDeep} along z");
        }

        if (_mostThreads > 0 && shape.ThreadsPerBlock > _mostThreads)
        {
            throw new ShapeException($"{_backend.Name}: the kernel {Name} was given blocks of {shape.ThreadsPerBlock} threads; it runs with {_mostThreads} at most");
        }

        if (shape.SharedBytes < 0 || shape.SharedBytes > MostSharedBytes - _sharedBytes)
        {
            throw new ShapeException($"{_backend.Name}: the kernel {Name} was given {shape.SharedBytes} bytes of dynamic shared memory; it may have 0 to {MostSharedBytes - _sharedBytes} beside its own");
        }
    }

    private string Signature() => $"({string.Join(", ", _declared.Parameters.Select(static parameter => parameter.IsPointer ? "pointer" : parameter.Type))})";

    private int Attribute(CudaFunctionAttribute attribute)
    {
        CudaDevice device = _backend.Context.Device;
        device.Check($"cuFuncGetAttribute of {Name}", device.Driver.FuncGetAttribute(out int value, attribute, _function));
        return value;
    }
}
