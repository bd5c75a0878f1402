using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Benchmarks.Families;

/// <summary>The tasks' losses over every pixel of the predictions: segmentation, surface normals, depth.</summary>
internal static class LossBenchmarks
{
    private const int NormalChannels = 3;

    public static IEnumerable<BenchmarkCase> Of(NetworkShapes network)
    {
        int pixels = network.Features[0] * network.Features[1] * network.Features[2];
        Extents classes = new(('R', pixels), ('C', network.Classes)), normals = new(('R', pixels), ('C', NormalChannels)), depth = new(('R', pixels), ('C', 1));
        Operand labels = Operand.Integers("labels", "R", Fills.LabelsWithIgnored(network.Classes, SegmentationTask.IgnoreLabel));
        return
        [
            Case("cross-entropy", classes, [Prediction, labels, Loss, Normalizer.Written()], nameof(LossOps.CrossEntropy), static (backend, x) => () =>
                backend.Loss.CrossEntropy(x[0], x[1], classWeights: null, SegmentationTask.IgnoreLabel, x[2], x[3])),
            Case("cross-entropy-backward", classes, [Prediction, labels, Normalizer, GradientOfLoss, GradientOfPrediction], nameof(LossOps.CrossEntropy), static (backend, x) => () =>
                backend.Loss.CrossEntropyBackward(x[0], x[1], classWeights: null, SegmentationTask.IgnoreLabel, x[2], x[3], x[4], accumulate: false)) with
            {
                Prepare = static (backend, x) => WithScalar(backend, x[0], loss => backend.Loss.CrossEntropy(x[0], x[1], classWeights: null, SegmentationTask.IgnoreLabel, loss, x[2])),
            },
            Case("cosine", normals, [Prediction, Wanted, Mask, Loss, Normalizer.Written()], nameof(LossOps.CosineLoss), static (backend, x) => () =>
                backend.Loss.Cosine(x[0], x[1], x[2], x[3], x[4])),
            Case("cosine-backward", normals, [Prediction, Wanted, Mask, Normalizer, GradientOfLoss, GradientOfPrediction], nameof(LossOps.CosineLoss), static (backend, x) => () =>
                backend.Loss.CosineBackward(x[0], x[1], x[2], x[3], x[4], x[5], accumulate: false)) with
            {
                Prepare = static (backend, x) => WithScalar(backend, x[0], loss => backend.Loss.Cosine(x[0], x[1], x[2], loss, x[3])),
            },
            Case("l1", depth, [Prediction, Wanted, Mask, Loss, Normalizer.Written()], nameof(LossOps.L1Loss), static (backend, x) => () =>
                backend.Loss.L1(x[0], x[1], x[2], x[3], x[4])),
            Case("l1-backward", depth, [Prediction, Wanted, Mask, Normalizer, GradientOfLoss, GradientOfPrediction], nameof(LossOps.L1Loss), static (backend, x) => () =>
                backend.Loss.L1Backward(x[0], x[1], x[2], x[3], x[4], x[5], accumulate: false)) with
            {
                Prepare = static (backend, x) => WithScalar(backend, x[0], loss => backend.Loss.L1(x[0], x[1], x[2], loss, x[3])),
            },
        ];
    }

    private static Operand Prediction => Operand.Parameter("prediction", "RC");

    private static Operand Wanted => Operand.Parameter("target", "RC", Fills.AwayFromZero);

    private static Operand Mask => Operand.Bytes("mask", "R", Fills.Integers(0, 2));

    private static Operand Loss => Operand.Parameter("loss", "").Written();

    private static Operand Normalizer => Operand.Parameter("normaliser", "");

    private static Operand GradientOfLoss => Operand.Parameter("gradient of loss", "", Fills.Uniform(0.5, 1.5));

    private static Operand GradientOfPrediction => Operand.Parameter("gradient of prediction", "RC").Written();

    private static BenchmarkCase Case(string variant, Extents extents, Operand[] operands, string op, KernelCall call) =>
        new("loss", variant, extents, operands, call) { Ops = [op] };

    private static void WithScalar(Engine.Backends.Backend backend, Tensor like, Action<Tensor> use)
    {
        using var step = new Step(backend, recordGradients: false);
        use(step.New(Shape.Scalar, like.DType));
    }
}
