using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.CudaSimulation.Findings;

namespace AdaShare.Native.CudaSimulation.Tests;

/// <summary>The simulated driver: what it does, and the misuse that it must find beside uses that are right.</summary>
[TestFixture]
public sealed unsafe class DriverTests
{
    private static readonly int[] Numbers = [.. Enumerable.Range(0, 40)];

    [Test]
    public void Work_of_a_stream_is_done_in_order_when_the_host_waits()
    {
        using var bench = new DriverBench();
        ulong a = bench.Upload(Numbers), b = bench.Allocate(40);
        bench.RunAdd(b, a, 5, 40);
        bench.RunAdd(b, b, 100, 40);
        Assert.That(bench.Device.KernelLaunches, Is.Zero, "nothing runs before somebody waits");
        Assert.That(bench.Download(b, 40), Is.EqualTo(Numbers.Select(static i => i + 105)));
        bench.Device.Log.ThrowIfAny();
    }

    [Test]
    public void Fills_and_copies_move_bytes()
    {
        using var bench = new DriverBench();
        ulong a = bench.Allocate(8), b = bench.Allocate(8);
        DriverBench.Expect(bench.Driver.MemsetD32Async(a, 7, 8, bench.Stream));
        DriverBench.Expect(bench.Driver.MemsetD8Async(a + 4, 1, 4, bench.Stream));
        DriverBench.Expect(bench.Driver.MemcpyDtoDAsync(b, a, 32, bench.Stream));
        Assert.That(bench.Download(b, 8), Is.EqualTo(new[] { 7, 0x01010101, 7, 7, 7, 7, 7, 7 }));
        DriverBench.Expect(bench.Driver.MemcpyDtoDAsync(a + 4, a, 8, bench.Stream), CudaResult.InvalidValue);
        DriverBench.Expect(bench.Driver.MemsetD32Async(a + 2, 7, 1, bench.Stream), CudaResult.InvalidValue);
        Assert.That(bench.Kinds, Is.EqualTo(new[] { FindingKind.InvalidCall, FindingKind.Misaligned }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Streams_need_an_event_between_a_write_and_a_read(bool waits)
    {
        using var bench = new DriverBench();
        nint other = bench.NewStream(), written = bench.NewEvent();
        ulong a = bench.Upload(Numbers), b = bench.Allocate(40), c = bench.Upload(Numbers);
        bench.RunAdd(b, a, 1, 40, other);
        DriverBench.Expect(bench.Driver.EventRecord(written, other));
        if (waits)
        {
            DriverBench.Expect(bench.Driver.StreamWaitEvent(bench.Stream, written, 0));
        }

        bench.RunAdd(c, b, 1, 40);
        int[] results = bench.Download(c, 40);
        if (waits)
        {
            Assert.That(results, Is.EqualTo(Numbers.Select(static i => i + 2)));
            bench.Device.Log.ThrowIfAny();
        }
        else
        {
            Assert.That(bench.Kinds, Is.EqualTo(new[] { FindingKind.UninitializedRead }), "without the wait the other stream has not even begun");
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Streams_that_happen_to_run_in_the_right_order_race_all_the_same(bool waits)
    {
        using var bench = new DriverBench();
        nint other = bench.NewStream(), written = bench.NewEvent();
        ulong a = bench.Upload(Numbers), b = bench.Allocate(40), c = bench.Allocate(40);
        bench.RunAdd(b, a, 1, 40, other);
        DriverBench.Expect(bench.Driver.EventRecord(written, other));
        bench.RunAdd(c, waits ? a : b, 1, 40);

        // Asking makes the device go on, but a host that was not told that the work is done knows nothing.
        DriverBench.Expect(bench.Driver.EventQuery(written), CudaResult.NotReady);
        DriverBench.Expect(bench.Driver.StreamSynchronize(bench.Stream));
        Assert.That(bench.Kinds, Is.EqualTo(waits ? [] : new[] { FindingKind.StreamRace }));
        if (!waits)
        {
            Assert.That(bench.Device.Log.Findings[0].Problem, Does.Contain("which add (work 1 of stream"));
        }
    }

    [Test]
    public void Events_become_ready_and_tell_time()
    {
        using var bench = new DriverBench();
        nint start = bench.NewEvent(CudaEventFlags.Default), end = bench.NewEvent(CudaEventFlags.Default);
        ulong a = bench.Upload(Numbers);
        DriverBench.Expect(bench.Driver.EventQuery(start));
        DriverBench.Expect(bench.Driver.EventRecord(start, bench.Stream));
        bench.RunAdd(a, a, 1, 40);
        DriverBench.Expect(bench.Driver.EventRecord(end, bench.Stream));
        int asked = 0;
        while (bench.Driver.EventQuery(end) == CudaResult.NotReady)
        {
            Assert.That(++asked, Is.LessThan(10), "the device goes on while the host asks");
        }

        Assert.That(asked, Is.GreaterThan(0));
        DriverBench.Expect(bench.Driver.EventElapsedTime(out float milliseconds, start, end));
        Assert.That(milliseconds, Is.GreaterThan(0));
        bench.Device.Log.ThrowIfAny();
    }

    [Test]
    public void A_source_that_changes_before_its_copy_is_done_arrives_changed()
    {
        using var bench = new DriverBench();
        ulong a = bench.Allocate(1);
        int* host = bench.Pinned(1);
        *host = 1;
        DriverBench.Expect(bench.Driver.MemcpyHtoDAsync(a, (nint)host, 4, bench.Stream));
        *host = 2;
        Assert.That(bench.Download(a, 1), Is.EqualTo(new[] { 2 }), "copies are not done when the call returns");
    }

    [Test]
    public void Copies_of_memory_that_is_not_page_locked_or_gone_are_found()
    {
        using var bench = new DriverBench();
        ulong a = bench.Allocate(4);
        int local = 3;
        DriverBench.Expect(bench.Driver.MemcpyHtoDAsync(a, (nint)(&local), 4, bench.Stream), CudaResult.InvalidValue);
        int* host = bench.Pinned(4);
        DriverBench.Expect(bench.Driver.MemcpyHtoDAsync(a, (nint)host, 20, bench.Stream), CudaResult.InvalidValue);
        DriverBench.Expect(bench.Driver.MemcpyHtoDAsync(a, (nint)host, 16, bench.Stream));
        DriverBench.Expect(bench.Driver.MemFreeHost((nint)host));
        DriverBench.Expect(bench.Driver.StreamSynchronize(bench.Stream), CudaResult.IllegalAddress);
        Assert.That(bench.Kinds, Is.EqualTo(new[] { FindingKind.InvalidCall, FindingKind.UseAfterFree }));
    }

    [Test]
    public void A_fault_ends_the_context()
    {
        using var bench = new DriverBench();
        ulong a = bench.Upload(Numbers), b = bench.Allocate(39);
        bench.RunAdd(b, a, 0, 40);
        DriverBench.Expect(bench.Driver.StreamSynchronize(bench.Stream), CudaResult.IllegalAddress);
        DriverBench.Expect(bench.Driver.MemAlloc(out _, 4), CudaResult.IllegalAddress);
        DriverBench.Expect(bench.TryAdd(a, a, 1, 1, bench.Stream), CudaResult.IllegalAddress);
        Finding finding = bench.Device.Log.Findings.Single();
        Assert.Multiple(() =>
        {
            Assert.That(finding.Kind, Is.EqualTo(FindingKind.OutOfBounds));
            Assert.That(finding.Thread, Is.EqualTo((7, 0, 0)));
            Assert.That(finding.Block, Is.EqualTo((1, 0, 0)));
        });
    }

    [Test]
    public void Memory_that_was_freed_is_never_found_again()
    {
        using var bench = new DriverBench();
        ulong a = bench.Upload(Numbers), b = bench.Allocate(40);
        bench.RunAdd(b, a, 1, 40);
        DriverBench.Expect(bench.Driver.MemFree(a));
        bench.Device.Log.ThrowIfAny();
        ulong again = bench.Allocate(40);
        Assert.That(again, Is.Not.EqualTo(a));
        bench.RunAdd(b, a, 1, 40);
        DriverBench.Expect(bench.Driver.CtxSynchronize(), CudaResult.IllegalAddress);
        DriverBench.Expect(bench.Driver.MemFree(a), CudaResult.InvalidValue);
        Assert.That(bench.Kinds, Is.EqualTo(new[] { FindingKind.UseAfterFree, FindingKind.InvalidCall }));
    }

    [Test]
    public void Memory_is_as_large_as_said()
    {
        using var bench = new DriverBench(new SimulatedDeviceOptions { MemoryBytes = 1 << 20 });
        DriverBench.Expect(bench.Driver.MemAlloc(out ulong a, 1 << 19));
        DriverBench.Expect(bench.Driver.MemAlloc(out _, (1 << 19) + 1), CudaResult.OutOfMemory);
        DriverBench.Expect(bench.Driver.MemGetInfo(out nuint free, out nuint total));
        Assert.That((free, total), Is.EqualTo(((nuint)1 << 19, (nuint)1 << 20)));
        DriverBench.Expect(bench.Driver.MemFree(a));
        DriverBench.Expect(bench.Driver.MemAlloc(out _, (1 << 19) + 1));
        bench.Device.Log.ThrowIfAny();
    }

    [Test]
    public void An_allocator_tells_where_buffers_end()
    {
        using var bench = new DriverBench();
        var observer = (IMemoryObserver)bench.Driver;
        ulong segment = bench.Allocate(1024), source = bench.Upload(Numbers);
        observer.MemoryReturned(segment, 4096, bench.Stream);
        observer.MemoryRented(segment, 160, bench.Stream);
        observer.MemoryRented(segment + 512, 160, bench.Stream);
        bench.RunAdd(segment, source, 1, 40);
        bench.RunAdd(segment + 512, segment, 1, 40);
        observer.MemoryReturned(segment, 512, bench.Stream);
        Assert.That(bench.Download(segment + 512, 40), Is.EqualTo(Numbers.Select(static i => i + 2)));
        bench.Device.Log.ThrowIfAny();
        observer.MemoryRented(segment, 156, bench.Stream);
        bench.RunAdd(segment, source, 1, 39);
        bench.RunAdd(segment, source, 1, 40);
        DriverBench.Expect(bench.Driver.CtxSynchronize(), CudaResult.IllegalAddress);
        Assert.That(bench.Device.Log.Findings.Single().ToString(), Does.Contain("writes 4 bytes at offset 156").And.Contain("belongs to no buffer"));
    }

    [TestCase(false, FindingKind.UninitializedRead)]
    [TestCase(true, FindingKind.UseAfterFree)]
    public void A_buffer_that_was_returned_holds_nothing(bool staysReturned, FindingKind expected)
    {
        using var bench = new DriverBench();
        var observer = (IMemoryObserver)bench.Driver;
        ulong segment = bench.Allocate(1024), source = bench.Upload(Numbers);
        observer.MemoryReturned(segment, 4096, bench.Stream);
        observer.MemoryRented(segment, 160, bench.Stream);
        bench.RunAdd(segment, source, 1, 40);
        observer.MemoryReturned(segment, 512, bench.Stream);
        if (!staysReturned)
        {
            observer.MemoryRented(segment, 160, bench.Stream);
        }

        bench.RunAdd(source, segment, 1, 40);
        bench.Driver.CtxSynchronize();
        Assert.That(bench.Kinds, Is.EqualTo(new[] { expected }));
    }

    [Test]
    public void Launches_that_no_device_runs_are_refused()
    {
        using var bench = new DriverBench();
        ulong a = bench.Upload(Numbers);
        DriverBench.Expect(bench.TryAdd(a, a, 1, 0, bench.Stream), CudaResult.InvalidValue);
        DriverBench.Expect(bench.TryAdd(a, a, 1, 1, bench.Stream, threads: 512), CudaResult.LaunchOutOfResources);
        DriverBench.Expect(bench.TryAdd(a, a, 1, 1, bench.Stream, threads: 2048), CudaResult.InvalidValue);
        DriverBench.Expect(bench.TryAdd(a, a, 1, 1, bench.Stream, shared: 50000), CudaResult.InvalidValue);
        Assert.That(bench.Kinds, Is.All.EqualTo(FindingKind.InvalidLaunch));
        bench.Device.Log.Clear();
        DriverBench.Expect(bench.Driver.FuncSetAttribute(bench.Add, CudaFunctionAttribute.MaxDynamicSharedBytes, 60000));
        DriverBench.Expect(bench.TryAdd(a, a, 1, 1, bench.Stream, shared: 50000));
        DriverBench.Expect(bench.Driver.CtxSynchronize());
        bench.Device.Log.ThrowIfAny();
    }

    [Test]
    public void Kernels_tell_what_they_use()
    {
        using var bench = new DriverBench();
        DriverBench.Expect(bench.Driver.FuncGetAttribute(out int threads, CudaFunctionAttribute.MaxThreadsPerBlock, bench.Add));
        DriverBench.Expect(bench.Driver.FuncGetAttribute(out int shared, CudaFunctionAttribute.SharedBytes, bench.Function("shared_bytes")));
        Assert.That((threads, shared), Is.EqualTo((256, 1000)));
    }

    [TestCase(".version 9.0\n.target sm_75\n.address_size 64\n", CudaResult.UnsupportedPtxVersion, "Unsupported .version 9.0")]
    [TestCase(".version 7.8\n.target sm_90\n.address_size 64\n", CudaResult.NoBinaryForGpu, "sm_90")]
    [TestCase(".version 7.8\n.target sm_75\n.entry k() { frobnicate.u32 %r1; }", CudaResult.InvalidPtx, "frobnicate")]
    [TestCase("\u007fELF", CudaResult.NoBinaryForGpu, "")]
    public void Modules_that_the_driver_refuses_say_why(string text, CudaResult expected, string words)
    {
        using var bench = new DriverBench();
        byte[] log = new byte[500];
        fixed (byte* image = System.Text.Encoding.UTF8.GetBytes(text + "\0"), buffer = log)
        {
            CudaJitOption* options = stackalloc[] { CudaJitOption.ErrorLogBuffer, CudaJitOption.ErrorLogBufferBytes };
            void** values = stackalloc void*[] { buffer, (void*)log.Length };
            DriverBench.Expect(bench.Driver.ModuleLoadDataEx(out _, image, 2, options, values), expected);
            Assert.That(Marshal.PtrToStringUTF8((nint)buffer), Does.Contain(words));
        }
    }

    [Test]
    public void Handles_are_checked()
    {
        using var bench = new DriverBench();
        nint e = bench.NewEvent(), stream = bench.NewStream();
        DriverBench.Expect(bench.Driver.EventRecord(e, 0), CudaResult.InvalidHandle);
        DriverBench.Expect(bench.Driver.EventRecord(stream, e), CudaResult.InvalidHandle);
        DriverBench.Expect(bench.Driver.StreamDestroy(stream));
        DriverBench.Expect(bench.Driver.StreamSynchronize(stream), CudaResult.InvalidHandle);
        DriverBench.Expect(bench.Driver.EventDestroy(e));
        DriverBench.Expect(bench.Driver.EventDestroy(e), CudaResult.InvalidHandle);
        Assert.That(bench.Kinds, Is.All.EqualTo(FindingKind.InvalidCall));
        Assert.That(bench.Device.Log.Findings, Has.Count.EqualTo(4));
    }

    [Test]
    public void Threads_need_the_context()
    {
        using var bench = new DriverBench();
        CudaResult result = CudaResult.Success;
        var thread = new Thread(() => result = bench.Driver.MemAlloc(out _, 4));
        thread.Start();
        thread.Join();
        DriverBench.Expect(result, CudaResult.InvalidContext);
        Assert.That(bench.Kinds, Is.EqualTo(new[] { FindingKind.InvalidCall }));
    }

    [Test]
    public void What_is_left_at_the_end_is_a_leak()
    {
        using var bench = new DriverBench();
        bench.Device.FindLeaks();
        Assert.That(bench.Device.Log.Findings.Select(static finding => finding.Kernel), Is.EqualTo(new[] { "cuStreamCreate", "cuModuleLoadDataEx", "cuDevicePrimaryCtxRetain" }));
        bench.Device.Log.Clear();
        bench.Allocate(3);
        bench.Pinned(3);
        bench.NewEvent();
        bench.Device.FindLeaks();
        Assert.That(bench.Kinds, Is.All.EqualTo(FindingKind.Leak));
        Assert.That(bench.Device.Log.Findings.Select(static finding => finding.Problem), Has.Some.Contains("allocation 1 of 12 bytes").And.Some.Contains("12 bytes of page-locked").And.Some.Contains("1 event(s)"));
    }

    [Test]
    public void Errors_have_the_names_of_C()
    {
        using var bench = new DriverBench();
        DriverBench.Expect(bench.Driver.GetErrorName(CudaResult.IllegalAddress, out nint name));
        DriverBench.Expect(bench.Driver.GetErrorString(CudaResult.OutOfMemory, out nint text));
        Assert.That((Marshal.PtrToStringUTF8(name), Marshal.PtrToStringUTF8(text)), Is.EqualTo(("CUDA_ERROR_ILLEGAL_ADDRESS", "out of memory")));
    }
}
