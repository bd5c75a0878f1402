using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Tests.Simulated;

/// <summary>Convolutions in bfloat16 are those of operands that were rounded to it, with sums in single precision.</summary>
[TestFixture]
public sealed class Bfloat16Tests
{
    private const float Tolerance = 2e-5f;

    private static readonly Shape Input = new(2, 7, 6, 5);
    private static readonly Shape Filter = new(4, 5, 3, 3);

    [Test]
    public void Convolutions_are_those_of_rounded_operands([Values] bool accumulate, [Values] bool autotune)
    {
        using var device = new SimulatedBackend(new CudaBackendOptions { Convolutions = ConvolutionPrecision.Bfloat16, Autotune = autotune });
        using var cpu = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        float[][] expected = Run(cpu, accumulate, round: true), actual = Run(device.Backend, accumulate, round: false);
        for (int i = 0; i < expected.Length; i++)
        {
            float largest = expected[i].Max(Math.Abs);
            Assert.That(actual[i], Is.EqualTo(expected[i]).Within(Tolerance * largest), $"result {i}");
        }

        device.AssertClean();
    }

    /// <summary>Output, gradient of the input and gradient of the filter.</summary>
    private static float[][] Run(Backend backend, bool accumulate, bool round)
    {
        using var step = new Step(backend, recordGradients: false);
        var geometry = Conv2dGeometry.Of(Input, Filter, new Conv2dOptions(2, 1));
        var outputShape = new Shape(geometry.Batch, geometry.OutputHeight, geometry.OutputWidth, geometry.OutputChannels);
        double[] Numbers(string name, Shape shape) =>
            [.. Enumerable.Range(0, (int)shape.Count).Select(i => (float)RandomStream.For(5, name).Normal((ulong)i)).Select(x => (double)(round ? Round(x) : x))];
        Tensor input = step.FromDoubles(Input, DType.Float32, Numbers("input", Input));
        Tensor filter = step.Filter(Filter, DType.Float32, Numbers("filter", Filter));
        Tensor gradOutput = step.FromDoubles(outputShape, DType.Float32, Numbers("gradient", outputShape));
        Tensor output = step.New(outputShape, DType.Float32), gradInput = step.New(Input, DType.Float32), gradFilter = step.NewFilter(Filter, DType.Float32);
        backend.Elementwise.Fill(gradInput, 0.25);
        backend.Elementwise.Fill(gradFilter, -0.5);
        backend.Convolution.Forward(geometry, input, filter, null, output);
        backend.Convolution.BackwardInput(geometry, gradOutput, filter, gradInput, accumulate);
        backend.Convolution.BackwardFilter(geometry, input, gradOutput, gradFilter, accumulate);
        return [output.ToArray<float>(), gradInput.ToArray<float>(), gradFilter.ToArray<float>()];
    }

    /// <summary>The nearest bfloat16, ties to even.</summary>
    private static float Round(float x)
    {
        uint bits = BitConverter.SingleToUInt32Bits(x);
        return BitConverter.UInt32BitsToSingle((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000);
    }
}
