using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Ops;

/// <summary>Errors of ops: one line that names the op, what was found, and what would have worked.</summary>
[TestFixture]
public sealed class ShapeErrorTests
{
    private static readonly RandomStream Stream = new(1, 2);

    private static IEnumerable<TestCaseData> Mistakes =>
    [
        Mistake("conv2d input rank", s => s.Conv2d(F(s, 4, 5), K(s, 1, 5, 1, 1)), "conv2d", "[4, 5]", "[N, H, W, C]"),
        Mistake("conv2d channels", s => s.Conv2d(F(s, 1, 4, 4, 3), K(s, 8, 5, 3, 3)), "conv2d", "[1, 4, 4, 3]", "[8, 5, 3, 3]", "[8, 3, 3, 3]"),
        Mistake("conv2d window", s => s.Conv2d(F(s, 1, 4, 4, 3), K(s, 8, 3, 5, 5)), "conv2d", "[8, 3, 5, 5]", "[1, 4, 4, 3]", "pad more"),
        Mistake("conv2d stride", s => s.Conv2d(F(s, 1, 4, 4, 3), K(s, 8, 3, 3, 3), null, new Conv2dOptions(0)), "conv2d", "stride", "1 or more"),
        Mistake("conv2d bias", s => s.Conv2d(F(s, 1, 4, 4, 3), K(s, 8, 3, 3, 3), F(s, 7)), "conv2d", "bias", "[7]", "[8]"),
        Mistake("conv2d plain filter", s => s.Conv2d(F(s, 1, 4, 4, 3), F(s, 8, 3, 3, 3)), "conv2d", "[8, 3, 3, 3]", "step.Filter"),
        Mistake("conv2d types", s => s.Conv2d(s.New(new Shape(1, 4, 4, 3), DType.Float32), K(s, 8, 3, 3, 3)), "conv2d", "Float32", "Float64", "cast"),
        Mistake("matmul", s => s.MatMul(F(s, 2, 3), F(s, 4, 5)), "matmul", "[2, 3]", "[4, 5]", "[K, N]"),
        Mistake("linear", s => s.Linear(F(s, 2, 3), F(s, 4, 5)), "linear", "[2, 3]", "[4, 5]", "[out, in]"),
        Mistake("linear bias", s => s.Linear(F(s, 2, 3), F(s, 4, 3), F(s, 3)), "linear", "bias", "[3]", "[4]"),
        Mistake("filter gram of a plain tensor", s => s.FilterGram(F(s, 4, 3, 1, 1)), "filter_gram", "[4, 3, 1, 1]", "step.Filter"),
        Mistake("batch norm gamma", s => s.BatchNorm(F(s, 2, 3, 3, 4), F(s, 3), F(s, 4)), "batch_norm", "gamma", "[3]", "[4]"),
        Mistake("batch norm groups", s => s.BatchNorm(F(s, 3, 2, 2, 4), F(s, 4), F(s, 4), groups: 2), "batch_norm", "batch of 3", "2 groups", "divide"),
        Mistake("batch norm statistics", s => s.BatchNormInference(F(s, 3, 4), F(s, 4), F(s, 4), F(s, 4), F(s, 3)), "batch_norm_inference", "variance", "[3]", "[4]"),
        Mistake("batch norm residual rank", s => Residual(s, [2, 3, 4], [2, 3, 4]), "batch_norm_residual", "[2, 3, 4]", "[B, H, W, C]"),
        Mistake("batch norm residual shapes", s => Residual(s, [2, 3, 3, 4], [2, 3, 4, 4]), "batch_norm_residual", "residual", "[2, 3, 4, 4]", "[2, 3, 3, 4]"),
        Mistake("batch norm residual beta", s => s.BatchNormResidual(F(s, 2, 3, 3, 4), F(s, 4), F(s, 3), F(s, 2, 3, 3, 4)), "batch_norm_residual", "beta", "[3]", "[4]"),
        Mistake("batch norm residual groups", s => Residual(s, [3, 3, 3, 4], [3, 3, 3, 4], groups: 2), "batch_norm_residual", "batch of 3", "2 groups", "divide"),
        Mistake("batch norm residual gates", s => Residual(s, [2, 3, 3, 4], [2, 3, 3, 4], gates: [2, 3]), "batch_norm_residual", "[2, 3]", "[streams, 2]"),
        Mistake("batch norm residual streams", s => Residual(s, [3, 3, 3, 4], [3, 3, 3, 4], gates: [2, 2]), "batch_norm_residual", "batch of 3", "2 streams", "divides"),
        Mistake("batch norm residual shared", s => Residual(s, [3, 3, 3, 4], [3, 3, 3, 4], shared: true), "batch_norm_residual", "no gates", "[streams, 2]"),
        Mistake(
            "batch norm residual statistics",
            s => s.BatchNormResidualInference(F(s, 2, 3, 3, 4), F(s, 4), F(s, 4), F(s, 4), F(s, 3), F(s, 2, 3, 3, 4)), "batch_norm_residual_inference", "variance", "[3]", "[4]"),
        Mistake("relu of labels", s => s.Relu(s.New(new Shape(3), DType.Int32)), "relu", "Int32 [3]", "cast"),
        Mistake("dropout", s => s.Dropout(F(s, 3), 1, Stream), "dropout", "probability is 1", "below 1"),
        Mistake("bias relu dropout bias", s => s.BiasReluDropout(F(s, 2, 3), F(s, 2)), "bias_relu_dropout", "the bias", "[2]", "[3]"),
        Mistake("bias relu dropout of a scalar", s => s.BiasReluDropout(F(s), null), "bias_relu_dropout", "[]", "at least 1 dimension"),
        Mistake("bias relu dropout probability", s => s.BiasReluDropout(F(s, 2, 3), F(s, 3), -0.5, Stream), "bias_relu_dropout", "probability is -0.5", "below 1"),
        Mistake("max pool rank", s => s.MaxPool2d(F(s, 3, 4), 2, 2), "max_pool2d", "[3, 4]", "[N, H, W, C]"),
        Mistake("max pool padding", s => s.MaxPool2d(F(s, 1, 4, 4, 1), 2, 2, 2), "max_pool2d", "padding 2", "half the kernel"),
        Mistake("average pool window", s => s.AveragePool2d(F(s, 1, 4, 4, 1), 5, 1), "avg_pool2d", "5x5", "[1, 4, 4, 1]", "smaller kernel"),
        Mistake("global pool", s => s.GlobalAveragePool(F(s, 4, 4)), "global_avg_pool", "[4, 4]", "[N, H, W, C]"),
        Mistake("k-max pool rank", s => s.KMaxPool(F(s, 3, 4), 2), "kmax_pool", "[3, 4]", "[N, H, W, C]"),
        Mistake("k-max pool of a narrow row", s => s.KMaxPool(F(s, 2, 1, 7, 3), 8), "kmax_pool", "k is 8", "[2, 1, 7, 3]", "7 columns", "longer sequences"),
        Mistake("k-max pool of none", s => s.KMaxPool(F(s, 2, 1, 7, 3), 0), "kmax_pool", "k is 0", "1 to the width"),
        Mistake("k-max pool of labels", s => s.KMaxPool(s.New(new Shape(2, 1, 7, 3), DType.Int32), 2), "kmax_pool", "Int32 [2, 1, 7, 3]", "cast"),
        Mistake("resize nearest", s => s.ResizeNearest(F(s, 1, 4, 4, 1), 0, 3), "resize_nearest", "[1, 4, 4, 1]", "0x3", "1 or more"),
        Mistake("resize bilinear", s => s.ResizeBilinear(F(s, 4, 4, 1), 2, 3), "resize_bilinear", "[4, 4, 1]", "[N, H, W, C]"),
        Mistake("add", s => s.Add(F(s, 2, 3), F(s, 2, 4)), "add", "[2, 3]", "[2, 4]", "equal or 1", "3 and 4"),
        Mistake("multiply types", s => s.Multiply(F(s, 2), s.New(new Shape(2), DType.Float32)), "multiply", "Float64", "Float32", "cast"),
        Mistake("exp of labels", s => s.Exp(s.New(new Shape(3), DType.Int32)), "exp", "Int32 [3]", "cast"),
        Mistake("scale of a mask", s => s.Scale(s.New(new Shape(3), DType.UInt8), 2), "scale", "UInt8 [3]", "cast"),
        Mistake("sum", s => s.Sum(F(s, 2, 3), [2]), "sum", "axis 2", "[2, 3]", "-2 to 1"),
        Mistake("mean", s => s.Mean(F(s, 2, 3), [-3]), "mean", "axis -3", "[2, 3]", "-2 to 1"),
        Mistake("max", s => s.Max(F(s, 3, 0)), "max", "[3, 0]", "needs one"),
        Mistake("argmax", s => s.ArgMax(F(s)), "argmax", "[]", "at least 1 dimension"),
        Mistake("concat", s => s.Concat([F(s, 2, 3), F(s, 3, 4)], 0), "concat", "[2, 3]", "[3, 4]", "axis 0"),
        Mistake("concat of nothing", s => s.Concat([], 0), "concat", "at least one"),
        Mistake("slice", s => s.Slice(F(s, 2, 3), 1, 2, 2), "slice", "2 to 4", "[2, 3]", "3"),
        Mistake("reshape", s => s.Reshape(F(s, 2, 3), new Shape(5)), "view", "[2, 3]", "[5]", "the same"),
        Mistake("softmax", s => s.Softmax(F(s)), "softmax", "[]", "at least 1 dimension"),
        Mistake("embedding of numbers", s => s.Embedding(F(s, 2, 3), F(s, 5, 4)), "embedding", "ids are Float64 [2, 3]", "Int32 or UInt8", "cast"),
        Mistake("embedding in labels", s => s.Embedding(U(s, 2, 3), U(s, 5, 4)), "embedding", "table is UInt8 [5, 4]", "cast"),
        Mistake("embedding table", s => s.Embedding(U(s, 2, 3), F(s, 5)), "embedding", "table", "[5]", "[V, E]"),
        Mistake("embedding padding", s => s.Embedding(U(s, 2, 3), F(s, 5, 4), 5), "embedding", "padding index is 5", "[5, 4]", "0 to 4"),
        Mistake("embedding negative padding", s => s.Embedding(U(s, 2, 3), F(s, 5, 4), -1), "embedding", "padding index is -1", "0 to 4"),
        Mistake("cross entropy targets", s => s.CrossEntropy(F(s, 2, 3), s.New(new Shape(3), DType.Int32)), "cross_entropy", "targets", "[3]", "[2]"),
        Mistake("cross entropy target type", s => s.CrossEntropy(F(s, 2, 3), F(s, 2)), "cross_entropy", "targets", "Float64 [2]", "Int32"),
        Mistake("cross entropy weights", s => s.CrossEntropy(F(s, 2, 3), s.New(new Shape(2), DType.Int32), 255, F(s, 2)), "cross_entropy", "class weights", "[2]", "[3]"),
        Mistake("cosine target", s => s.CosineLoss(F(s, 2, 3), F(s, 2, 4), s.New(new Shape(2), DType.UInt8)), "cosine_loss", "target", "[2, 4]", "[2, 3]"),
        Mistake("l1 mask", s => s.L1Loss(F(s, 2, 3), F(s, 2, 3), F(s, 2)), "l1_loss", "mask", "Float64 [2]", "UInt8"),
        Mistake("gumbel noise", s => s.GumbelNoise(new Shape(2), DType.Int32, Stream), "gumbel_noise", "Int32 [2]", "Float32 or Float64"),
        Mistake("gumbel shapes", s => s.GumbelSoftmax(F(s, 4, 2), F(s, 2, 4), 1), "gumbel_softmax", "noise", "[2, 4]", "[4, 2]"),
        Mistake("gumbel temperature", s => s.GumbelSoftmax(F(s, 4, 2), F(s, 4, 2), 0), "gumbel_softmax", "temperature is 0", "above 0"),
        Mistake("gated residual gates", s => s.GatedResidual(F(s, 2, 3, 3, 1), F(s, 2, 3, 3, 1), F(s, 2, 3)), "gated_residual", "[2, 3]", "[streams, 2]"),
        Mistake("gated residual streams", s => s.GatedResidual(F(s, 3, 3, 3, 1), F(s, 3, 3, 3, 1), F(s, 2, 2)), "gated_residual", "batch of 3", "2 streams", "divides"),
        Mistake("gated residual shapes", s => s.GatedResidual(F(s, 2, 3, 3, 1), F(s, 2, 3, 3, 2), F(s, 2, 2)), "gated_residual", "residual", "[2, 3, 3, 2]", "[2, 3, 3, 1]"),
        Mistake("crop of floats", s => s.CropImages(F(s, 1, 4, 4, 3), [CropWindow.Unscaled(4, 4)], [0, 0, 0], 4, 4), "crop_images", "Float64 [1, 4, 4, 3]", "UInt8"),
        Mistake("crop of grey images", s => Crop(s, [1, 4, 4, 1], CropWindow.Unscaled(4, 4)), "crop_images", "[1, 4, 4, 1]", "[N, H, W, 3]"),
        Mistake("crop windows", s => Crop(s, [2, 4, 4, 3], CropWindow.Unscaled(4, 4)), "crop_images", "1 windows", "2 images", "[2, 4, 4, 3]"),
        Mistake("crop size", s => s.CropImages(U(s, 1, 4, 4, 3), [CropWindow.Unscaled(4, 4)], [0, 0, 0], 4, 0), "crop_images", "4x0", "1 or more"),
        Mistake("crop type", s => s.CropImages(U(s, 1, 4, 4, 3), [CropWindow.Unscaled(4, 4)], [0, 0, 0], 4, 4, DType.Int32), "crop_images", "Int32", "Float32"),
        Mistake("crop mean", s => s.CropImages(U(s, 1, 4, 4, 3), [CropWindow.Unscaled(4, 4)], [0], 4, 4), "crop_images", "mean of 1", "channels 3"),
        Mistake("crop scale", s => Crop(s, [1, 4, 4, 3], new CropWindow(4, 4, 0, 4, 0, 0, Mirror: false)), "crop_images", "window 0", "0x4", "1 or more"),
        Mistake(
            "crop below its image", s => Crop(s, [2, 4, 4, 3], CropWindow.Unscaled(4, 4), CropWindow.Unscaled(6, 4, 3)),
            "crop_images", "window 1", "rows 3 to 5", "rows 0 to 3 are there"),
        Mistake(
            "crop left of its part", s => s.CropImages(U(s, 100), [new ImagePart(7, 0, 3, 4, 7)], [CropWindow.Unscaled(4, 9, 0, 2)], [0, 0, 0], 4, 4),
            "crop_images", "window 0", "columns 2 to 6", "columns 3 to 9 are there"),
        Mistake(
            "crop of a part outside", s => s.CropImages(U(s, 100), [new ImagePart(53, 0, 0, 4, 4)], [CropWindow.Unscaled(4, 4)], [0, 0, 0], 4, 4),
            "crop_images", "image 0", "4x4 pixels from byte 53 on", "UInt8 [100]"),
        Mistake("crop beyond all numbers", s => Crop(s, [1, 4, 4, 3], CropWindow.Unscaled(4, 4, int.MaxValue - 2)), "crop_images", "2147483645", "below 2^31"),
    ];

    [TestCaseSource(nameof(Mistakes))]
    public void The_message_names_the_op_the_shapes_and_the_fix(Func<Step, Tensor> mistake, string[] parts)
    {
        using var backend = new ReferenceBackend();
        using var step = new Step(backend);
        ShapeException error = Assert.Throws<ShapeException>(() => mistake(step))!;
        Assert.That(error.Message, Does.Not.Contain("\n"));
        Assert.That(parts.Where(part => !error.Message.Contains(part, StringComparison.Ordinal)), Is.Empty, error.Message);
    }

    [Test]
    public void Tensors_of_two_backends_do_not_mix()
    {
        using var backend = new ReferenceBackend();
        using var other = new ReferenceBackend();
        using var step = new Step(backend);
        using var otherStep = new Step(other);
        Tensor here = F(step, 2), there = F(otherStep, 2);
        Assert.That(() => step.Add(here, there), Throws.TypeOf<ShapeException>().With.Message.Contains("add: the tensor Float64 [2] lies on reference").And.Message.Contains("by way of the host"));
    }

    private static TestCaseData Mistake(string name, Func<Step, Tensor> mistake, params string[] parts) => new TestCaseData(mistake, parts).SetArgDisplayNames(name);

    private static Tensor Residual(Step s, int[] input, int[] residual, int groups = 1, int[]? gates = null, bool shared = false) =>
        s.BatchNormResidual(F(s, input), F(s, input[^1]), F(s, input[^1]), F(s, residual), gates is null ? null : F(s, gates), shared, groups: groups);

    private static Tensor Crop(Step s, int[] shape, params CropWindow[] windows) => s.CropImages(U(s, shape), windows, [0, 0, 0], 4, 4);

    private static Tensor U(Step step, params int[] shape) => step.New(new Shape(shape), DType.UInt8);

    private static Tensor F(Step step, params int[] shape) => step.New(new Shape(shape), DType.Float64);

    private static Tensor K(Step step, params int[] shape) => step.NewFilter(new Shape(shape), DType.Float64);
}
