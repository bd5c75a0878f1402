using AdaShare.Native.Cpu.Threading;

namespace AdaShare.Native.Cpu.Tests;

/// <summary>The threads: every item once, errors reach the caller, nesting, no allocation.</summary>
[TestFixture]
public sealed class ThreadsTests
{
    [Test]
    public void Every_item_runs_exactly_once([Values(1, 2, 5)] int threads, [Values(0, 1, 3, 1000)] int count)
    {
        using CpuBackend backend = Of(threads);
        for (int repeat = 0; repeat < 50; repeat++)
        {
            var runs = new int[count];
            backend.Threads.For(count, i => Interlocked.Increment(ref runs[i]));
            Assert.That(runs, Is.All.EqualTo(1));
        }
    }

    [Test]
    public void Parked_threads_wake_up_again()
    {
        using CpuBackend backend = Of(3);
        for (int repeat = 0; repeat < 5; repeat++)
        {
            Thread.Sleep(10);
            using var all = new Barrier(3);

            // Items that wait for each other need three threads at once.
            backend.Threads.For(3, i => Assert.That(all.SignalAndWait(5000), Is.True));
        }
    }

    [Test]
    public void The_first_error_of_an_item_reaches_the_caller_and_the_threads_live_on([Values(1, 2, 5)] int threads)
    {
        using CpuBackend backend = Of(threads);
        Assert.That(() => backend.Threads.For(100, i => throw new FormatException($"item {i}")), Throws.TypeOf<FormatException>());
        int sum = 0;
        backend.Threads.For(100, i => Interlocked.Add(ref sum, i));
        Assert.That(sum, Is.EqualTo(4950));
    }

    [Test]
    public void A_loop_inside_a_loop_runs_on_its_own_thread()
    {
        using CpuBackend backend = Of(4);
        var same = new bool[64];
        backend.Threads.For(8, i =>
        {
            int thread = Environment.CurrentManagedThreadId;
            backend.Threads.For(8, j => same[(i * 8) + j] = Environment.CurrentManagedThreadId == thread);
        });
        Assert.That(same, Is.All.True);
    }

    [Test]
    public void Indices_of_threads_are_below_their_count()
    {
        using CpuBackend backend = Of(5);
        var seen = new int[1000];
        backend.Threads.For(1000, i => seen[i] = CpuThreads.CurrentIndex);
        Assert.That(seen, Is.All.InRange(0, 4));
        Assert.That(CpuThreads.CurrentIndex, Is.Zero);
    }

    [Test]
    public void A_struct_body_allocates_nothing()
    {
        using CpuBackend backend = Of(2);
        var sums = new long[64];
        backend.Threads.For(64, new Body(sums));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int repeat = 0; repeat < 100; repeat++)
        {
            backend.Threads.For(64, new Body(sums));
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(sums, Is.EqualTo(Enumerable.Range(0, 64).Select(static i => 101L * i)));
    }

    [Test]
    public void A_loop_after_disposal_is_an_error()
    {
        CpuBackend backend = Of(2);
        backend.Dispose();
        Assert.That(() => backend.Threads.For(2, static _ => { }), Throws.InstanceOf<ObjectDisposedException>());
    }

    private static CpuBackend Of(int threads) => new(new CpuBackendOptions { Threads = threads });

    private readonly struct Body(long[] sums) : IParallelBody
    {
        public void Invoke(int index) => sums[index] += index;
    }
}
