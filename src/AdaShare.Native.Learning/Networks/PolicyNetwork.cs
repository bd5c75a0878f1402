using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Learning.Networks;

/// <summary>
/// The small network that looks at an image and decides what a large one does with it: conv 3x3 and BN to 32 channels, three residual blocks of stride 2 with 64, 128 and 256 channels, BN, ReLU, the
/// mean over the image, a linear layer. Widths follow the backbone's. Before a backbone of texts it begins with an embedding of characters of its own, and all convolutions lie along the text.
/// </summary>
/// <remarks>
/// The network of SpotTune's agent (Guo et al., CVPR 2019) in the form of AdaShare's published code (<c>ResNet</c> in deeplab_resnet.py, with 1x1 projections), without the second set of blocks that the code
/// declares and never runs: 1,208,352 parameters before the linear layer, where the code counts 2,558,624.
/// </remarks>
public sealed class PolicyNetwork
{
    /// <summary>The group of its parameters.</summary>
    public const string GroupName = "policy";

    private const int StemWidth = 32;
    private const int FullStem = 64;
    private const int Stages = 3;
    private const int Colours = 3;

    private readonly CharacterEmbedding? _embedding;
    private readonly Conv2dLayer _stem;
    private readonly BatchNormLayer _stemNorm;
    private readonly List<(ResidualBlock Body, Projection Projection)> _blocks = [];
    private readonly BatchNormLayer _norm;
    private readonly LinearLayer _linear;

    /// <summary>Declares the network.</summary>
    /// <param name="builder">Where; parameters lie in a group of their own.</param>
    /// <param name="backbone">The form of the network that it decides for.</param>
    /// <param name="outputs">Numbers that it gives for an image.</param>
    /// <param name="prefix">What its parameters' names begin with.</param>
    public PolicyNetwork(NetworkBuilder builder, BackboneSpec backbone, int outputs, string prefix = GroupName)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(backbone);
        NetworkBuilder own = builder.In(GroupName, FanOut);
        int channels = BackboneSpec.Scale(StemWidth, (double)(backbone.DecisionWidths?[0] ?? backbone.StemChannels) / FullStem);
        own.Require(backbone.Inputs);
        _embedding = backbone.Inputs == InputKind.Text ? new CharacterEmbedding(own, prefix) : null;
        _stem = own.BackboneConv(prefix + ".conv1", _embedding is null ? Colours : CharacterEmbedding.Size, channels, 3, new Conv2dOptions(1, 1));
        _stemNorm = own.BackboneNorm(prefix + ".bn1", channels);
        for (int s = 0; s < Stages; s++)
        {
            int outputChannels = backbone.DecisionWidths?[s] ?? backbone.Width(s);
            _blocks.Add((new ResidualBlock(own, $"{prefix}.blocks.{s}.0", channels, outputChannels, stride: 2, dilation: 1), new Projection(own, prefix, $"ds.{s}", channels, outputChannels, stride: 2)));
            channels = outputChannels;
        }

        _norm = own.BackboneNorm(prefix + ".bn2", channels);
        _linear = new LinearLayer(own.Backbone, prefix + ".linear", channels, outputs);
    }

    /// <summary>Multiply-adds for an image [1, H, W, 3], or a text [1, 1, L, 1]; batch norms and additions are not counted.</summary>
    public long MultiplyAdds(Shape image)
    {
        Shape embedded = _embedding is null ? image : CharacterEmbedding.OutputShape(image);
        long sum = LayerCost.MultiplyAdds((_stem, embedded)) + _linear.Weight.Count;
        Shape shape = embedded.With(3, _stem.Weight.Shape[0]);
        foreach ((ResidualBlock body, Projection projection) in _blocks)
        {
            sum += LayerCost.MultiplyAdds(projection.Convolution(shape)) + body.Convolutions(shape).Sum(LayerCost.MultiplyAdds);
            shape = body.OutputShape(shape);
        }

        return sum;
    }

    /// <summary>Looks at images.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="images">[N, H, W, 3], or texts [N, 1, L, 1]; they stay the caller's.</param>
    /// <param name="training">Whether batch norms use the batch's own statistics.</param>
    /// <returns>[N, outputs], of the parameters' type.</returns>
    public Tensor Forward(Step step, Tensor images, bool training)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(images);
        Tensor seen = _embedding is null ? images : _embedding.Forward(step, images);
        Tensor x = ResidualBlock.ConvNorm(step, _stem, _stemNorm, seen, training, relu: false, groups: 1, updates: null);
        if (seen != images)
        {
            step.Release(seen);
        }

        foreach ((ResidualBlock body, Projection projection) in _blocks)
        {
            Tensor residual = projection.Forward(step, x, training);
            Tensor y = body.ForwardResidual(step, x, residual, gates: null, sharedInput: false, training);
            step.Release(residual);
            step.Release(x);
            x = y;
        }

        Tensor normalised = _norm.Forward(step, x, training, relu: true);
        step.Release(x);
        Tensor pooled = step.GlobalAveragePool(normalised);
        step.Release(normalised);
        Tensor values = pooled.DType == DType.BFloat16 ? step.Cast(pooled, DType.Float32) : pooled;
        Tensor outputs = _linear.Forward(step, values);
        step.Release(values);
        step.Release(pooled);
        return outputs;
    }

    // The published code's initialisation: normal with variance 2 / (kernel area x outputs).
    private static Func<long, double> FanOut(Shape shape, Engine.Random.RandomStream stream) => Initializers.Normal(0, Math.Sqrt(2.0 / ((long)shape[0] * shape[2] * shape[3])))(shape, stream);
}
