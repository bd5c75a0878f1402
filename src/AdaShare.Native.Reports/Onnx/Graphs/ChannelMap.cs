namespace AdaShare.Native.Reports.Onnx.Graphs;

/// <summary>y = scale x + shift with a number for each channel: a batch norm in evaluation, a bias, a product with constants. In the file it is part of the convolution before it, or Mul and Add.</summary>
internal sealed class ChannelMap(GraphValue input, double[] scale, double[] shift) : GraphNode(OnnxOperators.ChannelMap, input.Size, [input])
{
    /// <summary>A factor for each channel.</summary>
    public double[] Scale { get; } = scale;

    /// <summary>A summand for each channel.</summary>
    public double[] Shift { get; } = shift;
}
