using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Cuda.Search;
using AdaShare.Native.Cuda.Tests.Fakes;

namespace AdaShare.Native.Cuda.Tests.Search;

[TestFixture]
internal sealed class DeviceCheckTests
{
    [TestCase(9, "compute_80")]
    [TestCase(7, "compute_75")]
    public void Every_embedded_kernel_is_given_to_the_driver(int major, string architecture)
    {
        using var device = new FakeDevice();
        device.Driver.Capability = (major, 5);
        CudaDeviceCheck check = CudaDeviceCheck.Run(device.Libraries, 0);
        Assert.That((check.Fault, check.Architecture), Is.EqualTo(((string?)null, architecture)));
        Assert.That(KernelModules.Embedded(architecture), Does.Contain("convolution").And.Contain("gate"));
        Assert.That(check.Modules, Is.EqualTo(KernelModules.Embedded(architecture).Count));
        Assert.That(device.Driver.Count("ModuleLoadDataEx"), Is.EqualTo(check.Modules));
        Assert.That(check.FreeBytes, Is.GreaterThan(0));
        Assert.That(device.Driver.Leaks, Is.Zero);
    }

    [Test]
    public void A_module_that_the_driver_refuses_is_named()
    {
        using var device = new FakeDevice();
        device.Driver.Fail("ModuleLoadDataEx", CudaResult.UnsupportedPtxVersion);
        CudaDeviceCheck check = CudaDeviceCheck.Run(device.Libraries, 0);
        Assert.That(check.Fault, Does.StartWith($"cuda:0: loading the kernels of {KernelModules.Embedded("compute_80")[0]} for compute_80"));
        Assert.That(check.Modules, Is.Zero);
        Assert.That(device.Driver.Leaks, Is.Zero);
    }

    [Test]
    public void Libraries_from_elsewhere_are_asked_for_their_devices()
    {
        using var device = new FakeDevice();
        CudaSearch search = CudaSearch.Of(device.Libraries);
        Assert.That(search.Libraries!.Origin, Is.EqualTo("fake"));
        Assert.That(search.Devices, Has.Count.EqualTo(1));
        device.Driver.Capability = (6, 1);
        Assert.That(CudaSearch.Of(device.Libraries).Obstacle, Does.StartWith("no GPU ").And.Contains("has compute capability 7.5 or more"));
        device.Driver.Fail("Init", CudaResult.NoDevice);
        Assert.That(CudaSearch.Of(device.Libraries).Obstacle, Does.Contain("finds no GPU"));
    }
}
