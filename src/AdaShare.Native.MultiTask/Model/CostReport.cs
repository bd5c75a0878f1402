using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.MultiTask.Policies;

namespace AdaShare.Native.MultiTask.Model;

/// <summary>
/// What a policy costs: parameters, and multiply-adds of a forward pass over one image, backbone and heads apart. The backbone runs once a task, skipped blocks
/// are not counted, padding taps and batch norms are: the unit of the paper's figures.
/// </summary>
/// <param name="Height">Rows of the image.</param>
/// <param name="Width">Columns of the image.</param>
/// <param name="BackboneParameters">Parameters of the backbone.</param>
/// <param name="UsedBackboneParameters">Parameters of the parts of the backbone that at least one task runs.</param>
/// <param name="HeadParameters">Parameters of all heads.</param>
/// <param name="BackboneMultiplyAdds">Multiply-adds of the backbone under the policy, all tasks.</param>
/// <param name="FullBackboneMultiplyAdds">The same with no block skipped.</param>
/// <param name="HeadMultiplyAdds">Multiply-adds of all heads.</param>
/// <param name="BlockMultiplyAdds">Multiply-adds of each block's body, once.</param>
/// <param name="BlockParameters">Parameters of each block's body.</param>
/// <param name="StateEntries">Elements of the whole state dict: parameters, running statistics, counters, logits.</param>
public sealed record CostReport(
    int Height, int Width, long BackboneParameters, long UsedBackboneParameters, long HeadParameters, long BackboneMultiplyAdds, long FullBackboneMultiplyAdds,
    long HeadMultiplyAdds, IReadOnlyList<long> BlockMultiplyAdds, IReadOnlyList<long> BlockParameters, long StateEntries)
{
    /// <summary>Counts the cost of a policy.</summary>
    /// <param name="network">The network.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    public static CostReport Of(AdaShareNetwork network, DiscretePolicy policy, int height, int width)
    {
        var image = new Shape(1, height, width, 3);
        Backbone backbone = network.Backbone;
        Shape shape = backbone.StemShape(image);
        long always = MultiplyAdds(backbone.StemConvolution(image));
        var blocks = new List<long>();
        var parameters = new List<long>();
        foreach ((ResidualBlock body, Projection? projection) in backbone.Blocks)
        {
            always += projection is null ? 0 : MultiplyAdds(projection.Convolution(shape));
            blocks.Add(body.Convolutions(shape).Sum(MultiplyAdds));
            parameters.Add(body.Convolutions(shape).Sum(static c => c.Layer.Weight.Count) + body.Norms.Sum(static n => n.Gamma.Count + n.Beta.Count));
            shape = body.OutputShape(shape);
        }

        long run = 0, unused = 0;
        for (int b = 0; b < blocks.Count; b++)
        {
            int users = Enumerable.Range(0, policy.Tasks).Count(t => policy[t, b]);
            run += users * blocks[b];
            unused += users == 0 ? parameters[b] : 0;
        }

        long backboneParameters = Count(network.BackboneGroup);
        return new CostReport(
            height, width, backboneParameters, backboneParameters - unused, Count(network.HeadGroup), (policy.Tasks * always) + run,
            policy.Tasks * (always + blocks.Sum()), network.Heads.Sum(head => head.Convolutions(shape).Sum(MultiplyAdds)), blocks, parameters, network.Store.StateCount);
    }

    private static long MultiplyAdds((Conv2dLayer Layer, Shape Input) convolution) => convolution.Layer.Geometry(convolution.Input).MultiplyAdds;

    private static long Count(ParameterGroup group) => group.Parameters.Sum(static p => p.Count);
}
