using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Cuda.Tests.Fakes;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Tests;

/// <summary>Which of cuDNN's engines run, and what descriptors say.</summary>
[TestFixture]
public sealed class ConvolutionPlanTests
{
    [TestCase(CudnnNumericalNote.Nondeterministic, false, true, false)]
    [TestCase(CudnnNumericalNote.Nondeterministic, false, false, true)]
    [TestCase(CudnnNumericalNote.TensorCore, false, true, false)]
    [TestCase(CudnnNumericalNote.TensorCore, true, true, true)]
    [TestCase(CudnnNumericalNote.Winograd, false, true, false)]
    [TestCase(CudnnNumericalNote.WinogradTile13x13, true, true, true)]
    [TestCase(CudnnNumericalNote.Fft, false, true, false)]
    [TestCase(CudnnNumericalNote.DownConvertInputs, true, false, false)]
    [TestCase(CudnnNumericalNote.ReducedPrecisionReduction, true, false, false)]
    [TestCase(CudnnNumericalNote.StrictNanPropagation, false, true, true)]
    public void Engines_are_filtered_by_what_they_do_to_numbers(CudnnNumericalNote note, bool tf32, bool deterministic, bool runs)
    {
        using var device = new FakeDevice { Options = new CudaBackendOptions { AllowTf32 = tf32, Deterministic = deterministic } };
        device.Cudnn.Best.Clear();
        device.Cudnn.Best.AddRange([new FakeEngine(1, note), new FakeEngine(2)]);
        ErrorTests.Convolve(device);
        Assert.That(device.Cudnn.Executed, Is.EqualTo(new[] { runs ? 1 : 2 }));
    }

    [Test]
    public void An_engine_that_refuses_is_passed_over_and_so_is_one_that_wants_too_much_memory()
    {
        using var device = new FakeDevice();
        device.Cudnn.Best.Clear();
        device.Cudnn.Best.AddRange([new FakeEngine(1) { Works = false }, new FakeEngine(2) { Workspace = 2L << 30 }]);
        ErrorTests.Convolve(device);
        Assert.That(device.Cudnn.Executed, Is.EqualTo(new[] { 90 }));
    }

    [Test]
    public void Transforms_are_used_in_full_single_precision_where_there_is_nothing_else([Values] bool autotune)
    {
        using var device = new FakeDevice { Options = new CudaBackendOptions { Autotune = autotune } };
        device.Cudnn.Best.Clear();
        device.Cudnn.Best.Add(new FakeEngine(1, CudnnNumericalNote.Winograd));
        device.Cudnn.Fallback.Clear();
        ErrorTests.Convolve(device);
        Assert.That(device.Cudnn.Executed[^1], Is.EqualTo(1));
    }

    [Test]
    public void Without_an_engine_the_error_says_what_could_be_allowed()
    {
        using var device = new FakeDevice();
        device.Cudnn.Best.Clear();
        device.Cudnn.Fallback.Clear();
        Assert.That(() => ErrorTests.Convolve(device), Throws.TypeOf<DeviceException>().With.Message
            .Contains("cuDNN 91900 has no engine for the convolution Forward Float n1 5x5x2>3 k3x3").And.Message.Contains("allow TF32"));
    }

    [Test]
    public void A_plan_serves_all_convolutions_of_its_geometry()
    {
        using var device = new FakeDevice();
        for (int i = 0; i < 3; i++)
        {
            ErrorTests.Convolve(device).Storage.Release();
        }

        Assert.That(device.Cudnn.Of(CudnnDescriptorType.ExecutionPlan).Count(), Is.EqualTo(1));
        Assert.That(device.Cudnn.Executed.Count, Is.EqualTo(3));
    }

    [Test]
    public void Tensors_are_described_channels_last()
    {
        using var device = new FakeDevice();
        ErrorTests.Convolve(device);
        FakeCudnn.Descriptor[] tensors = [.. device.Cudnn.Of(CudnnDescriptorType.Tensor)];
        Assert.Multiple(() =>
        {
            Assert.That(tensors[0].Longs(CudnnAttribute.TensorDimensions), Is.EqualTo(new long[] { 1, 2, 5, 5 }));
            Assert.That(tensors[0].Longs(CudnnAttribute.TensorStrides), Is.EqualTo(new long[] { 50, 1, 10, 2 }));
            Assert.That(tensors[1].Longs(CudnnAttribute.TensorDimensions), Is.EqualTo(new long[] { 3, 2, 3, 3 }));
            Assert.That(tensors[1].Longs(CudnnAttribute.TensorStrides), Is.EqualTo(new long[] { 18, 1, 6, 2 }));
            Assert.That(tensors[2].Longs(CudnnAttribute.TensorStrides), Is.EqualTo(new long[] { 75, 1, 15, 3 }));
        });
    }

    [Test]
    public void Rounded_gradients_of_filters_are_widened_by_a_kernel([Values] bool accumulate)
    {
        using var device = new FakeDevice();
        Tensor input = Tensor.Allocate(device.Backend, new Shape(1, 5, 5, 2), DType.BFloat16), gradOutput = Tensor.Allocate(device.Backend, new Shape(1, 5, 5, 3), DType.BFloat16);
        Tensor gradFilter = Tensor.Allocate(device.Backend, new Shape(3, 2, 3, 3), DType.Float32, isFilter: true);
        var geometry = Conv2dGeometry.Of(input.Shape, gradFilter.Shape, new Conv2dOptions(1, 1));
        device.Backend.Convolution.BackwardFilter(geometry, input, gradOutput, gradFilter, accumulate);
        Assert.That(Types(device), Is.EqualTo(new[] { CudnnDataType.Bfloat16, CudnnDataType.Bfloat16, CudnnDataType.Bfloat16 }), "input, gradient of the filter, gradient of the output");
        Assert.That(device.Driver.Kernels, Is.EqualTo(new[] { "cast_bfloat16_float32" }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Gradients_are_added_by_the_engine_or_by_a_kernel_of_ours(bool adds)
    {
        using var device = new FakeDevice();
        device.Cudnn.Best[0] = new FakeEngine(1) { Adds = adds };
        device.Cudnn.Fallback.Clear();
        Tensor input = Tensor.Allocate(device.Backend, new Shape(1, 5, 5, 2), DType.Float32), gradOutput = Tensor.Allocate(device.Backend, new Shape(1, 5, 5, 3), DType.Float32);
        Tensor gradFilter = Tensor.Allocate(device.Backend, new Shape(3, 2, 3, 3), DType.Float32, isFilter: true);
        var geometry = Conv2dGeometry.Of(input.Shape, gradFilter.Shape, new Conv2dOptions(1, 1));
        device.Backend.Convolution.BackwardFilter(geometry, input, gradOutput, gradFilter, accumulate: false);
        Assert.That(device.Driver.Kernels, Is.Empty);
        device.Backend.Convolution.BackwardFilter(geometry, input, gradOutput, gradFilter, accumulate: true);
        Assert.That(device.Driver.Kernels, Is.EqualTo(adds ? [] : new[] { "affine" }));
        Assert.That(device.Cudnn.Executed, Is.EqualTo(new[] { 1, 1 }));
        Assert.That(device.Cudnn.Of(CudnnDescriptorType.OperationConvolutionBackwardFilter).Select(static d => BitConverter.Int32BitsToSingle(d.Ints(CudnnAttribute.BackwardFilterBeta)[0])), Is.EqualTo(new[] { 0f, 1f }));
    }

    private static CudnnDataType[] Types(FakeDevice device) => [.. device.Cudnn.Of(CudnnDescriptorType.Tensor).Select(static t => (CudnnDataType)t.Ints(CudnnAttribute.TensorDataType)[0])];

    [Test]
    public void Tuning_takes_the_fastest_engine_and_remembers_it()
    {
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"engines-{Guid.NewGuid():N}.json");
        try
        {
            using (FakeDevice device = Tuned(path))
            {
                // Three timed runs after one to warm up, for engines 1, 2 and 90.
                Array.ForEach([9f, 5f, 5f, 5f, 9f, 2f, 3f, 4f, 9f, 7f, 7f, 7f], device.Driver.Milliseconds.Enqueue);
                ErrorTests.Convolve(device);
                Assert.That(device.Cudnn.Executed[^1], Is.EqualTo(2));
                Assert.That(device.Cudnn.Executed.Count, Is.EqualTo(13));
            }

            using (FakeDevice device = Tuned(path))
            {
                ErrorTests.Convolve(device);
                Assert.That(device.Cudnn.Executed, Is.EqualTo(new[] { 2 }), "the file names the engine, nothing is timed");
                FakeCudnn.Descriptor knob = device.Cudnn.Of(CudnnDescriptorType.KnobChoice).Single();
                Assert.That(knob.Ints(CudnnAttribute.KnobChoiceType)[0], Is.EqualTo(7));
                Assert.That(knob.Longs(CudnnAttribute.KnobChoiceValue)[0], Is.EqualTo(42));
            }

            File.WriteAllText(path, "{");
            using (FakeDevice device = Tuned(path))
            {
                Assert.That(() => ErrorTests.Convolve(device), Throws.TypeOf<ConfigurationException>().With.Message.Contains(path));
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Test]
    public void Every_descriptor_is_destroyed()
    {
        FakeCudnn cudnn;
        using (var device = new FakeDevice())
        {
            cudnn = device.Cudnn;
            cudnn.Best.Insert(0, new FakeEngine(5) { Works = false });
            ErrorTests.Convolve(device);
        }

        Assert.That(cudnn.Leaks, Is.Zero);
    }

    private static FakeDevice Tuned(string path)
    {
        var device = new FakeDevice { Options = new CudaBackendOptions { Autotune = true, AutotuneFile = path } };
        device.Cudnn.Best.Add(new FakeEngine(2));
        return device;
    }
}
