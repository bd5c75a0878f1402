using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Layers;

/// <summary>A convolution with its filter and, optionally, bias.</summary>
/// <remarks>PyTorch: <c>nn.Conv2d</c>; parameters are <c>name.weight</c> [out, in, kh, kw] and <c>name.bias</c> [out].</remarks>
public sealed class Conv2dLayer
{
    /// <summary>Adds the layer's parameters to a group.</summary>
    /// <param name="group">Where the parameters lie.</param>
    /// <param name="name">The prefix of their names.</param>
    /// <param name="inputChannels">Channels of the input.</param>
    /// <param name="outputChannels">The number of filters.</param>
    /// <param name="kernel">The filters' side.</param>
    /// <param name="options">Stride, padding and dilation.</param>
    /// <param name="bias">Whether there is a bias.</param>
    /// <param name="initializer">How the filter starts; PyTorch's default if null. The bias starts uniform within 1 / sqrt(fan-in).</param>
    public Conv2dLayer(ParameterGroup group, string name, int inputChannels, int outputChannels, int kernel, Conv2dOptions options, bool bias = false, Initializer? initializer = null)
        : this(group, name, inputChannels, outputChannels, (kernel, kernel), options, bias, initializer)
    {
    }

    /// <summary>Adds the parameters of a layer whose filters are no squares to a group.</summary>
    /// <param name="group">Where the parameters lie.</param>
    /// <param name="name">The prefix of their names.</param>
    /// <param name="inputChannels">Channels of the input.</param>
    /// <param name="outputChannels">The number of filters.</param>
    /// <param name="kernel">The filters' rows and columns.</param>
    /// <param name="options">Stride, padding and dilation.</param>
    /// <param name="bias">Whether there is a bias.</param>
    /// <param name="initializer">How the filter starts; PyTorch's default if null. The bias starts uniform within 1 / sqrt(fan-in).</param>
    public Conv2dLayer(
        ParameterGroup group, string name, int inputChannels, int outputChannels, (int Height, int Width) kernel, Conv2dOptions options, bool bias = false, Initializer? initializer = null)
    {
        Options = options;
        Weight = group.Add(name + ".weight", new Shape(outputChannels, inputChannels, kernel.Height, kernel.Width), initializer ?? Initializers.KaimingUniformDefault, isFilter: true);
        if (bias)
        {
            Bias = group.Add(name + ".bias", new Shape(outputChannels), Initializers.Uniform(1 / Math.Sqrt((double)inputChannels * kernel.Height * kernel.Width)));
        }
    }

    /// <summary>Stride, padding and dilation.</summary>
    public Conv2dOptions Options { get; }

    /// <summary>The filter.</summary>
    public Parameter Weight { get; }

    /// <summary>The bias, if there is one.</summary>
    public Parameter? Bias { get; }

    /// <summary>Convolves [N, H, W, in]; where it is bfloat16, by the filter rounded to it.</summary>
    public Tensor Forward(Step step, Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return step.Conv2d(input, Weight.For(input.DType), Bias?.Value, Options);
    }

    /// <summary>Convolves [N, H, W, in], adds the bias, applies ReLU, and drops elements: bias, ReLU and dropout in one pass, in the convolution's own memory where it may be.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="input">[N, H, W, in].</param>
    /// <param name="dropout">The probability with which an element is dropped; 0 for none.</param>
    /// <param name="stream">The random numbers of the dropout.</param>
    public Tensor ForwardReluDropout(Step step, Tensor input, double dropout = 0, Random.RandomStream stream = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        return step.BiasReluDropout(step.Conv2d(input, Weight.For(input.DType), bias: null, Options), Bias?.Value, dropout, stream, takeInput: true);
    }

    /// <summary>The sizes of a forward pass over an input of a shape.</summary>
    public Conv2dGeometry Geometry(Shape input) => Conv2dGeometry.Of(input, Weight.Shape, Options);
}
