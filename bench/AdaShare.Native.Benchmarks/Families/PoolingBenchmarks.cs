using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Benchmarks.Families;

/// <summary>The stem's max pooling, an average with the same windows, the average over all of the features' pixels, and the k-max pooling that ends VD-CNN (8 of an eighth of the text, 512 channels).</summary>
internal static class PoolingBenchmarks
{
    private const int Kernel = 3;
    private const int Stride = 2;
    private const int Padding = 1;
    private const int Taken = 8;
    private const int TextChannels = 512;
    private const int TextReduction = 8;

    public static IEnumerable<BenchmarkCase> Of(NetworkShapes network, BenchmarkScale scale)
    {
        int columns = Math.Max(Taken, scale.TextLength / TextReduction), channels = (int)(TextChannels * scale.Width);
        var text = new Extents(('N', scale.Texts), ('H', 1), ('W', columns), ('K', Taken), ('C', channels));
        Shape stem = network.Activations[0].Shape, features = network.Features;
        return
        [
            Max("max", stem, [Input, Output, Indices.Written()], static (backend, x) =>
            {
                PoolGeometry g = Windows(x[0].Shape);
                return () => backend.Pooling.Max(g, x[0], x[1], x[2]);
            }),
            Max("max-inference", stem, [Input, Output], static (backend, x) =>
            {
                PoolGeometry g = Windows(x[0].Shape);
                return () => backend.Pooling.Max(g, x[0], x[1], indices: null);
            }),
            Max("max-backward", stem, [Indices, Gradient, GradientOfInput], static (backend, x) =>
            {
                PoolGeometry g = Windows(x[2].Shape);
                return () => backend.Pooling.MaxBackward(g, x[0], x[1], x[2], accumulate: false);
            }) with
            {
                Prepare = static (backend, x) => NameMaxima(backend, x[0], x[1].Shape, x[2].Shape),
            },
            Average("average", stem, Windows, nameof(PoolingOps.AveragePool2d)),
            AverageBackward("average-backward", stem, Windows, nameof(PoolingOps.AveragePool2d)),
            Average("global-average", features, Everything, nameof(PoolingOps.GlobalAveragePool)),
            AverageBackward("global-average-backward", features, Everything, nameof(PoolingOps.GlobalAveragePool)),
            KMax("k-max", text, [Input, OfColumns("output").Written(), Columns.Written()], static (backend, x) => () => backend.Pooling.KMax(x[0], x[1], x[2])),
            KMax("k-max-backward", text, [Columns, OfColumns("gradient of output"), GradientOfInput], static (backend, x) => () => backend.Pooling.KMaxBackward(x[0], x[1], x[2], accumulate: false)) with
            {
                Prepare = static (backend, x) => NameColumns(backend, x[0], x[2].Shape),
            },
        ];
    }

    private static Operand Input => Operand.Activation("input", "NHWC");

    private static Operand Output => Operand.Activation("output", "NPQC").Written();

    private static Operand Indices => Operand.Integers("indices", "NPQC", Fills.Constant(0));

    private static Operand Gradient => Operand.Activation("gradient of output", "NPQC");

    private static Operand GradientOfInput => Operand.Activation("gradient of input", "NHWC").Written();

    private static Operand Columns => Operand.Integers("columns", "NHKC", Fills.Constant(0));

    private static Operand OfColumns(string name) => Operand.Activation(name, "NHKC");

    private static BenchmarkCase KMax(string variant, Extents text, Operand[] operands, KernelCall call) => new("pooling", variant, text, operands, call)
    {
        Ops = [nameof(PoolingOps.KMaxPool)],
        Samples = [('N', 1), ('C', 16)],
    };

    private static BenchmarkCase Max(string variant, Shape input, Operand[] operands, KernelCall call) => Case(variant, Windows(input), operands, call, nameof(PoolingOps.MaxPool2d));

    private static BenchmarkCase Average(string variant, Shape input, Func<Shape, PoolGeometry> rule, string op) => Case(
        variant,
        rule(input),
        [Input, Output],
        (backend, x) =>
        {
            PoolGeometry g = rule(x[0].Shape);
            return () => backend.Pooling.Average(g, x[0], x[1]);
        },
        op);

    private static BenchmarkCase AverageBackward(string variant, Shape input, Func<Shape, PoolGeometry> rule, string op) => Case(
        variant,
        rule(input),
        [Gradient, GradientOfInput],
        (backend, x) =>
        {
            PoolGeometry g = rule(x[1].Shape);
            return () => backend.Pooling.AverageBackward(g, x[0], x[1], accumulate: false);
        },
        op);

    private static BenchmarkCase Case(string variant, in PoolGeometry g, Operand[] operands, KernelCall call, string op) => new(
        "pooling",
        variant,
        new Extents(('N', g.Batch), ('H', g.InputHeight), ('W', g.InputWidth), ('P', g.OutputHeight), ('Q', g.OutputWidth), ('C', g.Channels)),
        operands,
        call)
    {
        Ops = [op],
        Samples = [('N', 1), ('C', 16)],
    };

    /// <summary>Writes the indices of the maxima of an input: noise of the device's own stands for it.</summary>
    private static void NameMaxima(Backend backend, Tensor indices, Shape output, Shape input)
    {
        using var step = new Step(backend, recordGradients: false);
        Tensor noise = step.New(input, DType.Float32);
        backend.Gate.GumbelNoise(RandomStream.For(1, "benchmark/pooling"), noise);
        backend.Pooling.Max(Windows(input), noise, step.New(output, DType.Float32), indices);
    }

    /// <summary>As <see cref="NameMaxima"/>, for the columns that a k-max pooling takes.</summary>
    private static void NameColumns(Backend backend, Tensor columns, Shape input)
    {
        using var step = new Step(backend, recordGradients: false);
        Tensor noise = step.New(input, DType.Float32);
        backend.Gate.GumbelNoise(RandomStream.For(1, "benchmark/k-max"), noise);
        backend.Pooling.KMax(noise, step.New(columns.Shape, DType.Float32), columns);
    }

    private static PoolGeometry Windows(Shape input) => PoolGeometry.Of("benchmark", input, Kernel, Kernel, Stride, Padding, ceilMode: true, countPadding: true);

    private static PoolGeometry Everything(Shape input) => new(input[0], input[1], input[2], input[3], 1, 1, input[1], input[2], 1, 0, CountPadding: true);
}
