using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.CudaSimulation.Findings;

namespace AdaShare.Native.CudaSimulation.Tests;

/// <summary>Recording streams into graphs, and what is not allowed meanwhile.</summary>
[TestFixture]
public sealed unsafe class CaptureTests
{
    private static readonly int[] Numbers = [.. Enumerable.Range(0, 40)];

    private static nint Capture(DriverBench bench, Action record)
    {
        DriverBench.Expect(bench.Driver.StreamBeginCapture(bench.Stream, CudaCaptureMode.ThreadLocal));
        record();
        DriverBench.Expect(bench.Driver.StreamEndCapture(bench.Stream, out nint graph));
        DriverBench.Expect(bench.Driver.GraphInstantiate(out nint executable, graph, 0));
        nuint nodes = 0;
        DriverBench.Expect(bench.Driver.GraphGetNodes(graph, null, ref nodes));
        Assert.That(nodes, Is.GreaterThan((nuint)0));
        DriverBench.Expect(bench.Driver.GraphDestroy(graph));
        return executable;
    }

    [Test]
    public void A_graph_does_what_was_recorded_each_time_with_the_parameters_of_then()
    {
        using var bench = new DriverBench();
        ulong a = bench.Upload(Numbers);
        int what = 3;
        nint graph = Capture(bench, () => bench.RunAdd(a, a, what, 40));
        Assert.That(what, Is.EqualTo(3));
        Assert.That(bench.Download(a, 40), Is.EqualTo(Numbers), "recording does nothing");
        for (int i = 0; i < 3; i++)
        {
            DriverBench.Expect(bench.Driver.GraphLaunch(graph, bench.Stream));
        }

        Assert.That(bench.Download(a, 40), Is.EqualTo(Numbers.Select(static i => i + 9)));
        DriverBench.Expect(bench.Driver.GraphExecDestroy(graph));
        bench.Device.Log.ThrowIfAny();
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Branches_of_a_graph_need_their_events(bool waits)
    {
        using var bench = new DriverBench();
        nint other = bench.NewStream(), fork = bench.NewEvent(), join = bench.NewEvent();
        ulong a = bench.Upload(Numbers), b = bench.Upload(Numbers), c = bench.Upload(Numbers);
        nint graph = Capture(bench, () =>
        {
            DriverBench.Expect(bench.Driver.EventRecord(fork, bench.Stream));
            DriverBench.Expect(bench.Driver.StreamWaitEvent(other, fork, 0));
            bench.RunAdd(b, a, 1, 40, other);
            DriverBench.Expect(bench.Driver.EventRecord(join, other));
            if (waits)
            {
                DriverBench.Expect(bench.Driver.StreamWaitEvent(bench.Stream, join, 0));
            }

            bench.RunAdd(c, b, 1, 40);
            if (!waits)
            {
                DriverBench.Expect(bench.Driver.StreamWaitEvent(bench.Stream, join, 0));
            }
        });
        DriverBench.Expect(bench.Driver.GraphLaunch(graph, bench.Stream));
        DriverBench.Expect(bench.Driver.StreamSynchronize(bench.Stream));
        Assert.That(bench.Kinds, Is.EqualTo(waits ? [] : new[] { FindingKind.StreamRace }));
    }

    [TestCase("alloc")]
    [TestCase("free")]
    [TestCase("pinned")]
    [TestCase("synchronize stream")]
    [TestCase("synchronize context")]
    [TestCase("query")]
    [TestCase("pageable copy")]
    [TestCase("module")]
    [TestCase("capture again")]
    public void Calls_that_spoil_a_recording(string call)
    {
        using var bench = new DriverBench();
        ulong a = bench.Upload(Numbers);
        nint e = bench.NewEvent();
        DriverBench.Expect(bench.Driver.EventRecord(e, bench.Stream));
        DriverBench.Expect(bench.Driver.StreamBeginCapture(bench.Stream, CudaCaptureMode.ThreadLocal));
        int local = 0;
        CudaResult result = call switch
        {
            "alloc" => bench.Driver.MemAlloc(out _, 4),
            "free" => bench.Driver.MemFree(a),
            "pinned" => bench.Driver.MemHostAlloc(out _, 4, CudaHostAllocFlags.None),
            "synchronize stream" => bench.Driver.StreamSynchronize(bench.Stream),
            "synchronize context" => bench.Driver.CtxSynchronize(),
            "query" => bench.Driver.EventQuery(e),
            "pageable copy" => bench.Driver.MemcpyHtoDAsync(a, (nint)(&local), 4, bench.Stream),
            "module" => bench.Driver.ModuleUnload(0),
            _ => bench.Driver.StreamBeginCapture(bench.Stream, CudaCaptureMode.ThreadLocal),
        };
        Assert.That(result, Is.EqualTo(call == "capture again" ? CudaResult.InvalidValue : CudaResult.StreamCaptureUnsupported));
        DriverBench.Expect(bench.Driver.StreamEndCapture(bench.Stream, out nint graph), CudaResult.StreamCaptureInvalidated);
        Assert.That(graph == 0, "there is no graph");
        Assert.That(bench.Kinds, Is.EqualTo(new[] { FindingKind.IllegalCapture }));
        bench.RunAdd(a, a, 1, 40);
        DriverBench.Expect(bench.Driver.CtxSynchronize());
    }

    [Test]
    public void Other_threads_may_go_on_beside_a_thread_local_recording_and_not_beside_a_global_one()
    {
        foreach ((CudaCaptureMode mode, CudaResult expected) in new[] { (CudaCaptureMode.ThreadLocal, CudaResult.Success), (CudaCaptureMode.Global, CudaResult.StreamCaptureUnsupported) })
        {
            using var bench = new DriverBench();
            DriverBench.Expect(bench.Driver.DevicePrimaryCtxRetain(out nint context, 0));
            DriverBench.Expect(bench.Driver.StreamBeginCapture(bench.Stream, mode));
            CudaResult result = CudaResult.Unknown;
            var thread = new Thread(() =>
            {
                bench.Driver.CtxSetCurrent(context);
                result = bench.Driver.MemAlloc(out _, 4);
            });
            thread.Start();
            thread.Join();
            DriverBench.Expect(result, expected);
        }
    }

    [Test]
    public void Streams_that_join_a_recording_must_come_back()
    {
        using var bench = new DriverBench();
        nint other = bench.NewStream(), fork = bench.NewEvent();
        ulong a = bench.Upload(Numbers);
        DriverBench.Expect(bench.Driver.StreamBeginCapture(bench.Stream, CudaCaptureMode.ThreadLocal));
        DriverBench.Expect(bench.Driver.EventRecord(fork, bench.Stream));
        DriverBench.Expect(bench.Driver.StreamWaitEvent(other, fork, 0));
        bench.RunAdd(a, a, 1, 40, other);
        DriverBench.Expect(bench.Driver.StreamEndCapture(other, out _), CudaResult.StreamCaptureUnmatched);
        DriverBench.Expect(bench.Driver.StreamEndCapture(bench.Stream, out _), CudaResult.StreamCaptureUnjoined);
        Assert.That(bench.Kinds, Is.All.EqualTo(FindingKind.IllegalCapture));
    }

    [Test]
    public void Events_from_outside_and_inside_do_not_mix()
    {
        using var bench = new DriverBench();
        nint outside = bench.NewEvent(), inside = bench.NewEvent();
        DriverBench.Expect(bench.Driver.EventRecord(outside, bench.Stream));
        DriverBench.Expect(bench.Driver.StreamBeginCapture(bench.Stream, CudaCaptureMode.Relaxed));
        DriverBench.Expect(bench.Driver.EventRecord(inside, bench.Stream));
        DriverBench.Expect(bench.Driver.EventQuery(inside), CudaResult.CapturedEvent);
        DriverBench.Expect(bench.Driver.StreamWaitEvent(bench.Stream, outside, 0), CudaResult.StreamCaptureIsolation);
        DriverBench.Expect(bench.Driver.StreamEndCapture(bench.Stream, out _), CudaResult.StreamCaptureInvalidated);
        Assert.That(bench.Kinds, Is.All.EqualTo(FindingKind.IllegalCapture));
    }
}
