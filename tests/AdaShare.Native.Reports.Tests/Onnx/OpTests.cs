using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.CustomOps;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Reports.Onnx;
using AdaShare.Native.Reports.Onnx.Graphs;
using AdaShare.Native.Reports.Onnx.Tracing;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Tensor = AdaShare.Native.Engine.Tensors.Tensor;

namespace AdaShare.Native.Reports.Tests.Onnx;

/// <summary>Ops one by one, recorded from one image and computed by ONNX Runtime for several of other sizes.</summary>
[TestFixture]
public sealed class OpTests
{
    private static readonly double[] Three = [0.5, -1.5, 2];

    private static IEnumerable<TestCaseData> Recorded =>
    [
        Case("exp", static (step, x) => step.Exp(step.Scale(x, 0.01))),
        Case("log", static (step, x) => step.Log(step.Scale(x, 0.01, 1))),
        Case("sqrt", static (step, x) => step.Sqrt(x)),
        Case("abs", static (step, x) => step.Abs(step.Scale(x, 1, -100))),
        Case("square", static (step, x) => step.Square(x)),
        Case("sigmoid", static (step, x) => step.Sigmoid(step.Scale(x, 0.02, -2))),
        Case("relu", static (step, x) => step.Relu(step.Scale(x, -1, 80))),
        Case("a sum with numbers", static (step, x) => step.Add(x, Numbers(step))),
        Case("numbers less features", static (step, x) => step.Subtract(Numbers(step), x)),
        Case("features less numbers", static (step, x) => step.Subtract(x, Numbers(step))),
        Case("features by numbers", static (step, x) => step.Divide(x, Numbers(step))),
        Case("numbers by features", static (step, x) => step.Divide(Numbers(step), step.Scale(x, 1, 1))),
        Case("one number for all", static (step, x) => step.Multiply(step.FromDoubles(new Shape(1), DType.Float32, [0.25]), x)),
        Case("features with one another", static (step, x) => step.Divide(step.Subtract(step.Multiply(x, x), x), step.Scale(step.Add(x, x), 1, 1))),
        Case("channels of an image for its pixels", static (step, x) => step.Multiply(x, step.MaxPool2d(step.Reshape(step.GlobalAveragePool(x), new Shape(x.Shape[0], 1, 1, 3)), 1, 1))),
        Case("channels apart and together", static (step, x) => step.Concat([step.Slice(x, 3, 2, 1), x, step.Slice(x, 3, 0, 2)], 3)),
        Case("images apart and together", static (step, x) =>
        {
            Tensor both = step.Concat([step.Scale(x, 2), step.Exp(step.Scale(x, 0.01))], 0);
            Tensor squares = step.Square(both);
            int count = x.Shape[0];
            return step.Subtract(step.Narrow(squares, count, count), step.Narrow(squares, 0, count));
        }),
        Case("softmax", static (step, x) => step.Softmax(step.Scale(x, 0.05))),
        Case("log-softmax", static (step, x) => step.LogSoftmax(step.Scale(x, 0.05))),
        Case("the largest in whole windows", static (step, x) => step.MaxPool2d(x, 3, 2, 1)),
        Case("the largest in windows that hang over", static (step, x) => step.MaxPool2d(x, 3, 2, 1, ceilMode: true)),
        Case("the largest in windows side by side", static (step, x) => step.MaxPool2d(x, 2, 2, ceilMode: true)),
        Case("the mean of windows, padding counted", static (step, x) => step.AveragePool2d(x, 3, 2, 1)),
        Case("the mean of windows, padding left out", static (step, x) => step.AveragePool2d(x, 3, 2, 1, countPadding: false)),
        Case("a linear layer", static (step, x) => step.Linear(step.GlobalAveragePool(x), step.FromDoubles(new Shape(2, 3), DType.Float32, [1, 2, 3, -1, 0, 1]), step.FromDoubles(new Shape(2), DType.Float32, [5, 7]))),
        Case("a matrix", static (step, x) => step.MatMul(step.GlobalAveragePool(x), step.FromDoubles(new Shape(3, 2), DType.Float32, [1, 2, 3, -1, 0, 1]))),
        Case("a convolution, strided and dilated", static (step, x) => step.Conv2d(x, Filter(step), step.FromDoubles(new Shape(2), DType.Float32, [3, -3]), new Conv2dOptions(2, 1, 1, 2, 1, 2))),
        Case("what follows a convolution twice", static (step, x) =>
        {
            Tensor y = step.Conv2d(x, Filter(step), null, new Conv2dOptions(1, 1));
            return step.Subtract(step.Multiply(y, step.FromDoubles(new Shape(2), DType.Float32, [2, 3])), step.Relu(y));
        }),
        Case("mixes of one stream", static (step, x) =>
        {
            Tensor mixes = step.GatedResidual(step.Scale(x, -0.5), x, step.FromDoubles(new Shape(3, 2), DType.Float32, [0.25, 0.75, 1, 0, 0, 1]), sharedInput: true);
            int count = x.Shape[0];
            return step.Concat([step.Narrow(mixes, 0, count), step.Narrow(mixes, count, count), step.Narrow(mixes, 2 * count, count)], 3);
        }),
        Case("bilinear to the image's size", static (step, x) => step.ResizeBilinear(step.MaxPool2d(x, 3, 3), x.Shape[1], x.Shape[2])),
        Case("bilinear to the image's size, corners on corners", static (step, x) => step.ResizeBilinear(step.MaxPool2d(x, 3, 3), x.Shape[1], x.Shape[2], alignCorners: true)),
        Case("an op from outside the engine on numbers", static (step, x) => step.Multiply(x, step.Apply(new Doubled(), Numbers(step)))),
        Case("another type and back", static (step, x) => step.Cast(step.Cast(x, DType.Float64), DType.Float32)),
    ];

    private static IEnumerable<TestCaseData> Unknown =>
    [
        Case("it computes doubled, an op from outside the engine, for which this export has no operator", static (step, x) => step.Relu(step.Apply(new Doubled(), step.Relu(x)))),
        Case("it sums up features of shape [1, 24, 20, 3], for which this export has no operator", static (step, x) => step.Multiply(x, step.Sum(x))),
        Case("it resizes features to 48x40, which is not the image's size, for which this export has no operator", static (step, x) => step.ResizeBilinear(x, 48, 40)),
        Case("it resizes features to the nearest pixel, for which this export has no operator", static (step, x) => step.ResizeNearest(x, 48, 40)),
        Case("it averages over windows that hang over the image, for which this export has no operator", static (step, x) => step.AveragePool2d(x, 3, 2, 1, ceilMode: true)),
        Case("it copies parts of features [1, 24, 20, 3] into [1, 48, 20, 3], for which this export has no operator", static (step, x) => step.Concat([x, step.Scale(x, 2)], 1)),
        Case("it reads features in another form, [1, 20, 24, 3], than the one in which they were computed", static (step, x) => step.Relu(step.Reshape(x, new Shape(1, 20, 24, 3)))),
        Case("it decides by what it sees in an image what it computes for that image", static (step, x) => step.Scale(x, step.GlobalAveragePool(x).ToDoubles()[0])),
        Case("what it says of output does not depend on the image", static (step, x) => step.FromDoubles(x.Shape, DType.Float32, new double[x.Count])),
        Case("it computes what belongs to training in an evaluation", static (step, x) => step.Dropout(x, 0.5, Engine.Random.RandomStream.For(1, "x", 0))),
        Case("it computes with numbers of shape [1, 24, 20, 3], which differ from pixel to pixel or from image to image, for which this export has no operator", static (step, x) => step.Add(x, step.FromDoubles(x.Shape, DType.Float32, new double[x.Count]))),
    ];

    [TestCaseSource(nameof(Recorded))]
    public void ONNX_Runtime_computes_what_the_op_computes(Func<Step, Tensor, Tensor> op)
    {
        using var backend = new CpuBackend();
        using InferenceSession session = Open(Record(backend, op));
        foreach ((int count, int height, int width) in ((int, int, int)[])[(1, 24, 20), (2, 13, 16), (3, 7, 9)])
        {
            DenseTensor<float> images = Runtime.Images(count, height, width);
            using var step = new Step(backend, recordGradients: false);
            (float[] expected, int[] shape) = Runtime.ChannelsFirst(op(step, step.FromHost<float>(new Shape(count, height, width, 3), ChannelsLast(images))));
            (float[] actual, int[] theirs) = Runtime.Run(session, images)["output"];
            Assert.That(theirs, Is.EqualTo(shape.Length == 4 ? shape : [.. shape, 1, 1]));
            Runtime.RequireEqual(actual, expected, $"{count} of {height}x{width}");
        }
    }

    [TestCaseSource(nameof(Unknown))]
    public void What_no_graph_has_is_said_in_a_sentence(Func<Step, Tensor, Tensor> op, string sentence)
    {
        using var backend = new CpuBackend();
        Assert.That(() => Record(backend, op), Throws.TypeOf<TraceException>().With.Message.EqualTo(sentence));
        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void What_is_only_looked_at_is_no_obstacle()
    {
        using var backend = new CpuBackend();
        Graph graph = Record(backend, static (step, x) =>
        {
            step.Sum(x);
            step.ArgMax(x);
            return step.Relu(x);
        });
        Assert.That(graph.Nodes.Select(static node => node.Type), Is.EqualTo(new[] { "Relu" }));
    }

    private static TestCaseData Case(string name, Func<Step, Tensor, Tensor> op) =>
        name.StartsWith("it ", StringComparison.Ordinal) || name.StartsWith("what it ", StringComparison.Ordinal) ? new TestCaseData(op, name) { TestName = name } : new TestCaseData(op) { TestName = name };

    private static Graph Record(CpuBackend inner, Func<Step, Tensor, Tensor> op)
    {
        using var backend = new TracingBackend(inner);
        using var store = new ParameterStore();
        return GraphRecorder.Record(backend, store, 24, 20, static input => input.Value, (step, x) => [("output", op(step, x), false)]);
    }

    private static InferenceSession Open(Graph graph)
    {
        using var file = new MemoryStream();
        ModelWriter.Write(file, graph, new ModelHead("tests", "1", "an op", [], null, false));
        using var options = new SessionOptions { IntraOpNumThreads = 1 };
        return new InferenceSession(file.ToArray(), options);
    }

    private static Tensor Numbers(Step step) => step.FromDoubles(new Shape(3), DType.Float32, Three);

    private static Tensor Filter(Step step) => step.Filter(new Shape(2, 3, 3, 3), DType.Float32, [.. Enumerable.Range(0, 54).Select(static i => Math.Sin(i))]);

    private static float[] ChannelsLast(DenseTensor<float> images)
    {
        (int count, int height, int width) = (images.Dimensions[0], images.Dimensions[2], images.Dimensions[3]);
        return [.. from n in Enumerable.Range(0, count) from y in Enumerable.Range(0, height) from x in Enumerable.Range(0, width) from c in Enumerable.Range(0, 3) select images[n, c, y, x]];
    }

    /// <summary>2 x, as somebody outside the engine writes it.</summary>
    private sealed class Doubled : CustomOp
    {
        public override string Name => "doubled";

        public override OutputSpec OutputOf(ReadOnlySpan<Tensor> inputs) => new(inputs[0].Shape, inputs[0].DType);

        public override void Forward(ForwardContext context) => context.Backend.Elementwise.Affine(context.Inputs[0], 2, 0, context.Output, accumulate: false);

        public override void Backward(BackwardContext context) => throw new NotSupportedException("an export asks for no gradients");
    }
}
