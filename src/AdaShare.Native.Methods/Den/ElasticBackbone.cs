using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Methods.Den;

/// <summary>A Deeplab-ResNet of elastic blocks.</summary>
internal sealed class ElasticBackbone
{
    private const string Prefix = "backbone";

    private readonly List<(ElasticBlock Body, Projection? Projection)> _blocks = [];

    /// <summary>Declares the backbone.</summary>
    public ElasticBackbone(NetworkBuilder builder, BackboneSpec spec)
    {
        Stem = new BackboneStem(builder, spec, Prefix);
        int inputs = spec.StemChannels;
        for (int stage = 0; stage < spec.Blocks.Count; stage++)
        {
            for (int block = 0; block < spec.Blocks[stage]; block++)
            {
                int outputs = spec.Channels[stage], stride = block == 0 ? spec.Strides[stage] : 1, dilation = spec.Dilations[stage];
                bool projects = block == 0 && (stride != 1 || inputs != outputs || dilation is 2 or 4);
                var body = new ElasticBlock(builder, $"{Prefix}.blocks.{stage}.{block}", inputs, outputs, stride, dilation);
                _blocks.Add((body, projects ? new Projection(builder, Prefix, $"ds.{stage}", inputs, outputs, stride) : null));
                inputs = outputs;
            }
        }
    }

    /// <summary>What images go through first.</summary>
    public BackboneStem Stem { get; }

    /// <summary>The blocks with their projections.</summary>
    public IReadOnlyList<(ElasticBlock Body, Projection? Projection)> Blocks => _blocks;

    /// <summary>The shape of the features of an input [N, H, W, 3].</summary>
    public Shape FeatureShape(Shape input) => _blocks.Aggregate(Stem.OutputShape(input), static (shape, block) => block.Body.OutputShape(shape));

    /// <summary>Multiply-adds of stem and projections, and of each block's groups [block][group], for an image [1, H, W, 3].</summary>
    public (long Always, long[][] Groups) MultiplyAdds(Shape image)
    {
        long always = Stem.MultiplyAdds(image);
        var groups = new long[_blocks.Count][];
        Shape shape = Stem.OutputShape(image);
        for (int b = 0; b < groups.Length; b++)
        {
            (ElasticBlock body, Projection? projection) = _blocks[b];
            Shape input = shape;
            always += projection is null ? 0 : LayerCost.MultiplyAdds(projection.Convolution(input));
            groups[b] = [.. Enumerable.Range(0, ElasticBlock.Groups).Select(g => body.MultiplyAdds(g, input))];
            shape = body.OutputShape(shape);
        }

        return (always, groups);
    }

    /// <summary>Computes the features.</summary>
    /// <param name="step">The step that owns them.</param>
    /// <param name="images">[N, H, W, 3].</param>
    /// <param name="levels">[image][block].</param>
    /// <param name="training">Whether batch norms are in training mode.</param>
    /// <param name="recompute">Whether bodies are computed again in the backward pass.</param>
    public Tensor Forward(Step step, Tensor images, int[][] levels, bool training, bool recompute)
    {
        Tensor x = Stem.Forward(step, images, training);
        for (int b = 0; b < _blocks.Count; b++)
        {
            (ElasticBlock body, Projection? projection) = _blocks[b];
            int block = b;
            int[] own = [.. levels.Select(image => image[block])];
            Tensor input = x, residual = projection is null ? input : projection.Forward(step, input, training);
            Tensor Run() => body.Forward(step, input, residual, own, training);
            x = recompute ? step.Recompute([input, residual], Run) : Run();
            step.Release(residual);
            step.Release(input);
        }

        return x;
    }
}
