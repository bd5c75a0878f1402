using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>The parts of the kernel contract that the op catalogue does not reach.</summary>
public static class KernelCases
{
    private const int Steps = 4;

    /// <summary>All cases.</summary>
    public static IReadOnlyList<KernelCase> All { get; } =
    [
        Sgd("plain", 37, 0, 0, nesterov: false),
        Sgd("with momentum", 37, 0.9, 0, nesterov: false),
        Sgd("with momentum and weight decay", 1021, 0.9, 1e-2, nesterov: false),
        Sgd("with Nesterov momentum", 37, 0.9, 1e-2, nesterov: true),
        Adam("plain", 37, 0.9, 0.999, 0),
        Adam("with the warm-up's betas and weight decay", 1021, 0.5, 0.999, 1e-2),
        Multiply("left and right transposed", transposeLeft: true, transposeRight: true, accumulate: false),
        Multiply("added, nothing transposed", transposeLeft: false, transposeRight: false, accumulate: true),
        Multiply("added, left transposed", transposeLeft: true, transposeRight: false, accumulate: true),
        Multiply("added, both transposed", transposeLeft: true, transposeRight: true, accumulate: true),
        new("affine broadcast, shifted, over the target", (step, type) => Affine(step, type, accumulate: false)) { TakesBfloat16 = true },
        new("affine broadcast, shifted, on top of the target", (step, type) => Affine(step, type, accumulate: true)) { TakesBfloat16 = true },
        new("fill of every type", Fill) { IsPointwise = true, TakesBfloat16 = true },
        new("cast between every pair of types", Cast) { IsPointwise = true, TakesBfloat16 = true },
        new("blocks with strides leave the rest alone", (step, type) => CopyBlocks(step, type, accumulate: false)) { IsPointwise = true, TakesBfloat16 = true },
        new("blocks with strides added", (step, type) => CopyBlocks(step, type, accumulate: true)) { IsPointwise = true, TakesBfloat16 = true },
        new("blocks of integers", (step, _) => CopyBlocks(step, DType.Int32, accumulate: false)) { IsPointwise = true },
        new("maximum without indices, indices without maximum", Maxima) { IsPointwise = true },
        new("kernels on parts of buffers at odd offsets", Parts) { IsPointwise = true, TakesBfloat16 = true },
        new("dropout added to the target", Dropout) { TakesBfloat16 = true },
        new("upload and download of every type", Transfers) { IsPointwise = true, TakesBfloat16 = true },
    ];

    private static KernelCase Sgd(string name, int count, double momentum, double weightDecay, bool nesterov) => new($"SGD {name}, four steps", (step, type) =>
    {
        Tensor value = Random(step, type, "value", count), velocity = Zeros(step, type, count);
        for (int i = 0; i < Steps; i++)
        {
            step.Backend.Optimizer.Sgd(value, Random(step, type, $"gradient {i}", count), velocity, 0.1 / (i + 1), momentum, weightDecay, nesterov);
        }

        return [value, velocity];
    })
    {
        Tolerance = 5e-6,
    };

    private static KernelCase Adam(string name, int count, double beta1, double beta2, double weightDecay) => new($"Adam {name}, four steps", (step, type) =>
    {
        Tensor value = Random(step, type, "value", count), mean = Zeros(step, type, count), variance = Zeros(step, type, count);
        for (int i = 0; i < Steps; i++)
        {
            step.Backend.Optimizer.Adam(value, Random(step, type, $"gradient {i}", count), mean, variance, 0.01, beta1, beta2, 1e-8, weightDecay, i + 1);
        }

        return [value, mean, variance];
    })
    {
        Tolerance = 5e-6,
    };

    private static KernelCase Multiply(string name, bool transposeLeft, bool transposeRight, bool accumulate) => new($"matrix product, {name}", (step, type) =>
    {
        const int Rows = 13, Depth = 21, Columns = 18;
        Tensor left = Random(step, type, "left", transposeLeft ? [Depth, Rows] : [Rows, Depth]);
        Tensor right = Random(step, type, "right", transposeRight ? [Columns, Depth] : [Depth, Columns]);
        Tensor result = Random(step, type, "result", Rows, Columns);
        step.Backend.Matrix.Multiply(left, transposeLeft, right, transposeRight, result, accumulate);
        return [result];
    })
    {
        Tolerance = 5e-6,
    };

    private static Tensor[] Affine(Step step, DType type, bool accumulate)
    {
        Tensor target = Random(step, type, "target", 3, 4, 5);
        step.Backend.Elementwise.Affine(Random(step, type, "input", 4, 1), -1.5, 0.25, target, accumulate);
        return [target];
    }

    private static Tensor[] Fill(Step step, DType type)
    {
        Tensor[] targets = [.. new[] { type, DType.Int32, DType.UInt8 }.Select(t => step.New(new Shape(3, 7), t))];
        foreach (Tensor target in targets)
        {
            step.Backend.Elementwise.Fill(target, 42);
        }

        return targets;
    }

    private static Tensor[] Cast(Step step, DType type)
    {
        DType[] types = [type, DType.Int32, DType.UInt8];
        float[] values = [0, 0.75f, 1, 7.5f, 42, 100.99f, 127, 200, 255];
        var results = new List<Tensor>();
        foreach (DType from in types)
        {
            Tensor source = step.New(new Shape(values.Length), from);
            step.Backend.Elementwise.Cast(step.FromDoubles(source.Shape, type, Array.ConvertAll(values, static v => (double)v)), source);
            foreach (DType to in types)
            {
                Tensor target = step.New(source.Shape, to);
                step.Backend.Elementwise.Cast(source, target);
                results.Add(target);
            }
        }

        Tensor negative = step.New(new Shape(4), DType.Int32);
        step.Backend.Elementwise.Cast(step.FromDoubles(negative.Shape, type, [-0.75, -1, -7.5, -100.99]), negative);
        return [.. results, negative];
    }

    private static Tensor[] CopyBlocks(Step step, DType type, bool accumulate)
    {
        Tensor source = Range(step, type, 60, 1), target = Range(step, type, 70, -1000);
        step.Backend.Elementwise.CopyBlocks(source, 4, 12, target, 7, 15, blocks: 4, length: 9, accumulate);
        return [target];
    }

    private static Tensor[] Maxima(Step step, DType type)
    {
        Tensor input = Random(step, type, "input", 5, 19), output = step.New(new Shape(5), type), indices = step.New(new Shape(5), DType.Int32);
        step.Backend.Reduction.Max(input, output, indices: null);
        step.Backend.Reduction.Max(input, output: null, indices);
        return [output, indices];
    }

    private static Tensor[] Parts(Step step, DType type)
    {
        Tensor source = Random(step, type, "source", 100), target = Random(step, type, "target", 100);
        step.Backend.Activation.Relu(source.Part(3, new Shape(41)), target.Part(1, new Shape(41)));
        step.Backend.Elementwise.Binary(BinaryOp.Multiply, source.Part(5, new Shape(3, 7)), source.Part(50, new Shape(7)), target.Part(51, new Shape(3, 7)));
        step.Backend.Elementwise.Fill(target.Part(90, new Shape(5)), 9);
        return [target];
    }

    private static Tensor[] Dropout(Step step, DType type)
    {
        Tensor target = Random(step, type, "target", 203);
        step.Backend.Activation.Dropout(Random(step, type, "input", 203), 0.4f, RandomStream.For(5, "kernels/dropout"), target, accumulate: true);
        return [target];
    }

    private static Tensor[] Transfers(Step step, DType type)
    {
        Tensor integers = step.New(new Shape(11), DType.Int32), bytes = step.New(new Shape(11), DType.UInt8), floats = Range(step, type, 11, 0);
        step.Backend.Elementwise.Fill(integers, 3);
        step.Backend.Elementwise.Fill(bytes, 4);
        integers.Part(5, new Shape(3)).CopyFrom<int>([int.MinValue, -1, int.MaxValue]);
        bytes.Part(5, new Shape(3)).CopyFrom<byte>([0, 128, 255]);
        floats.Part(5, new Shape(3)).CopyFromDoubles([-0.5, 1e30, 1e-30]);
        return [integers, bytes, floats, integers.Part(4, new Shape(3)), floats.Part(4, new Shape(3))];
    }

    /// <summary>Normal numbers seeded by a name, the same on every backend.</summary>
    private static Tensor Random(Step step, DType type, string name, params int[] shape) =>
        step.FromDoubles(new Shape(shape), type, OpInput.Float(name, shape).Generate("kernels").Values);

    private static Tensor Zeros(Step step, DType type, int count) => step.FromDoubles(new Shape(count), type, new double[count]);

    private static Tensor Range(Step step, DType type, int count, int start) => type == DType.Int32
        ? step.FromHost<int>(new Shape(count), Enumerable.Range(start, count).ToArray())
        : step.FromDoubles(new Shape(count), type, [.. Enumerable.Range(start, count).Select(static v => (double)v)]);
}
