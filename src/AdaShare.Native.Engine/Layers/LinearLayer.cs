using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Layers;

/// <summary>A fully connected layer.</summary>
/// <remarks>PyTorch: <c>nn.Linear</c>; parameters are <c>name.weight</c> [out, in] and <c>name.bias</c> [out].</remarks>
public sealed class LinearLayer
{
    /// <summary>Adds the layer's parameters to a group.</summary>
    /// <param name="group">Where the parameters lie.</param>
    /// <param name="name">The prefix of their names.</param>
    /// <param name="inputs">Values a row.</param>
    /// <param name="outputs">Values a row of the output.</param>
    /// <param name="bias">Whether there is a bias.</param>
    public LinearLayer(ParameterGroup group, string name, int inputs, int outputs, bool bias = true)
    {
        Weight = group.Add(name + ".weight", new Shape(outputs, inputs), Initializers.KaimingUniformDefault);
        Bias = bias ? group.Add(name + ".bias", new Shape(outputs), Initializers.Uniform(1 / Math.Sqrt(inputs))) : null;
    }

    /// <summary>The matrix.</summary>
    public Parameter Weight { get; }

    /// <summary>The bias, if there is one.</summary>
    public Parameter? Bias { get; }

    /// <summary>Maps [N, in] to [N, out].</summary>
    public Tensor Forward(Step step, Tensor input) => step.Linear(input, Weight.Value, Bias?.Value);
}
