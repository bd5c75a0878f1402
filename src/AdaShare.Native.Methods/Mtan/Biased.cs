using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Methods.Mtan;

/// <summary>Convolutions with biases before batch norms, as in the public code of attention networks.</summary>
internal static class Biased
{
    /// <summary>Computes a convolution and its batch norm.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="conv">The convolution.</param>
    /// <param name="norm">The batch norm.</param>
    /// <param name="input">[N, h, w, C].</param>
    /// <param name="training">Whether the batch's own statistics are used.</param>
    /// <param name="relu">Whether ReLU follows.</param>
    public static Tensor ConvNorm(Step step, Conv2dLayer conv, BatchNormLayer norm, Tensor input, bool training, bool relu)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(conv);
        ArgumentNullException.ThrowIfNull(norm);
        Tensor convolved = conv.Forward(step, input);
        Tensor output = norm.Forward(step, convolved, training, relu);
        step.Release(convolved);
        return output;
    }

    /// <summary>
    /// Multiply-adds of a convolution with its bias, which is half a multiply-add for each output: the published figures of MTAN come out so (44.31 and 57.21 G), and not without the biases (44.30
    /// and 57.19 G).
    /// </summary>
    /// <param name="conv">The convolution.</param>
    /// <param name="input">[1, h, w, C].</param>
    public static long MultiplyAdds(Conv2dLayer conv, Shape input)
    {
        ArgumentNullException.ThrowIfNull(conv);
        Conv2dGeometry geometry = conv.Geometry(input);
        long outputs = (long)geometry.Batch * geometry.OutputHeight * geometry.OutputWidth * geometry.OutputChannels;
        return LayerCost.MultiplyAdds((conv, input)) + (outputs / 2);
    }
}
