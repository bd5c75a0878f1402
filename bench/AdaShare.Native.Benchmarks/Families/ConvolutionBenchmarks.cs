using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.Benchmarks.Families;

/// <summary>Every distinct convolution of the networks: forward pass, gradient of the input (data), gradient of the filter.</summary>
internal static class ConvolutionBenchmarks
{
    private const string Stem = "stem";

    public static IEnumerable<BenchmarkCase> Of(NetworkShapes network)
    {
        foreach (NetworkConvolution c in network.Convolutions)
        {
            yield return Forward(c);
            if (c.Role != Stem)
            {
                // Nobody needs the gradient of the images.
                yield return Data(c);
            }

            yield return Filter(c);
        }
    }

    private static BenchmarkCase Forward(NetworkConvolution c)
    {
        Conv2dOptions options = c.Geometry.Options;
        Operand[] operands = [Operand.Activation("input", "NHWI"), ReadFilter(c), Operand.Activation("output", "NPQO").Written()];
        KernelCall call = (backend, x) =>
        {
            Conv2dGeometry g = Conv2dGeometry.Of(x[0].Shape, x[1].Shape, options);
            return () => backend.Convolution.Forward(g, x[0], x[1], x.Count > 3 ? x[3] : null, x[2]);
        };
        return Case("forward", c, c.AddsBias ? [.. operands, Operand.Parameter("bias", "O")] : operands, call, ('N', 1), ('O', 2));
    }

    private static BenchmarkCase Data(NetworkConvolution c)
    {
        Conv2dOptions options = c.Geometry.Options;
        Operand[] operands = [Operand.Activation("gradient of output", "NPQO"), ReadFilter(c), Operand.Activation("gradient of input", "NHWI").Written()];
        KernelCall call = (backend, x) =>
        {
            Conv2dGeometry g = Conv2dGeometry.Of(x[2].Shape, x[1].Shape, options);
            return () => backend.Convolution.BackwardInput(g, x[0], x[1], x[2], accumulate: false);
        };
        return Case("data", c, operands, call, ('N', 1), ('I', 2));
    }

    private static BenchmarkCase Filter(NetworkConvolution c)
    {
        Conv2dOptions options = c.Geometry.Options;
        Operand[] operands = [Operand.Activation("input", "NHWI"), Operand.Activation("gradient of output", "NPQO"), Operand.Filter("gradient of filter", "OIab").Written()];
        KernelCall call = (backend, x) =>
        {
            Conv2dGeometry g = Conv2dGeometry.Of(x[0].Shape, x[2].Shape, options);
            return () => backend.Convolution.BackwardFilter(g, x[0], x[1], x[2], accumulate: false);
        };
        return Case("filter", c, operands, call, ('I', 2), ('O', 2));
    }

    private static Operand ReadFilter(NetworkConvolution c) => Operand.Filter("filter", "OIab") with { Touched = UsedFilter(c.Geometry) };

    private static BenchmarkCase Case(string direction, NetworkConvolution c, Operand[] operands, KernelCall call, params (char Axis, int Count)[] samples)
    {
        Conv2dGeometry g = c.Geometry;
        var extents = new Extents(
            ('N', g.Batch), ('H', g.InputHeight), ('W', g.InputWidth), ('I', g.InputChannels), ('P', g.OutputHeight), ('Q', g.OutputWidth), ('O', g.OutputChannels),
            ('a', g.KernelHeight), ('b', g.KernelWidth));
        return new BenchmarkCase("convolution", $"{direction}-{c.Role}", extents, operands, call)
        {
            Ops = [nameof(ConvolutionOps.Conv2d)],
            MultiplyAdds = g.UsefulMultiplyAdds,
            Rounding = Rounding.Products,
            Samples = [.. samples.Where(sample => extents[sample.Axis] > sample.Count)],
        };
    }

    /// <summary>The filter's elements that meet the image at all: with a large dilation the outer taps lie in the padding everywhere.</summary>
    private static long UsedFilter(in Conv2dGeometry g) => (long)g.InputChannels * g.OutputChannels
        * UsedTaps(g.InputHeight, g.OutputHeight, g.KernelHeight, g.Options.StrideHeight, g.Options.PadHeight, g.Options.DilationHeight)
        * UsedTaps(g.InputWidth, g.OutputWidth, g.KernelWidth, g.Options.StrideWidth, g.Options.PadWidth, g.Options.DilationWidth);

    private static int UsedTaps(int input, int output, int kernel, int stride, int pad, int dilation) =>
        Enumerable.Range(0, kernel).Count(k => Enumerable.Range(0, output).Any(o => (uint)((o * stride) - pad + (k * dilation)) < (uint)input));
}
