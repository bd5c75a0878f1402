using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Methods.Routing;

/// <summary>The agent of a task at a depth: a distribution over the function blocks there, and what it thinks that each is worth.</summary>
internal sealed class RoutingAgent
{
    private readonly Parameter? _logits;
    private readonly LinearLayer? _hidden;
    private readonly LinearLayer? _output;

    /// <summary>Declares an agent, which begins with equal chances where it is a table.</summary>
    /// <param name="group">Where its parameters lie.</param>
    /// <param name="name">What their names begin with.</param>
    /// <param name="channels">Channels of the features that an MLP sees.</param>
    /// <param name="functions">The number of function blocks, M.</param>
    /// <param name="options">What it is.</param>
    public RoutingAgent(ParameterGroup group, string name, int channels, int functions, RoutingOptions options)
    {
        if (options.Agent == RoutingOptions.Mlp)
        {
            _hidden = new LinearLayer(group, name + ".hidden", channels, options.Hidden);
            _output = new LinearLayer(group, name + ".output", options.Hidden, functions);
        }
        else
        {
            _logits = group.Add(name + ".logits", new Shape(1, functions), Initializers.Constant(0));
        }

        Value = group.Add(name + ".value", new Shape(1, functions), Initializers.Constant(0));
    }

    /// <summary>The worth of each function block, [1, M].</summary>
    public Parameter Value { get; }

    /// <summary>Whether it looks at the features.</summary>
    public bool Looks => _hidden is not null;

    /// <summary>Multiply-adds for an image.</summary>
    public long MultiplyAdds => _hidden is null ? 0 : _hidden.Weight.Count + _output!.Weight.Count;

    /// <summary>The probabilities of the function blocks: [N, M], or [1, M] where they are the same for every image.</summary>
    /// <param name="step">The step that owns them.</param>
    /// <param name="features">[N, h, w, C], through which no gradient flows; null where the agent does not look.</param>
    public Tensor Probability(Step step, Tensor? features)
    {
        if (_hidden is null || features is null)
        {
            return step.Softmax(_logits!.Value);
        }

        Tensor seen;
        using (step.PauseRecording())
        {
            Tensor pooled = step.GlobalAveragePool(features);
            seen = pooled.DType == DType.BFloat16 ? step.Cast(pooled, DType.Float32) : pooled;
        }

        return step.Softmax(_output!.Forward(step, step.Relu(_hidden.Forward(step, seen))));
    }
}
