using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Autograd;

/// <summary>Moves parameters while a backward pass is under way, each as soon as its gradient is complete.</summary>
internal interface IParameterUpdater
{
    /// <summary>Whether this moves the parameter; gradients of others go to their group's flat buffer.</summary>
    bool Moves(Parameter parameter);

    /// <summary>Moves the parameter. Nothing in the step reads its value or writes its gradient any more.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="gradient">Its gradient, the parameter's shape and layout; its memory is gone after the call.</param>
    void Move(Parameter parameter, Tensor gradient);
}
