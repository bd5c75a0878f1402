using AdaShare.Native.Conformance.Checks;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Cuda.Memory;
using AdaShare.Native.Cuda.Tests.Fakes;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Tests;

/// <summary>The caching allocator over a driver of the tests: sizes of segments, cutting and joining, what happens when memory runs out.</summary>
[TestFixture]
public sealed class AllocatorTests
{
    private const long Mebi = 1 << 20;

    [TestCase(1, 2 * Mebi)]
    [TestCase(Mebi, 2 * Mebi)]
    [TestCase(Mebi + 1, 20 * Mebi)]
    [TestCase(10 * Mebi, 20 * Mebi)]
    [TestCase((10 * Mebi) + 1, 12 * Mebi)]
    [TestCase(33 * Mebi, 34 * Mebi)]
    public void Segments_are_as_large_as_PyTorchs(long bytes, long segment)
    {
        using var device = new FakeDevice();
        device.Backend.Allocate(bytes);
        MemoryStatistics memory = device.Backend.Memory;
        Assert.That(memory.LiveBytes + memory.CachedBytes, Is.EqualTo(segment));
    }

    [Test]
    public void Small_blocks_share_a_segment_and_start_at_multiples_of_512()
    {
        using var device = new FakeDevice();
        ulong[] addresses = [.. new[] { 1, 512, 513 }.Select(bytes => Address(device.Backend.Allocate(bytes)))];
        Assert.That(device.Backend.Memory.SystemAllocations, Is.EqualTo(1));
        Assert.That(addresses.Select(a => a - addresses[0]), Is.EqualTo(new ulong[] { 0, 512, 1024 }));
        Assert.That(device.Backend.Memory.LiveBytes, Is.EqualTo(2048));
    }

    [Test]
    public void The_smallest_free_block_that_fits_is_taken()
    {
        using var device = new FakeDevice();
        Storage[] blocks = [.. new[] { 4096, 512, 1024, 512, 2048, 512 }.Select(bytes => device.Backend.Allocate(bytes))];
        ulong wanted = Address(blocks[2]);
        blocks[0].Release();
        blocks[2].Release();
        blocks[4].Release();
        Assert.That(Address(device.Backend.Allocate(1000)), Is.EqualTo(wanted));
    }

    [Test]
    public void Free_neighbours_are_joined_in_any_order([Values(0, 1, 2)] int last)
    {
        using var device = new FakeDevice();
        Storage[] blocks = [.. Enumerable.Range(0, 3).Select(_ => device.Backend.Allocate(512 * 1024))];
        ulong first = Address(blocks[0]);
        foreach (int i in Enumerable.Range(0, 3).Where(i => i != last).Append(last))
        {
            blocks[i].Release();
        }

        Assert.That(Address(device.Backend.Allocate(1024 * 1024)), Is.EqualTo(first), "three halves of a MiB side by side hold one MiB");
        Assert.That(device.Backend.Memory.SystemAllocations, Is.EqualTo(1));
    }

    [Test]
    public void Random_traffic_never_gives_the_same_bytes_twice()
    {
        using var device = new FakeDevice();
        var random = new Random(7);
        var held = new List<(Storage Storage, ulong Start, ulong End)>();
        for (int i = 0; i < 4000; i++)
        {
            if (held.Count > 0 && random.Next(2) == 0)
            {
                int at = random.Next(held.Count);
                held[at].Storage.Release();
                held.RemoveAt(at);
                continue;
            }

            int bytes = random.Next(4) switch { 0 => random.Next(1, 2000), 1 => random.Next(1, 300_000), 2 => random.Next(1, 3_000_000), _ => random.Next(1, 13_000_000) };
            Storage storage = device.Backend.Allocate(bytes);
            ulong start = Address(storage), end = start + (ulong)bytes;
            Assert.That(start % 512, Is.Zero);
            Assert.That(held.Any(h => h.Start < end && start < h.End), Is.False);
            held.Add((storage, start, end));
        }

        long live = held.Sum(h => ((CudaStorage)h.Storage).Block.Size);
        Assert.That(device.Backend.Memory.LiveBytes, Is.EqualTo(live));
        held.ForEach(h => h.Storage.Release());
        Assert.That(device.Backend.Memory.LiveBytes, Is.Zero);
        device.Backend.TrimCache();
        Assert.That(device.Backend.Memory.CachedBytes, Is.Zero, "everything was joined into whole segments");
    }

    [Test]
    public void Memory_does_what_the_contract_says()
    {
        using var device = new FakeDevice();
        Assert.That(BackendConformance.Memory(device.Backend), Is.Empty);
    }

    [Test]
    public void Before_memory_runs_out_cached_segments_are_given_back()
    {
        using var device = new FakeDevice();
        device.Driver.Capacity = 64 * Mebi;
        device.Backend.Allocate(40 * Mebi).Release();
        device.Backend.Allocate(50 * Mebi);
        Assert.That(device.Backend.Memory.CachedBytes, Is.Zero);
    }

    [Test]
    public void Without_memory_the_error_says_what_holds_it()
    {
        using var device = new FakeDevice();
        device.Driver.Capacity = 64 * Mebi;
        device.Backend.Allocate(40 * Mebi);
        Assert.That(() => device.Backend.Allocate(50 * Mebi), Throws.TypeOf<DeviceException>()
            .With.Message.Contains("no memory for a buffer of 52428800 bytes").And.Message.Contains("41943040 bytes are live in 1 buffers").And.Message.Contains("smaller batch"));
    }

    [Test]
    public void The_limit_of_the_options_holds()
    {
        using var device = new FakeDevice { Options = new CudaBackendOptions { MemoryLimit = 64 * Mebi } };
        device.Backend.Allocate(40 * Mebi);
        Assert.That(() => device.Backend.Allocate(30 * Mebi), Throws.TypeOf<DeviceException>().With.Message.Contains("the limit is 67108864 bytes"));
    }

    [Test]
    public void A_limit_that_is_too_small_is_refused()
    {
        using var device = new FakeDevice { Options = new CudaBackendOptions { MemoryLimit = Mebi } };
        Assert.That(() => device.Backend, Throws.TypeOf<ConfigurationException>().With.Message.Contains("1048576"));
    }

    [Test]
    public void No_memory_for_windows_is_refused()
    {
        using var device = new FakeDevice { Options = new CudaBackendOptions { UnrolledBytes = 0 } };
        Assert.That(() => device.Backend, Throws.TypeOf<ConfigurationException>().With.Message.EqualTo("cuda: the windows of convolutions may take 0 bytes, expected 1 or more"));
    }

    [Test]
    public void Nothing_is_left_when_the_backend_is_disposed()
    {
        using var device = new FakeDevice();
        device.Backend.Allocate(5 * Mebi);
        device.Backend.Dispose();
        Assert.That(device.Driver.Leaks, Is.Zero);
    }

    [Test]
    public void The_driver_is_told_to_wait_before_memory_is_given_back()
    {
        using var device = new FakeDevice();
        device.Backend.Allocate(5 * Mebi).Release();
        device.Driver.Calls.Clear();
        device.Backend.TrimCache();
        Assert.That(device.Driver.Calls, Is.EqualTo(new[] { nameof(ICudaDriver.StreamSynchronize), nameof(ICudaDriver.MemFree) }));
    }

    private static ulong Address(Storage storage) => ((CudaStorage)storage).Block.Address;
}
