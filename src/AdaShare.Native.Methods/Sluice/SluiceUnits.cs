using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Methods.Mixtures;

namespace AdaShare.Native.Methods.Sluice;

/// <summary>
/// The mixtures behind every stage: the channels of each task's features are G equal parts, and part p of the K G goes on as the sum over all parts q of alpha_pq x_q. Where it is asked for,
/// heads read a mixture over stages.
/// </summary>
public sealed class SluiceUnits : IFeatureExchange
{
    private readonly Parameter[] _alpha;
    private readonly StageMixture? _beta;
    private readonly SubspacePenalty? _penalty;
    private readonly int _subspaces;
    private readonly int _tasks;

    /// <summary>Declares the units.</summary>
    /// <param name="builder">Where; the tasks' backbones are there already.</param>
    /// <param name="spec">The size of the networks.</param>
    /// <param name="options">Their form and how they start.</param>
    public SluiceUnits(NetworkBuilder builder, NetworkSpec spec, SluiceOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(options);
        (_subspaces, _tasks) = (options.Subspaces, spec.Tasks.Count);
        ParameterGroup group = builder.Store.Group("sluice");
        int parts = _tasks * _subspaces;
        OwnAndOthers start = OwnAndOthers.Of(options.Init == SluiceOptions.Balanced ? 1.0 / parts : options.OwnWeight, parts);
        Initializer diagonal = (_, _) => i => i / parts == i % parts ? start.Own : start.Other;
        _alpha = [.. spec.Backbone.Channels.Select((_, stage) => group.Add($"sluice.{stage}.alpha", new Shape(parts, parts), diagonal))];
        _beta = options.Beta == SluiceOptions.None ? null : new StageMixture(builder, group, spec, options.Beta == SluiceOptions.Balanced);
        _penalty = options.Orthogonality > 0 && _subspaces > 1 ? new SubspacePenalty(builder.Store, spec, options.Orthogonality) : null;
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
            _beta?.Begin();
            return features;
        }

        IReadOnlyList<Tensor> mixed = Mix(step, _alpha[place - 1], features, tasks);
        return _beta?.Pass(step, place - 1, mixed, tasks, training) ?? mixed;
    }

    /// <summary>Those of the projections of a mixture over stages. Like gates and additions, mixing is not counted, so that the figures are the published ones, K backbones.</summary>
    /// <param name="place">0 after the stem, s + 1 after stage s.</param>
    /// <param name="features">The shape of the features there, [1, h, w, C].</param>
    public long MultiplyAdds(int place, Shape features) => place == 0 || _beta is null ? 0 : _beta.MultiplyAdds(place - 1, features);

    /// <inheritdoc/>
    public IReadOnlyList<WeightedLoss> ExtraLosses(Step step) => _penalty is null ? [] : [_penalty.Loss(step)];

    private Tensor[] Mix(Step step, Parameter alpha, IReadOnlyList<Tensor> features, IReadOnlyList<int> tasks)
    {
        Tensor[] parts = [.. features.SelectMany(ofTask => Parts(step, ofTask))];
        using var mixer = new FeatureMixer(step, parts[0]);
        IReadOnlyList<Tensor> weights = mixer.Spread(alpha.Value);
        Tensor[] mixed = [.. tasks.Select(task => Join(step, [.. Enumerable.Range(task * _subspaces, _subspaces).Select(MixedPart)]))];
        foreach (Tensor made in parts.Concat(weights))
        {
            step.Release(made);
        }

        return mixed;

        Tensor MixedPart(int to) => mixer.Sum([.. parts.Select((part, from) => (part, weights[(to * parts.Length) + from]))]);
    }

    /// <summary>The channels of features in equal parts; the features are given up.</summary>
    private Tensor[] Parts(Step step, Tensor features)
    {
        if (_subspaces == 1)
        {
            return [features];
        }

        int channels = features.Shape[3] / _subspaces;
        Tensor[] parts = [.. Enumerable.Range(0, _subspaces).Select(g => step.Slice(features, 3, g * channels, channels))];
        step.Release(features);
        return parts;
    }

    private static Tensor Join(Step step, Tensor[] parts)
    {
        if (parts.Length == 1)
        {
            return parts[0];
        }

        Tensor joined = step.Concat(parts, 3);
        foreach (Tensor part in parts)
        {
            step.Release(part);
        }

        return joined;
    }
}
