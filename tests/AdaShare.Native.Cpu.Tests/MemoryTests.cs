using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests;

/// <summary>The allocator: reuse, statistics, errors.</summary>
[TestFixture]
public sealed class MemoryTests
{
    [Test]
    public unsafe void A_freed_block_serves_the_next_request_of_its_class()
    {
        using CpuBackend backend = One();
        Storage first = backend.Allocate(1000);
        byte* address = ((CpuStorage)first).Pointer;
        first.Release();
        Storage second = backend.Allocate(1024);
        Assert.Multiple(() =>
        {
            Assert.That(((CpuStorage)second).Pointer == address, Is.True);
            Assert.That((long)address % CpuAllocator.Alignment, Is.Zero);
            Assert.That(backend.Memory.SystemAllocations, Is.EqualTo(1));
        });
    }

    [Test]
    public void Statistics_count_what_is_live_cached_and_at_the_peak()
    {
        using CpuBackend backend = One();
        Storage a = backend.Allocate(1024), b = backend.Allocate(2048);
        Assert.That(backend.Memory, Is.EqualTo(new MemoryStatistics(2, 3072, 3072, 0, 2)));
        a.Release();
        Assert.That(backend.Memory, Is.EqualTo(new MemoryStatistics(1, 2048, 3072, 1024, 2)));
        backend.ResetPeak();
        Assert.That(backend.Memory.PeakBytes, Is.EqualTo(2048));
        backend.TrimCache();
        Assert.That(backend.Memory.CachedBytes, Is.Zero);
        b.Release();
        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void A_block_is_held_until_its_last_holder_lets_go()
    {
        using CpuBackend backend = One();
        Storage storage = backend.Allocate(64);
        storage.Retain();
        storage.Release();
        Assert.That(backend.Memory.LiveBuffers, Is.EqualTo(1));
        storage.Release();
        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void Releasing_twice_is_an_error_even_after_the_block_was_given_out_again()
    {
        using CpuBackend backend = One();
        Storage storage = backend.Allocate(64);
        storage.Release();
        Storage next = backend.Allocate(64);
        Assert.That(storage.Release, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(next.IsFreed, Is.False);
    }

    [Test]
    public void A_tensor_whose_memory_is_released_has_no_address()
    {
        using CpuBackend backend = One();
        var tensor = Tensor.Allocate(backend, new Shape(4), DType.Float32);
        tensor.Storage.Release();
        Assert.That(() => tensor.ToArray<float>(), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void Poisoned_memory_reads_as_NaN()
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1, PoisonMemory = true });
        var tensor = Tensor.Allocate(backend, new Shape(3), DType.Float32);
        Assert.That(tensor.ToArray<float>(), Is.All.NaN);
        tensor.CopyFrom<float>([1, 2, 3]);
        tensor.Storage.Release();
        Assert.That(Tensor.Allocate(backend, new Shape(3), DType.Float32).ToArray<float>(), Is.All.NaN);
    }

    [Test]
    public unsafe void With_poison_a_write_past_the_end_is_found_at_the_release()
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1, PoisonMemory = true });
        Storage storage = backend.Allocate(10);
        ((CpuStorage)storage).Pointer[10] = 0;
        Assert.That(storage.Release, Throws.InvalidOperationException.With.Message.Contains("byte 10 of a buffer of 10"));
    }

    [Test]
    public void A_request_beyond_the_system_names_what_is_live()
    {
        using CpuBackend backend = One();
        Assert.That(() => backend.Allocate(1L << 60), Throws.TypeOf<DeviceException>().With.Message.Contains("0 buffers"));
    }

    [Test]
    public void Views_with_an_offset_transfer_their_own_elements()
    {
        using CpuBackend backend = One();
        var tensor = Tensor.Allocate(backend, new Shape(5), DType.Float32);
        tensor.CopyFrom<float>([1, 2, 3, 4, 5]);
        Tensor part = tensor.Part(1, new Shape(3));
        part.CopyFrom<float>([7, 8, 9]);
        Assert.That(part.ToArray<float>(), Is.EqualTo(new float[] { 7, 8, 9 }));
        Assert.That(tensor.ToArray<float>(), Is.EqualTo(new float[] { 1, 7, 8, 9, 5 }));
    }

    [TestCase(0, 256)]
    [TestCase(256, 256)]
    [TestCase(257, 320)]
    [TestCase(512, 512)]
    [TestCase(513, 640)]
    [TestCase(1_000_000, 1_048_576)]
    [TestCase((64L << 20) + 1, 66L << 20)]
    public void Sizes_are_rounded_to_four_classes_an_octave(long bytes, long expected) => Assert.That(SizeClasses.RoundUp(bytes), Is.EqualTo(expected));

    [Test]
    public void Threads_out_of_range_are_refused() =>
        Assert.That(static () => new CpuBackend(new CpuBackendOptions { Threads = 0 }), Throws.TypeOf<ConfigurationException>().With.Message.Contains("threads is 0"));

    private static CpuBackend One() => new(new CpuBackendOptions { Threads = 1, PoisonMemory = false });

    [Test]
    public void Tensors_of_bfloat16_are_refused()
    {
        using var backend = new CpuBackend();
        Assert.That(
            () => Tensor.Allocate(backend, new Shape(2), DType.BFloat16), Throws.TypeOf<Engine.Errors.DeviceException>().With.Message.EqualTo("cpu does not compute in BFloat16; use Float32"));
    }
}
