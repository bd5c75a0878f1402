using System.Text;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.CudaSimulation;

namespace AdaShare.Native.Kernels.Tests;

/// <summary>Runs kernels of one PTX text on a simulated device of its own.</summary>
internal sealed unsafe class KernelBench : IDisposable
{
    private readonly SimulatedDevice _device = new();
    private readonly nint _module;
    private readonly nint _stream;

    /// <summary>Loads a module.</summary>
    /// <param name="ptx">Its text.</param>
    public KernelBench(string ptx)
    {
        Check(Driver.Init(0));
        Check(Driver.DevicePrimaryCtxRetain(out nint context, 0));
        Check(Driver.CtxSetCurrent(context));
        Check(Driver.StreamCreate(out _stream, default));
        fixed (byte* image = Encoding.UTF8.GetBytes(ptx + '\0'))
        {
            Check(Driver.ModuleLoadDataEx(out _module, image, 0, null, null));
        }
    }

    /// <summary>What the device found, in words; empty where nothing is wrong.</summary>
    public IReadOnlyList<string> Findings => [.. _device.Log.Findings.Select(static f => f.ToString())];

    private ICudaDriver Driver => _device.Libraries.Driver;

    /// <summary>Memory that nobody has written.</summary>
    public ulong Allocate<T>(int count) where T : unmanaged
    {
        Check(Driver.MemAlloc(out ulong pointer, (nuint)(count * sizeof(T))));
        return pointer;
    }

    /// <summary>Memory with content.</summary>
    public ulong Upload<T>(params T[] values) where T : unmanaged
    {
        ulong pointer = Allocate<T>(values.Length);
        nuint bytes = (nuint)(values.Length * sizeof(T));
        Check(Driver.MemHostAlloc(out nint pinned, bytes, default));
        values.CopyTo(new Span<T>((void*)pinned, values.Length));
        Check(Driver.MemcpyHtoDAsync(pointer, pinned, bytes, _stream));
        Check(Driver.StreamSynchronize(_stream));
        Check(Driver.MemFreeHost(pinned));
        return pointer;
    }

    /// <summary>Launches a kernel; arguments are <see cref="ulong"/> (addresses), <see cref="uint"/>, <see cref="int"/>, <see cref="float"/>, <see cref="double"/>.</summary>
    public void Launch(string kernel, (uint X, uint Y, uint Z) grid, (uint X, uint Y) block, params object[] arguments)
    {
        nint function;
        fixed (byte* name = Encoding.UTF8.GetBytes(kernel + '\0'))
        {
            Check(Driver.ModuleGetFunction(out function, _module, name));
        }

        ulong* words = stackalloc ulong[arguments.Length];
        void** parameters = stackalloc void*[arguments.Length];
        for (int i = 0; i < arguments.Length; i++)
        {
            words[i] = arguments[i] switch
            {
                ulong address => address,
                uint number => number,
                int number => (uint)number,
                float number => BitConverter.SingleToUInt32Bits(number),
                double number => BitConverter.DoubleToUInt64Bits(number),
                object other => throw new ArgumentException($"{other.GetType()} is no kernel argument", nameof(arguments)),
            };
            parameters[i] = &words[i];
        }

        Check(Driver.LaunchKernel(function, grid.X, grid.Y, grid.Z, block.X, block.Y, 1, 0, _stream, parameters, null));
    }

    /// <summary>Waits and reads; empty where a fault has ended the context.</summary>
    public T[] Download<T>(ulong pointer, int count) where T : unmanaged
    {
        nuint bytes = (nuint)(count * sizeof(T));
        if (Driver.MemHostAlloc(out nint pinned, bytes, default) != CudaResult.Success
            || Driver.MemcpyDtoHAsync(pinned, pointer, bytes, _stream) != CudaResult.Success
            || Driver.StreamSynchronize(_stream) != CudaResult.Success)
        {
            return [];
        }

        T[] values = new Span<T>((void*)pinned, count).ToArray();
        Check(Driver.MemFreeHost(pinned));
        return values;
    }

    /// <summary>Gives the device's memory back.</summary>
    public void Dispose() => _device.Dispose();

    private static void Check(CudaResult result) => Assert.That(result, Is.EqualTo(CudaResult.Success));
}
