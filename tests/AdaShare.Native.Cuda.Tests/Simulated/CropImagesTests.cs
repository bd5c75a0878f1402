using AdaShare.Native.Cpu;
using AdaShare.Native.CudaSimulation;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Tests.Simulated;

/// <summary>The kernel that scales, mirrors, pads and crops stored pixels gives the CPU's numbers, bit for bit.</summary>
[TestFixture]
public sealed class CropImagesTests
{
    private const int Height = 23, Width = 31, CropHeight = 17, CropWidth = 19, Channels = 3;

    [Test]
    public void Crops_are_those_of_the_cpu([Values(75, 80)] int computeCapability)
    {
        using var device = new SimulatedBackend(device: new SimulatedDeviceOptions { ComputeCapability = computeCapability });
        using var cpu = new CpuBackend(new CpuBackendOptions { Threads = 2 });
        Assert.That(Crop(device.Backend, 12), Is.EqualTo(Crop(cpu, 12)));
        device.AssertClean();
    }

    /// <summary>Windows of one launch are bounded, images of a batch are not.</summary>
    [Test]
    public void A_large_batch_takes_several_launches()
    {
        using var device = new SimulatedBackend();
        using var cpu = new CpuBackend(new CpuBackendOptions { Threads = 2 });
        Assert.That(Crop(device.Backend, 517, 2, 3), Is.EqualTo(Crop(cpu, 517, 2, 3)));
        device.AssertClean();
    }

    /// <summary>Numbers of more launches than fit their ring: none is overwritten before it is read.</summary>
    [Test]
    public void Windows_go_round_their_ring()
    {
        using var device = new SimulatedBackend();
        using var step = new Step(device.Backend, recordGradients: false);
        Tensor images = step.FromHost<byte>(new Shape(200, 1, 4, 3), [.. Enumerable.Range(0, 200 * 12).Select(static i => (byte)(i / 3 % 4))]);
        Tensor[] columns = [.. Enumerable.Range(0, 40).Select(k => step.CropImages(images, [.. Enumerable.Repeat(CropWindow.Unscaled(1, 4, 0, k % 4), 200)], [0, 0, 0], 1, 1))];
        for (int k = 0; k < columns.Length; k++)
        {
            Assert.That(columns[k].ToArray<float>(), Is.All.EqualTo((float)(k % 4)));
        }
    }

    private static float[] Crop(Backend backend, int count, int cropHeight = CropHeight, int cropWidth = CropWidth)
    {
        RandomStream numbers = RandomStream.For(7, "crops");
        CropWindow[] windows = [.. Enumerable.Range(0, count).Select(i =>
        {
            int Draw(int word, int low, int high) => low + numbers.Integer((ulong)((8 * i) + word), high - low + 1);
            return new CropWindow(Height, Width, Draw(0, 1, 2 * Height), Draw(1, 1, 2 * Width), Draw(2, -CropHeight, Height), Draw(3, -CropWidth, Width), Mirror: i % 2 == 1);
        })];
        byte[] pixels = [.. Enumerable.Range(0, count * Height * Width * Channels).Select(static i => (byte)RandomStream.For(7, "pixels").Integer((ulong)i, 256))];
        using var step = new Step(backend, recordGradients: false);
        Tensor images = step.FromHost<byte>(new Shape(count, Height, Width, Channels), pixels);
        return step.CropImages(images, windows, [104.00698793f, 116.66876762f, 122.67891434f], cropHeight, cropWidth).ToArray<float>();
    }
}
