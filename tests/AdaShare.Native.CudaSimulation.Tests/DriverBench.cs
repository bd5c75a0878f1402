using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.CudaSimulation.Findings;

namespace AdaShare.Native.CudaSimulation.Tests;

/// <summary>A simulated device with a context, a module of a few kernels, and short forms of the driver's calls that expect success.</summary>
internal sealed unsafe class DriverBench : IDisposable
{
    private const string Ptx = """
        .version 7.8
        .target sm_75
        .address_size 64
        .visible .entry add(.param .u64 target, .param .u64 source, .param .u32 what, .param .u32 count)
        .maxntid 256, 1, 1
        {
            .reg .pred %p<2>;
            .reg .b32 %r<8>;
            .reg .b64 %rd<8>;
            ld.param.u64 %rd1, [target];
            ld.param.u64 %rd2, [source];
            ld.param.u32 %r1, [what];
            ld.param.u32 %r2, [count];
            mov.u32 %r3, %ctaid.x;
            mov.u32 %r4, %ntid.x;
            mov.u32 %r5, %tid.x;
            mad.lo.s32 %r3, %r3, %r4, %r5;
            setp.ge.u32 %p1, %r3, %r2;
            @%p1 bra END;
            mul.wide.u32 %rd3, %r3, 4;
            add.s64 %rd1, %rd1, %rd3;
            add.s64 %rd2, %rd2, %rd3;
            ld.global.u32 %r6, [%rd2];
            add.s32 %r6, %r6, %r1;
            st.global.u32 [%rd1], %r6;
        END:
            ret;
        }
        .visible .entry shared_bytes(.param .u32 unused)
        {
            .shared .align 4 .b8 tile[1000];
            ret;
        }
        """;

    private readonly nint _module;

    public DriverBench(SimulatedDeviceOptions? options = null)
    {
        Device = new SimulatedDevice(options);
        Driver = Device.Libraries.Driver;
        Expect(Driver.Init(0));
        Expect(Driver.DevicePrimaryCtxRetain(out nint context, 0));
        Expect(Driver.CtxSetCurrent(context));
        Stream = NewStream();
        _module = Load(Ptx);
        Add = Function("add");
    }

    public SimulatedDevice Device { get; }

    public ICudaDriver Driver { get; }

    public nint Stream { get; }

    /// <summary>add(target, source, what, count): target[i] = source[i] + what.</summary>
    public nint Add { get; }

    public IEnumerable<FindingKind> Kinds => Device.Log.Findings.Select(static finding => finding.Kind);

    public static void Expect(CudaResult result, CudaResult expected = CudaResult.Success) => Assert.That(result, Is.EqualTo(expected));

    public nint NewStream()
    {
        Expect(Driver.StreamCreate(out nint stream, CudaStreamFlags.NonBlocking));
        return stream;
    }

    public nint NewEvent(CudaEventFlags flags = CudaEventFlags.DisableTiming)
    {
        Expect(Driver.EventCreate(out nint e, flags));
        return e;
    }

    public nint Load(string ptx)
    {
        fixed (byte* image = System.Text.Encoding.UTF8.GetBytes(ptx + "\0"))
        {
            Expect(Driver.ModuleLoadDataEx(out nint module, image, 0, null, null));
            return module;
        }
    }

    public nint Function(string name)
    {
        fixed (byte* text = System.Text.Encoding.UTF8.GetBytes(name + "\0"))
        {
            Expect(Driver.ModuleGetFunction(out nint function, _module, text));
            return function;
        }
    }

    public ulong Allocate(int ints)
    {
        Expect(Driver.MemAlloc(out ulong address, (nuint)ints * 4));
        return address;
    }

    /// <summary>Page-locked memory for so many ints.</summary>
    public int* Pinned(int ints)
    {
        Expect(Driver.MemHostAlloc(out nint pointer, (nuint)ints * 4, CudaHostAllocFlags.None));
        return (int*)pointer;
    }

    /// <summary>Device memory with values in it, which the host knows to be there.</summary>
    public ulong Upload(params ReadOnlySpan<int> values)
    {
        ulong address = Allocate(values.Length);
        int* host = Pinned(values.Length);
        values.CopyTo(new Span<int>(host, values.Length));
        Expect(Driver.MemcpyHtoDAsync(address, (nint)host, (nuint)values.Length * 4, Stream));
        Expect(Driver.StreamSynchronize(Stream));
        Expect(Driver.MemFreeHost((nint)host));
        return address;
    }

    public int[] Download(ulong address, int count)
    {
        int* host = Pinned(count);
        Expect(Driver.MemcpyDtoHAsync((nint)host, address, (nuint)count * 4, Stream));
        Expect(Driver.StreamSynchronize(Stream));
        int[] values = new ReadOnlySpan<int>(host, count).ToArray();
        Expect(Driver.MemFreeHost((nint)host));
        return values;
    }

    public CudaResult TryAdd(ulong target, ulong source, int what, int count, nint stream, uint threads = 32, uint shared = 0)
    {
        void** parameters = stackalloc void*[4];
        parameters[0] = &target;
        parameters[1] = &source;
        parameters[2] = &what;
        parameters[3] = &count;
        return Driver.LaunchKernel(Add, (uint)(count + 31) / 32, 1, 1, threads, 1, 1, shared, stream, parameters, null);
    }

    public void RunAdd(ulong target, ulong source, int what, int count, nint stream = 0) => Expect(TryAdd(target, source, what, count, stream == 0 ? Stream : stream));

    public void Dispose() => Device.Dispose();
}
