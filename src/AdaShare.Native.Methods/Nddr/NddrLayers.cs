using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Methods.Nddr;

/// <summary>
/// NDDR layers behind the stem and behind every stage: all tasks' features side by side, reduced for each task to its width by a convolution 1x1, then batch norm and ReLU.
/// </summary>
/// <remarks>
/// The convolutions have no bias, as in MTL-PyTorch: the official code's, which starts from 0, is taken away again by the batch norm behind it. The published parameters (2.07, 3.15, 5.41
/// backbones) and multiply-adds (38.32, 58.43 G) round the same with and without.
/// </remarks>
public sealed class NddrLayers : IFeatureExchange
{
    private const double Momentum = 0.05;

    private readonly (Conv2dLayer Conv, BatchNormLayer Norm)[][] _layers;

    /// <summary>Declares the layers.</summary>
    /// <param name="builder">Where.</param>
    /// <param name="spec">The size of the networks.</param>
    /// <param name="options">How they start.</param>
    public NddrLayers(NetworkBuilder builder, NetworkSpec spec, NddrOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(options);
        ParameterGroup group = builder.Store.Group("nddr");
        OwnAndOthers start = OwnAndOthers.Of(options.OwnWeight, spec.Tasks.Count);
        int[] widths = [spec.Backbone.StemChannels, .. spec.Backbone.Channels];
        _layers = [.. widths.Select((width, place) => Enumerable.Range(0, spec.Tasks.Count).Select(task => Declare(builder, group, spec, place, task, width, start)).ToArray())];
        Weights = new WeightGroup(group, RateKind.Backbone, options.RateFactor);
    }

    /// <inheritdoc/>
    public WeightGroup Weights { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Exchange(Step step, int place, IReadOnlyList<Tensor> features, IReadOnlyList<int> tasks, bool training)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(tasks);
        Tensor all = step.Concat(features, axis: 3);
        foreach (Tensor ofTask in features)
        {
            step.Release(ofTask);
        }

        var reduced = new Tensor[tasks.Count];
        for (int i = 0; i < reduced.Length; i++)
        {
            (Conv2dLayer conv, BatchNormLayer norm) = _layers[place][tasks[i]];
            Tensor x = conv.Forward(step, all);
            reduced[i] = norm.Forward(step, x, training, relu: true);
            step.Release(x);
        }

        step.Release(all);
        return reduced;
    }

    /// <inheritdoc/>
    public long MultiplyAdds(int place, Shape features)
    {
        Shape all = features.With(3, features[3] * _layers[place].Length);
        return _layers[place].Sum(layer => LayerCost.MultiplyAdds((layer.Conv, all)));
    }

    private static (Conv2dLayer Conv, BatchNormLayer Norm) Declare(
        NetworkBuilder builder, ParameterGroup group, NetworkSpec spec, int place, int task, int width, OwnAndOthers start)
    {
        string name = $"nddr.{place}.{spec.Tasks[task].Name}";
        return (
            new Conv2dLayer(group, name + ".conv", spec.Tasks.Count * width, width, 1, new Conv2dOptions(1), bias: false, Diagonal(width, task, start)),
            new BatchNormLayer(group, builder.Statistics, builder.Store, name + ".bn", width, momentum: Momentum));
    }

    /// <summary>Channel c of the output starts from channel c of every task: of [C, K C, 1, 1], element c K C + j C + c for task j.</summary>
    private static Initializer Diagonal(int width, int task, OwnAndOthers start) => (shape, _) => i =>
    {
        (long output, long input) = Math.DivRem(i, shape[1]);
        (long from, long channel) = Math.DivRem(input, width);
        return channel != output ? 0 : from == task ? start.Own : start.Other;
    };
}
