using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Methods.Mixtures;

namespace AdaShare.Native.Methods.CrossStitch;

/// <summary>Cross-stitch units behind every stage: task i goes on with the sum over all tasks j of a_ij x_j, a mixture of its own.</summary>
public sealed class CrossStitchUnits : IFeatureExchange
{
    private readonly Parameter[][,] _weights;

    /// <summary>Declares the units.</summary>
    /// <param name="builder">Where.</param>
    /// <param name="spec">The size of the networks.</param>
    /// <param name="options">Their form and how they start.</param>
    public CrossStitchUnits(NetworkBuilder builder, NetworkSpec spec, CrossStitchOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(options);
        ParameterGroup group = builder.Store.Group("cross_stitch");
        OwnAndOthers start = OwnAndOthers.Of(options.OwnWeight, spec.Tasks.Count);
        _weights = [.. spec.Backbone.Channels.Select((channels, stage) => Declare(group, spec, stage, options.Units == "scalar" ? 1 : channels, start))];
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
        if (place == 0)
        {
            return features;
        }

        using var mixer = new FeatureMixer(step, features[0]);
        Tensor[] mixtures = [.. tasks.Select(task => mixer.Sum([.. features.Select((ofTask, from) => (ofTask, _weights[place - 1][task, from].Value))]))];
        foreach (Tensor ofTask in features)
        {
            step.Release(ofTask);
        }

        return mixtures;
    }

    /// <summary>None: like gates and additions, a mixture is not counted, so that the figures are the published ones, K backbones.</summary>
    /// <param name="place">0 after the stem, s + 1 after stage s.</param>
    /// <param name="features">The shape of the features there, [1, h, w, C].</param>
    public long MultiplyAdds(int place, Shape features) => 0;

    private static Parameter[,] Declare(ParameterGroup group, NetworkSpec spec, int stage, int channels, OwnAndOthers start)
    {
        int count = spec.Tasks.Count;
        var weights = new Parameter[count, count];
        for (int to = 0; to < count; to++)
        {
            for (int from = 0; from < count; from++)
            {
                string name = $"cross_stitch.{stage}.{spec.Tasks[to].Name}.{spec.Tasks[from].Name}";
                weights[to, from] = group.Add(name, new Shape(channels), Initializers.Constant(to == from ? start.Own : start.Other));
            }
        }

        return weights;
    }
}
