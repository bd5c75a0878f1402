using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Conformance.Checks;
using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Tests.Simulated;

/// <summary>What is particular to bfloat16: products of it are summed in single precision, filters are rounded copies that optimisers keep up to date.</summary>
[TestFixture]
public sealed class Bfloat16Tests
{
    private const float Tolerance = 2e-5f;

    // Half a step of bfloat16.
    private const float Rounding = 1f / 256;

    private static readonly Shape Input = new(2, 7, 6, 5);
    private static readonly Shape Filter = new(4, 5, 3, 3);

    [Test]
    public void The_gradient_of_a_filter_is_summed_in_single_precision_and_by_cuDNN_rounded_once([Values] ConvolutionEngine engine, [Values] bool accumulate, [Values] bool autotune)
    {
        using var device = new SimulatedBackend(new CudaBackendOptions { Convolutions = engine, Autotune = autotune });
        using var cpu = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        float[] expected = FilterGradient(cpu, DType.Float32, accumulate), actual = FilterGradient(device.Backend, DType.BFloat16, accumulate);
        float tolerance = engine == ConvolutionEngine.Products ? Tolerance : Rounding;
        Assert.That(actual, Is.EqualTo(expected).Within(tolerance * expected.Max(Math.Abs)));
        device.AssertClean();
    }

    [Test]
    public void Optimisers_keep_rounded_filters_up_to_date([Values] bool adam, [Values] bool duringBackward)
    {
        using var device = new SimulatedBackend();
        using (var store = new ParameterStore())
        {
            ParameterGroup group = store.Group("weights");
            var layer = new Conv2dLayer(group, "conv", 5, 4, 3, new Conv2dOptions(1, 1), bias: true);
            store.Allocate(device.Backend, DType.Float32);
            store.Initialize(3);
            using Optimizer optimizer = adam ? new Adam(store, [new OptimizerGroup(group, 0.1)], []) : new Sgd(store, [new OptimizerGroup(group, 0.1)], [], momentum: 0.9);
            for (int i = 0; i < 2; i++)
            {
                using var step = new Step(device.Backend);
                Tensor images = step.FromDoubles(Input, DType.BFloat16, Numbers("input", Input));
                Tensor loss = step.Mean(step.Square(layer.Forward(step, images)));
                if (duringBackward)
                {
                    optimizer.BackwardAndStep(step, loss);
                }
                else
                {
                    optimizer.ClearGradients();
                    step.Backward(loss);
                    optimizer.Step();
                }

                AssertRounded(layer.Weight);
            }

            layer.Weight.Value.CopyFromDoubles(Numbers("another filter", Filter));
            AssertRounded(layer.Weight);
            layer.Weight.Fill(static i => i * 0.123);
            AssertRounded(layer.Weight);
        }

        device.AssertClean();
    }

    [Test]
    public void Fills_casts_and_copies_take_it()
    {
        using var device = new SimulatedBackend();
        foreach (KernelCase kernel in KernelCases.All.Where(static kernel => kernel.TakesBfloat16))
        {
            Assert.That(BackendConformance.Kernel(kernel, device.Backend, DType.BFloat16), Is.Empty, kernel.Name);
        }

        device.AssertClean();
    }

    private static void AssertRounded(Parameter parameter)
    {
        double[] values = parameter.Value.ToDoubles();
        Assert.That(parameter.For(DType.BFloat16).ToDoubles(), Is.EqualTo(Array.ConvertAll(values, static v => (double)(float)(BFloat16)(float)v)));
        Assert.That(parameter.For(DType.Float32), Is.SameAs(parameter.Value));
    }

    /// <summary>The gradient of a filter over an input and an output's gradient that bfloat16 holds exactly.</summary>
    private static float[] FilterGradient(Backend backend, DType type, bool accumulate)
    {
        using var step = new Step(backend, recordGradients: false);
        var geometry = Conv2dGeometry.Of(Input, Filter, new Conv2dOptions(2, 1));
        var outputShape = new Shape(geometry.Batch, geometry.OutputHeight, geometry.OutputWidth, geometry.OutputChannels);
        Tensor input = step.FromDoubles(Input, type, Numbers("input", Input)), gradOutput = step.FromDoubles(outputShape, type, Numbers("gradient", outputShape));
        Tensor gradFilter = step.NewFilter(Filter, DType.Float32);
        backend.Elementwise.Fill(gradFilter, -0.5);
        backend.Convolution.BackwardFilter(geometry, input, gradOutput, gradFilter, accumulate);
        return gradFilter.ToArray<float>();
    }

    private static double[] Numbers(string name, Shape shape) =>
        [.. Enumerable.Range(0, (int)shape.Count).Select(i => (double)(float)(BFloat16)(float)RandomStream.For(5, name).Normal((ulong)i))];
}
