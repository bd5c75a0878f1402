using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Cuda.Tests.Fakes;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Tests;

/// <summary>Copies between host and device.</summary>
[TestFixture]
public sealed class TransferTests
{
    [TestCase(1)]
    [TestCase(16_384)]
    [TestCase(16_385)]
    [TestCase(1_048_576)]
    [TestCase(5_000_001)]
    public void What_goes_up_comes_down(int count)
    {
        using var device = new FakeDevice();
        float[] values = [.. Enumerable.Range(0, count).Select(static i => (float)i)];
        Tensor tensor = Tensor.Allocate(device.Backend, new Shape(count), DType.Float32);
        tensor.CopyFrom<float>(values);
        Assert.That(tensor.ToArray<float>().AsSpan().SequenceEqual(values), Is.True);
    }

    [Test]
    public void Parts_are_copied_at_their_offset()
    {
        using var device = new FakeDevice();
        Tensor tensor = Tensor.Allocate(device.Backend, new Shape(5), DType.Int32);
        tensor.CopyFrom<int>([1, 2, 3, 4, 5]);
        tensor.Part(1, new Shape(3)).CopyFrom<int>([7, 8, 9]);
        Assert.That(tensor.ToArray<int>(), Is.EqualTo(new[] { 1, 7, 8, 9, 5 }));
    }

    [Test]
    public void Many_copies_go_round_the_ring()
    {
        using var device = new FakeDevice();
        Tensor tensor = Tensor.Allocate(device.Backend, new Shape(700_000), DType.Float32);
        for (int i = 0; i < 20; i++)
        {
            float[] values = new float[700_000];
            Array.Fill(values, i);
            tensor.CopyFrom<float>(values);
            Assert.That(tensor.ToArray<float>(), Is.All.EqualTo((float)i));
        }

        Assert.That(device.Driver.Count(nameof(ICudaDriver.MemHostAlloc)), Is.EqualTo(2), "one ring a direction");
    }

    [Test]
    public void Many_small_copies_need_few_events()
    {
        using var device = new FakeDevice();
        Tensor tensor = Tensor.Allocate(device.Backend, new Shape(1), DType.Float32);
        for (int i = 0; i < 1000; i++)
        {
            tensor.CopyFrom<float>([i]);
        }

        Assert.That(device.Driver.Count(nameof(ICudaDriver.EventCreate)), Is.LessThan(20));
    }

    [Test]
    public void A_large_copy_waits_for_the_last_use_of_its_target_and_is_waited_for()
    {
        using var device = new FakeDevice();
        Tensor tensor = Tensor.Allocate(device.Backend, new Shape(100_000), DType.Float32);
        device.Backend.Elementwise.Fill(tensor, 1);
        device.Driver.Calls.Clear();
        tensor.CopyFrom<float>(new float[100_000]);
        Assert.That(device.Driver.Calls, Is.EqualTo(new[]
        {
            nameof(ICudaDriver.EventCreate), nameof(ICudaDriver.EventRecord), nameof(ICudaDriver.StreamWaitEvent),
            nameof(ICudaDriver.MemcpyHtoDAsync), nameof(ICudaDriver.EventCreate), nameof(ICudaDriver.EventRecord), nameof(ICudaDriver.StreamWaitEvent),
        }));
    }

    [Test]
    public void Uploads_and_kernels_do_not_wait_for_the_device()
    {
        using var device = new FakeDevice();
        Tensor tensor = Tensor.Allocate(device.Backend, new Shape(100_000), DType.Float32);
        device.Driver.Calls.Clear();
        for (int i = 0; i < 3; i++)
        {
            tensor.CopyFrom<float>(new float[100_000]);
            device.Backend.Activation.Relu(tensor, tensor);
        }

        Assert.That(device.Driver.Calls.Where(static c => c.Contains("Synchronize", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void Tensors_of_another_device_are_named()
    {
        using var device = new FakeDevice();
        using var other = new FakeDevice();
        Tensor tensor = Tensor.Allocate(device.Backend, new Shape(4), DType.Float32);
        Assert.That(() => other.Backend.Elementwise.Fill(tensor, 1), Throws.TypeOf<DeviceException>().With.Message.Contains("Float32 [4] is on cuda:0"));
    }

    [Test]
    public void A_tensor_whose_memory_is_released_has_no_address()
    {
        using var device = new FakeDevice();
        Tensor tensor = Tensor.Allocate(device.Backend, new Shape(4), DType.Float32);
        tensor.Storage.Release();
        Assert.That(() => tensor.ToArray<float>(), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void After_the_release_nothing_reaches_the_driver()
    {
        var device = new FakeDevice();
        Tensor tensor = Tensor.Allocate(device.Backend, new Shape(1 << 20), DType.Float32);
        tensor.CopyFrom<float>(new float[1 << 20]);
        device.Backend.Dispose();
        int calls = device.Driver.Calls.Count;
        Assert.Multiple(() =>
        {
            Assert.That(() => tensor.ToArray<float>(), Throws.InstanceOf<ObjectDisposedException>().With.Message.Contains("has been disposed"));
            Assert.That(() => device.Backend.Elementwise.Fill(tensor, 1), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => device.Backend.Allocate(8), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(tensor.Storage.Release, Throws.Nothing);
            Assert.That(device.Driver.Calls, Has.Count.EqualTo(calls));
        });
        device.Dispose();
    }

    [Test]
    public void A_second_thread_is_refused()
    {
        using var device = new FakeDevice();
        Tensor tensor = Tensor.Allocate(device.Backend, new Shape(4), DType.Float32);
        Exception? error = null;
        device.Backend.RunStep("key", () =>
        {
            var thread = new Thread(() => error = Assert.Catch(() => tensor.CopyFrom<float>([1, 2, 3, 4])));
            thread.Start();
            thread.Join();
        });
        Assert.That(error, Is.TypeOf<InvalidOperationException>().With.Message.Contains("one thread at a time"));
    }

    [Test]
    public void Double_precision_is_refused()
    {
        using var device = new FakeDevice();
        Assert.That(() => Tensor.Allocate(device.Backend, new Shape(4), DType.Float64), Throws.TypeOf<DeviceException>().With.Message.Contains("Float64"));
    }
}
