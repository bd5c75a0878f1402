using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Cuda.Tests.Fakes;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Tests;

/// <summary>What is said when the driver or a library refuses.</summary>
[TestFixture]
public sealed class ErrorTests
{
    [Test]
    public void A_failed_launch_names_the_kernel_the_tensors_and_the_drivers_words()
    {
        using var device = new FakeDevice();
        Tensor tensor = Tensor.Allocate(device.Backend, new Shape(2, 3), DType.Float32);
        device.Driver.Fail(nameof(ICudaDriver.LaunchKernel), CudaResult.InvalidValue);
        Assert.That(() => device.Backend.Activation.Relu(tensor, tensor), Throws.TypeOf<DeviceException>().With.Message
            .EqualTo("cuda:0: relu_forward(Float32 [2, 3], Float32 [2, 3]) failed: CUDA_ERROR_InvalidValue (1): the driver's words for 1"));
        Assert.That(() => device.Backend.Activation.Relu(tensor, tensor), Throws.Nothing, "such an error costs nothing");
    }

    [TestCase(CudaResult.IllegalAddress)]
    [TestCase(CudaResult.MisalignedAddress)]
    [TestCase(CudaResult.LaunchFailed)]
    public void An_error_that_costs_the_context_is_repeated_by_every_later_call(CudaResult sticky)
    {
        using var device = new FakeDevice();
        Tensor tensor = Tensor.Allocate(device.Backend, new Shape(2), DType.Float32);
        device.Driver.Fail(nameof(ICudaDriver.StreamSynchronize), sticky);
        string first = Assert.Throws<DeviceException>(() => device.Backend.Synchronize())!.Message;
        Assert.That(first, Does.Contain($"({(int)sticky})").And.Contain("waiting for the device").And.Contain("in a new process"));
        foreach (Action later in (Action[])[() => device.Backend.Activation.Relu(tensor, tensor), () => tensor.ToArray<float>(), () => device.Backend.Allocate(8), device.Backend.TrimCache])
        {
            Assert.That(() => later(), Throws.TypeOf<DeviceException>().With.Message.EqualTo(first));
        }

        Assert.That(tensor.Storage.Release, Throws.Nothing, "memory is let go of without the driver");
        Assert.That(device.Backend.Dispose, Throws.Nothing);
    }

    [Test]
    public void With_synchronized_launches_the_error_names_the_launch_that_caused_it()
    {
        using var device = new FakeDevice { Options = new CudaBackendOptions { SynchronizeLaunches = true } };
        Tensor tensor = Tensor.Allocate(device.Backend, new Shape(2), DType.Float32);
        device.Driver.Fail(nameof(ICudaDriver.StreamSynchronize), CudaResult.IllegalAddress);
        Assert.That(() => device.Backend.Activation.Relu(tensor, tensor), Throws.TypeOf<DeviceException>().With.Message.Contains("relu_forward(Float32 [2]"));
    }

    [Test]
    public void A_failed_convolution_carries_cuDNNs_words()
    {
        using var device = new FakeDevice();
        device.Cudnn.Statuses.Enqueue(CudnnStatus.ExecutionFailed);
        Assert.That(() => Convolve(device), Throws.TypeOf<DeviceException>().With.Message
            .EqualTo("cuda:0: convolution Forward Float n1 5x5x2>3 k3x3 s1x1 p1x1 d1x1 nhwc a16 failed: CUDNN_STATUS_ExecutionFailed (5000): cuDNN's own words"));
    }

    [Test]
    public void A_failed_product_names_its_matrices()
    {
        using var device = new FakeDevice();
        device.Cublas.Status = CublasStatus.ExecutionFailed;
        Tensor a = Tensor.Allocate(device.Backend, new Shape(2, 3), DType.Float32), b = Tensor.Allocate(device.Backend, new Shape(4, 3), DType.Float32);
        Tensor c = Tensor.Allocate(device.Backend, new Shape(2, 4), DType.Float32);
        Assert.That(() => device.Backend.Matrix.Multiply(a, false, b, true, c, false), Throws.TypeOf<DeviceException>().With.Message
            .EqualTo("cuda:0: matrix product [2, 3] [4, 3]^T failed: CUBLAS_STATUS_ExecutionFailed (13)"));
    }

    [Test]
    public void A_missing_device_is_named()
    {
        using var device = new FakeDevice { Options = new CudaBackendOptions { Device = 3 } };
        Assert.That(() => device.Backend, Throws.TypeOf<DeviceException>().With.Message.EqualTo("cuda:3: the driver has 1 device, numbered from 0 to 0; choose one of them"));
    }

    [Test]
    public void A_driver_that_does_not_start_is_explained()
    {
        using var device = new FakeDevice();
        device.Driver.Fail(nameof(ICudaDriver.Init), CudaResult.NoDevice);
        Assert.That(() => device.Backend, Throws.TypeOf<DeviceException>().With.Message.Contains("cuInit failed").And.Message.Contains("use the CPU"));
        Assert.That(device.Driver.Leaks, Is.Zero);
    }

    [Test]
    public void A_device_that_is_too_old_is_refused()
    {
        using var device = new FakeDevice();
        device.Driver.Capability = (7, 0);
        Assert.That(() => device.Backend, Throws.TypeOf<DeviceException>().With.Message.Contains("compute capability 7.0; the kernels need 7.5 or newer"));
        Assert.That(device.Driver.Leaks, Is.Zero);
    }

    [TestCase(7, 5, ".target sm_75")]
    [TestCase(8, 0, ".target sm_80")]
    [TestCase(9, 0, ".target sm_80")]
    public void The_kernels_are_those_of_the_newest_architecture_that_the_device_has(int major, int minor, string target)
    {
        using var device = new FakeDevice();
        device.Driver.Capability = (major, minor);
        Tensor tensor = Tensor.Allocate(device.Backend, new Shape(2), DType.Float32);
        device.Backend.Activation.Relu(tensor, tensor);
        Assert.That(device.Driver.Image, Does.Contain(target));
    }

    [Test]
    public void What_the_compiler_of_the_driver_says_is_passed_on()
    {
        using var device = new FakeDevice();
        Tensor tensor = Tensor.Allocate(device.Backend, new Shape(2), DType.Float32);
        device.Driver.Fail(nameof(ICudaDriver.ModuleLoadDataEx), CudaResult.InvalidPtx);
        Assert.That(() => device.Backend.Activation.Relu(tensor, tensor), Throws.TypeOf<DeviceException>().With.Message
            .Contains("loading the kernels of activation for compute_80 by the driver for CUDA 12.2 (ptxas says no) failed"));
    }

    internal static Tensor Convolve(FakeDevice device)
    {
        Tensor input = Tensor.Allocate(device.Backend, new Shape(1, 5, 5, 2), DType.Float32), output = Tensor.Allocate(device.Backend, new Shape(1, 5, 5, 3), DType.Float32);
        Tensor filter = Tensor.Allocate(device.Backend, new Shape(3, 2, 3, 3), DType.Float32, isFilter: true);
        var geometry = Conv2dGeometry.Of(input.Shape, filter.Shape, new Conv2dOptions(1, 1));
        device.Backend.Convolution.Forward(geometry, input, filter, null, output);
        return output;
    }
}
