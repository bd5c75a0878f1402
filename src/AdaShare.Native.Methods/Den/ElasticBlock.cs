using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Methods.Den;

/// <summary>
/// The body of a basic block whose middle channels lie in nested groups of a quarter, a quarter and a half: conv 3x3, BN, ReLU for each group; the sum of the groups' conv 3x3; BN. At level l the first l groups run.
/// With all of them it is a basic block; a group that no image runs is not computed.
/// </summary>
internal sealed class ElasticBlock
{
    /// <summary>Groups, and so levels above 0.</summary>
    public const int Groups = 3;

    /// <summary>Levels, 0 included.</summary>
    public const int Levels = Groups + 1;

    private static readonly double[] Shares = [0, 0.25, 0.5, 1];

    private readonly (Conv2dLayer First, BatchNormLayer Norm, Conv2dLayer Second)[] _groups;
    private readonly BatchNormLayer _norm;

    /// <summary>Declares a block.</summary>
    public ElasticBlock(NetworkBuilder builder, string name, int inputs, int outputs, int stride, int dilation)
    {
        _groups = [.. Enumerable.Range(0, Groups).Select(g =>
        {
            int channels = (int)(outputs * (Shares[g + 1] - Shares[g]));
            return (builder.BackboneConv($"{name}.conv1.{g}", inputs, channels, 3, new Conv2dOptions(stride, dilation, dilation)), builder.BackboneNorm($"{name}.bn1.{g}", channels),
                builder.BackboneConv($"{name}.conv2.{g}", channels, outputs, 3, new Conv2dOptions(1, dilation, dilation)));
        })];
        _norm = builder.BackboneNorm(name + ".bn2", outputs);
    }

    /// <summary>The share of the middle channels that runs at a level.</summary>
    public static double Share(int level) => Shares[level];

    /// <summary>The shape of the output.</summary>
    public Shape OutputShape(Shape input)
    {
        Conv2dGeometry g = _groups[0].First.Geometry(input);
        return new Shape(g.Batch, g.OutputHeight, g.OutputWidth, _groups[0].Second.Weight.Shape[0]);
    }

    /// <summary>Multiply-adds of a group.</summary>
    /// <param name="group">Which, from 0.</param>
    /// <param name="input">The shape of the block's input.</param>
    public long MultiplyAdds(int group, Shape input)
    {
        (Conv2dLayer first, _, Conv2dLayer second) = _groups[group];
        return LayerCost.MultiplyAdds((first, input)) + LayerCost.MultiplyAdds((second, OutputShape(input).With(3, first.Weight.Shape[0])));
    }

    /// <summary>Multiply-adds of all groups.</summary>
    public long MultiplyAdds(Shape input) => Enumerable.Range(0, Groups).Sum(g => MultiplyAdds(g, input));

    /// <summary>Computes ReLU(r + F(x)).</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">[N, H, W, C].</param>
    /// <param name="residual">[N, h, w, outputs].</param>
    /// <param name="levels">For each image how many groups run.</param>
    /// <param name="training">Whether batch norms use the batch's own statistics, those of all images.</param>
    public Tensor Forward(Step step, Tensor input, Tensor residual, int[] levels, bool training)
    {
        Tensor? sum = null;
        for (int g = 0; g < Groups && levels.Max() > g; g++)
        {
            Tensor output = Group(step, g, input, levels, training);
            if (sum is null)
            {
                sum = output;
                continue;
            }

            Tensor total = step.Add(sum, output);
            step.Release(sum);
            step.Release(output);
            sum = total;
        }

        Tensor branch = sum ?? Zeros(step, residual);
        Tensor end = _norm.ForwardResidual(step, branch, residual, gates: null, sharedInput: false, training);
        step.Release(branch);
        return end;
    }

    private Tensor Group(Step step, int group, Tensor input, int[] levels, bool training)
    {
        (Conv2dLayer first, BatchNormLayer norm, Conv2dLayer second) = _groups[group];
        Tensor convolved = first.Forward(step, input);
        Tensor x = norm.Forward(step, convolved, training, relu: true);
        step.Release(convolved);
        if (Array.Exists(levels, level => level <= group))
        {
            // The mask is 0 or 1, so that it may come behind the ReLU.
            Tensor mask = step.FromDoubles(new Shape(levels.Length, 1, 1, 1), x.DType, [.. levels.Select(level => level > group ? 1.0 : 0)]);
            Tensor masked = step.Multiply(x, mask);
            step.Release(x);
            step.Release(mask);
            x = masked;
        }

        Tensor output = second.Forward(step, x);
        step.Release(x);
        return output;
    }

    // What convolutions make of nothing.
    private static Tensor Zeros(Step step, Tensor like)
    {
        using IDisposable pause = step.PauseRecording();
        return step.Scale(like, 0);
    }
}
