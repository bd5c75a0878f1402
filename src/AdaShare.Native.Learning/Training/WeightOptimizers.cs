using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Models;

namespace AdaShare.Native.Learning.Training;

/// <summary>Optimisers of a model's weights, with the constants of the configuration.</summary>
public static class WeightOptimizers
{
    /// <summary>Adam over all weights.</summary>
    public static Adam Adam(IModel model, TrainConfig train)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(train);
        return new Adam(model.Store, Groups(model, train), Elsewhere(model), train.Beta1, train.Beta2, weightDecay: train.WeightDecay);
    }

    /// <summary>The groups of a model's weights with their rates.</summary>
    public static OptimizerGroup[] Groups(IModel model, TrainConfig train)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(train);
        return [.. model.WeightGroups.Select(group => new OptimizerGroup(group.Parameters, group.Factor * (group.Rate == RateKind.Head ? train.Lr : train.BackboneLr)))];
    }

    /// <summary>The trained groups that are no weights, and that another optimiser moves.</summary>
    public static IReadOnlyList<ParameterGroup> Elsewhere(IModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return [.. model.Store.Groups.Where(group => !group.IsBuffer && !model.WeightGroups.Any(weights => weights.Parameters == group))];
    }

    /// <summary>Sets which groups get gradients: the weights, or all others.</summary>
    /// <param name="model">The model.</param>
    /// <param name="weights">Whether the weights are trained; otherwise what is no weight.</param>
    public static void Train(IModel model, bool weights)
    {
        ArgumentNullException.ThrowIfNull(model);
        foreach (WeightGroup group in model.WeightGroups)
        {
            group.Parameters.Trainable = weights;
        }

        foreach (ParameterGroup group in Elsewhere(model))
        {
            group.Trainable = !weights;
        }
    }
}
