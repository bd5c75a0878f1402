using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests.Safety;

/// <summary>Every op, with arguments that a sequence's choices make.</summary>
internal static class OpCalls
{
    private static readonly RandomStream Stream = new(5, 6);

    /// <summary>The ops by name.</summary>
    public static IReadOnlyList<(string Name, Func<World, Choices, Tensor> Run)> All { get; } =
    [
        ("relu", static (w, c) => w.Step(c).Relu(w.Input(c))),
        ("dropout", static (w, c) => w.Step(c).Dropout(w.Input(c), c.Near(0.5), Stream)),
        ("bias relu dropout", BiasReluDropout),
        ("add", static (w, c) => w.Step(c).Add(w.Input(c), Partner(w, c))),
        ("subtract", static (w, c) => w.Step(c).Subtract(w.Input(c), Partner(w, c))),
        ("multiply", static (w, c) => w.Step(c).Multiply(w.Input(c), Partner(w, c))),
        ("divide", static (w, c) => w.Step(c).Divide(w.Input(c), Partner(w, c))),
        ("exp", static (w, c) => w.Step(c).Exp(w.Input(c))),
        ("log", static (w, c) => w.Step(c).Log(w.Input(c))),
        ("sqrt", static (w, c) => w.Step(c).Sqrt(w.Input(c))),
        ("abs", static (w, c) => w.Step(c).Abs(w.Input(c))),
        ("square", static (w, c) => w.Step(c).Square(w.Input(c))),
        ("sigmoid", static (w, c) => w.Step(c).Sigmoid(w.Input(c))),
        ("scale", static (w, c) => w.Step(c).Scale(w.Input(c), c.Near(2.0), c.Near(1.0))),
        ("cast", static (w, c) => w.Step(c).Cast(w.Input(c), c.OneIn(2) ? DType.Float64 : c.Type())),
        ("sum", static (w, c) => w.Step(c).Sum(w.Input(c), Axes(c), c.OneIn(2))),
        ("mean", static (w, c) => w.Step(c).Mean(w.Input(c), Axes(c), c.OneIn(2))),
        ("max", static (w, c) => w.Step(c).Max(w.Input(c))),
        ("argmax", static (w, c) => w.Step(c).ArgMax(w.Input(c))),
        ("softmax", static (w, c) => w.Step(c).Softmax(w.Input(c))),
        ("log softmax", static (w, c) => w.Step(c).LogSoftmax(w.Input(c))),
        ("concat", static (w, c) => w.Step(c).Concat(Neighbours(w, c), c.NearBelow(3) - 1)),
        ("narrow", static (w, c) => w.Step(c).Narrow(w.Input(c), c.NearBelow(2), c.NearBelow(4))),
        ("slice", static (w, c) => w.Step(c).Slice(w.Input(c), c.NearBelow(3) - 1, c.NearBelow(2), c.NearBelow(4))),
        ("reshape", Reshape),
        ("matmul", MatMul),
        ("linear", Linear),
        ("filter gram", static (w, c) => w.Step(c).FilterGram(c.OneIn(3) ? w.Any(c) : w.Filter.Weight.Value)),
        ("conv2d", Conv2d),
        ("conv2d of the layer", static (w, c) => w.Filter.Forward(w.Step(c), w.Like(c, new Shape(2, 5, 6, 3)))),
        ("max pool", static (w, c) => w.Step(c).MaxPool2d(w.OfRank(c, 4), c.Near(2), c.Near(2), c.Near(c.Below(2)), c.OneIn(2))),
        ("average pool", static (w, c) => w.Step(c).AveragePool2d(w.OfRank(c, 4), c.Near(3), c.Near(2), c.Near(c.Below(2)), c.OneIn(2), c.OneIn(2))),
        ("k-max pool", static (w, c) => w.Step(c).KMaxPool(w.OfRank(c, 4), c.Near(1 + c.Below(2)))),
        ("global pool", static (w, c) => w.Step(c).GlobalAveragePool(w.OfRank(c, 4))),
        ("resize nearest", static (w, c) => w.Step(c).ResizeNearest(w.OfRank(c, 4), c.Near(5), c.Near(3))),
        ("resize bilinear", static (w, c) => w.Step(c).ResizeBilinear(w.OfRank(c, 4), c.Near(5), c.Near(3), c.OneIn(2))),
        ("batch norm", BatchNorm),
        ("batch norm inference", BatchNormInference),
        ("batch norm of the layer", static (w, c) => w.Norm.Forward(w.Step(c), w.Like(c, new Shape(2, 3, 3, 4)), c.OneIn(2), c.OneIn(2), c.Near(1 + c.Below(2)))),
        ("batch norm residual", Residual),
        ("gated residual", GatedResidual),
        ("gumbel noise", static (w, c) => w.Step(c).GumbelNoise(c.Shape(), c.Type(), Stream)),
        ("gumbel softmax", GumbelSoftmax),
        ("gumbel gates", GumbelGates),
        ("embedding", Embedding),
        ("cross entropy", CrossEntropy),
        ("cosine loss", static (w, c) => Masked(w, c, static (s, p, t, m) => s.CosineLoss(p, t, m))),
        ("l1 loss", static (w, c) => Masked(w, c, static (s, p, t, m) => s.L1Loss(p, t, m))),
        ("crop images", CropImages),
    ];

    private static Tensor Partner(World w, Choices c) => c.OneIn(2) ? w.Input(c) : w.Like(c, c.Shape());

    private static int[]? Axes(Choices c) => c.OneIn(3) ? null : [.. Enumerable.Range(0, c.Below(3)).Select(_ => c.NearBelow(4) - 2)];

    private static Tensor[] Neighbours(World w, Choices c)
    {
        Tensor first = w.Any(c);
        return c.OneIn(20) ? [] : c.OneIn(100) ? [first, null!] : [first, .. Enumerable.Range(0, c.Below(3)).Select(_ => c.OneIn(2) ? first : w.Like(c, first.Shape))];
    }

    private static Tensor BiasReluDropout(World w, Choices c)
    {
        Tensor input = w.Any(c);
        Tensor? bias = c.OneIn(3) || input.Shape.Rank == 0 ? null : w.Like(c, new Shape(input.Shape[-1]));
        return w.Step(c).BiasReluDropout(input, bias, c.Near(c.Below(2) * 0.3), Stream, c.OneIn(2));
    }

    private static Tensor Reshape(World w, Choices c)
    {
        Tensor input = w.Any(c);
        return w.Step(c).Reshape(input, input.Count < int.MaxValue && !c.OneIn(4) ? new Shape((int)input.Count) : c.Shape());
    }

    private static Tensor MatMul(World w, Choices c)
    {
        Tensor left = w.OfRank(c, 2);
        return w.Step(c).MatMul(left, w.Like(c, new Shape(left.Shape[1], c.Size())));
    }

    private static Tensor Linear(World w, Choices c)
    {
        Tensor input = w.OfRank(c, 2);
        if (c.OneIn(3))
        {
            return w.Linear.Forward(w.Step(c), input);
        }

        int outputs = c.Size();
        return w.Step(c).Linear(input, w.Like(c, new Shape(outputs, input.Shape[1])), c.OneIn(2) ? null : w.Like(c, new Shape(outputs)));
    }

    private static Tensor Conv2d(World w, Choices c)
    {
        Tensor input = w.OfRank(c, 4);
        Step step = w.Step(c);
        Tensor filter = w.Keep(step.NewFilter(c.Near(new Shape(c.Size(), input.Shape[3], c.Near(1 + c.Below(3)), c.Near(1 + c.Below(3)))), DType.Float32));
        World.Fill(c, filter);
        if (c.OneIn(2))
        {
            step.Watch(filter);
        }

        var options = new Conv2dOptions(c.Near(1 + c.Below(2)), c.Near(1 + c.Below(2)), c.Near(c.Below(3)), c.Near(c.Below(3)), c.Near(1 + c.Below(2)), c.Near(1 + c.Below(2)));
        return step.Conv2d(input, filter, c.OneIn(2) ? null : w.Like(c, new Shape(filter.Shape[0])), options);
    }

    private static RunningStatistics? Running(World w, Choices c, int channels) => c.OneIn(2)
        ? null
        : new RunningStatistics(w.Like(c, new Shape(channels)), w.Like(c, new Shape(channels)), c.Near(0.1), [.. Enumerable.Range(0, c.Below(3)).Select(_ => c.NearBelow(1))]);

    private static Tensor BatchNorm(World w, Choices c)
    {
        Tensor input = c.OneIn(2) ? w.OfRank(c, 4) : w.OfRank(c, 2);
        int channels = input.Shape[-1];
        Tensor gamma = w.Like(c, new Shape(channels)), beta = w.Like(c, new Shape(channels));
        return w.Step(c).BatchNorm(input, gamma, beta, c.Near(1e-5), c.OneIn(2), c.Near(1), Running(w, c, channels));
    }

    private static Tensor BatchNormInference(World w, Choices c)
    {
        Tensor input = w.OfRank(c, 4);
        var channels = new Shape(input.Shape[-1]);
        return w.Step(c).BatchNormInference(input, w.Like(c, channels), w.Like(c, channels), w.Like(c, channels), w.Like(c, channels), c.Near(1e-5), c.OneIn(2));
    }

    private static Tensor Residual(World w, Choices c)
    {
        Tensor input = w.OfRank(c, 4);
        int channels = input.Shape[3];
        Tensor gamma = w.Like(c, new Shape(channels)), beta = w.Like(c, new Shape(channels)), residual = w.Like(c, input.Shape);
        Tensor? gates = c.OneIn(2) ? null : w.Like(c, new Shape(1 + c.Below(2), 2));
        bool shared = c.OneIn(3);
        return c.OneIn(3)
            ? w.Step(c).BatchNormResidualInference(input, gamma, beta, w.Like(c, new Shape(channels)), w.Like(c, new Shape(channels)), residual, gates, shared, c.Near(1e-5))
            : w.Step(c).BatchNormResidual(input, gamma, beta, residual, gates, shared, c.Near(1e-5), c.Near(1), Running(w, c, channels));
    }

    private static Tensor GatedResidual(World w, Choices c)
    {
        Tensor branch = w.OfRank(c, 4);
        return w.Step(c).GatedResidual(branch, w.Like(c, branch.Shape), w.Like(c, new Shape(c.OneIn(4) ? c.Size() : 1, 2)), c.OneIn(2));
    }

    private static Tensor GumbelSoftmax(World w, Choices c)
    {
        Tensor logits = w.Any(c);
        return w.Step(c).GumbelSoftmax(logits, w.Like(c, logits.Shape), c.Near(0.7), c.OneIn(2));
    }

    private static Tensor GumbelGates(World w, Choices c)
    {
        Tensor[] logits = [.. Enumerable.Range(0, c.Below(4)).Select(_ => w.Like(c, new Shape(3, 2)))];
        return c.OneIn(2)
            ? w.Step(c).GumbelGates(logits, [.. Enumerable.Repeat(Stream, c.Near(logits.Length) is var n and >= 0 and < 9 ? n : 1)], c.Near(0.7), c.OneIn(2))
            : w.Step(c).GumbelGates(logits, w.Like(c, new Shape(logits.Length, 3, 2)), c.Near(0.7), c.OneIn(2));
    }

    private static Shape Pixels(Tensor tensor) => new(tensor.Shape.ToArray().AsSpan(0, Math.Max(0, tensor.Shape.Rank - 1)));

    private static Tensor Embedding(World w, Choices c) =>
        w.Step(c).Embedding(w.Like(c, c.Shape(c.Below(4)), c.OneIn(2) ? DType.Int32 : DType.UInt8), w.OfRank(c, 2), c.OneIn(2) ? null : c.NearBelow(3));

    private static Tensor CrossEntropy(World w, Choices c)
    {
        Tensor logits = w.Any(c);
        Tensor? weights = c.OneIn(2) || logits.Shape.Rank == 0 ? null : w.Like(c, new Shape(logits.Shape[-1]));
        return w.Step(c).CrossEntropy(logits, w.Like(c, Pixels(logits), DType.Int32), c.Near(1), weights);
    }

    private static Tensor Masked(World w, Choices c, Func<Step, Tensor, Tensor, Tensor, Tensor> loss)
    {
        Tensor prediction = w.Any(c);
        return loss(w.Step(c), prediction, w.Like(c, prediction.Shape), w.Like(c, Pixels(prediction), DType.UInt8));
    }

    private static Tensor CropImages(World w, Choices c)
    {
        Tensor images = w.Like(c, new Shape(1, 4, 5, 3), DType.UInt8);
        var window = new CropWindow(c.Near(4), c.Near(5), c.Near(6), c.Near(7), c.Near(c.Below(4) - 2), c.Near(c.Below(4) - 2), c.OneIn(2));
        var part = new ImagePart(c.NearBelow(4), c.Near(0), c.Near(0), c.Near(4), c.Near(5));
        float[] mean = c.OneIn(9) ? [] : [1, 2, 3];
        int height = c.Near(3), width = c.Near(4);
        if (c.OneIn(3))
        {
            return w.Step(c).CropImages(images, [part], [window], new PixelNormalization(new(1, 2, 3), new(0.5f, 1, 2), c.OneIn(2)), height, width, c.Type());
        }

        return c.OneIn(2)
            ? w.Step(c).CropImages(images, [window], mean, height, width, c.Type())
            : w.Step(c).CropImages(images, [part], [window], mean, height, width, c.Type());
    }
}
