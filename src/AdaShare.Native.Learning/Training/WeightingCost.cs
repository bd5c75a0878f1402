using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Weightings;

namespace AdaShare.Native.Learning.Training;

/// <summary>Multiply-adds that a weighting adds to a step, as executed.</summary>
internal static class WeightingCost
{
    // Gradients of inputs and of filters, each as dear as the forward pass.
    private const int Backward = 2;

    /// <summary>
    /// For inner products over shared weights: a forward pass, the gradients of the heads' inputs, and for each task of a group both gradients of everything that the group's backbone executes; at the last common layer
    /// alone, both gradients of that layer for each task. A forward pass where losses are looked at after the update.
    /// </summary>
    /// <param name="weighting">The weighting.</param>
    /// <param name="model">The model.</param>
    /// <param name="gates">The gates of the step.</param>
    /// <param name="batch">What it learns from.</param>
    public static long Of(Weighting weighting, IModel model, GateTable gates, TrainingBatch batch)
    {
        long sum = 0;
        foreach (BatchGroup group in batch.Groups)
        {
            (int height, int width) = (group.Data.Shape.Height, group.Data.Shape.Width);
            long forward = model.MultiplyAdds(gates, group.Tasks, height, width), heads = model.HeadMultiplyAdds(group.Tasks, height, width);
            long looking = weighting.Needs switch
            {
                WeightingNeeds.SharedWeights => forward + heads + (group.Tasks.Count * Backward * (forward - heads)),
                WeightingNeeds.LastLayer => forward + heads + (group.Tasks.Count * Backward * LastLayer(model, height, width)),
                _ => 0,
            };
            sum += group.Data.Shape.Count * (looking + (weighting.LearnsFromUpdate ? forward : 0));
        }

        return sum;
    }

    /// <summary>The last shared filter, each of whose weights is used once for every position of the features.</summary>
    private static long LastLayer(IModel model, int height, int width)
    {
        Parameter? last = model.Store.Parameters.LastOrDefault(parameter => parameter.Shape.Rank > 1 && !parameter.Group.IsBuffer && model.IsShared(parameter));
        Shape features = model.FeatureShape(new Shape(1, height, width, 3));
        return (last?.Count ?? 0) * features[1] * features[2];
    }
}
