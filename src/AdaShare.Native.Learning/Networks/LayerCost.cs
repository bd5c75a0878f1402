using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Learning.Networks;

/// <summary>What single layers cost.</summary>
public static class LayerCost
{
    /// <summary>Multiply-adds of a convolution; padding taps are counted, a bias is not.</summary>
    public static long MultiplyAdds((Conv2dLayer Layer, Shape Input) convolution) => convolution.Layer.Geometry(convolution.Input).MultiplyAdds;

    /// <summary>Parameters of a group.</summary>
    public static long Parameters(ParameterGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        return group.Parameters.Sum(static p => p.Count);
    }
}
