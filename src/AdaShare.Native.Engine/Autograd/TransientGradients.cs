using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Autograd;

/// <summary>
/// The gradients of the parameters that an updater moves during one backward pass. Each has memory from the first rule that writes to it until the last recorded op that
/// used its parameter has run; then the parameter moves, while the gradient is still in the cache.
/// </summary>
/// <remarks>
/// A parameter's value does not change before all ops that used it have run backward, because their rules may read it. Sums are taken in the order of the rules, as in the flat
/// buffer, so the gradient is the same to the bit.
/// </remarks>
/// <param name="updater">Moves the parameters.</param>
internal sealed class TransientGradients(IParameterUpdater updater) : IDisposable
{
    private readonly Dictionary<Parameter, int> _uses = [];
    private readonly Dictionary<Parameter, Tensor> _gradients = [];
    private readonly HashSet<Node> _replaced = new(ReferenceEqualityComparer.Instance);

    /// <summary>Counts the uses of parameters by a recorded op that has still to run backward.</summary>
    public void Expect(Node node)
    {
        foreach (Parameter parameter in node.Parameters)
        {
            if (updater.Moves(parameter))
            {
                _uses[parameter] = _uses.GetValueOrDefault(parameter) + 1;
            }
        }
    }

    /// <summary>Says that the uses of an op that has yet to be completed are those of the ops that it was recorded for, so that parameters can move as these run backward.</summary>
    public void Replace(Node node, IEnumerable<Node> parts)
    {
        foreach (Node part in parts)
        {
            Expect(part);
        }

        Complete(node);
        _replaced.Add(node);
    }

    /// <summary>Where a rule puts the gradient of a parameter.</summary>
    /// <exception cref="InvalidOperationException">The op did not say that it used the parameter, which may have moved already.</exception>
    public Target TargetFor(Parameter parameter)
    {
        // A pass before this one has left a gradient to add to.
        if (!updater.Moves(parameter) || parameter.HasGradient)
        {
            return parameter.TakeTarget();
        }

        if (!_uses.ContainsKey(parameter))
        {
            throw new InvalidOperationException($"backward: an op has a gradient for {parameter.Name} and was recorded without it; name every input that may want a gradient in Step.Wants");
        }

        if (_gradients.TryGetValue(parameter, out Tensor? begun))
        {
            return new Target(begun, Accumulate: true);
        }

        Tensor gradient = Tensor.Allocate(parameter.Value.Backend, parameter.Shape, parameter.Value.DType, parameter.IsFilter);
        _gradients.Add(parameter, gradient);
        return new Target(gradient, Accumulate: false);
    }

    /// <summary>Says that an op has run backward: parameters that it used last are moved.</summary>
    public void Complete(Node node)
    {
        if (_replaced.Remove(node))
        {
            return;
        }

        foreach (Parameter parameter in node.Parameters)
        {
            if (_uses.TryGetValue(parameter, out int uses))
            {
                _uses[parameter] = uses - 1;
                if (uses == 1)
                {
                    _uses.Remove(parameter);
                    Move(parameter);
                }
            }
        }
    }

    /// <summary>Returns the memory of gradients that a failed pass has left.</summary>
    public void Dispose()
    {
        foreach (Tensor gradient in _gradients.Values)
        {
            gradient.Storage.Release();
        }

        _gradients.Clear();
    }

    private void Move(Parameter parameter)
    {
        if (parameter.GradientIfAny is { } whole)
        {
            updater.Move(parameter, whole);
            parameter.ClearGradient();
        }
        else if (_gradients.TryGetValue(parameter, out Tensor? gradient))
        {
            updater.Move(parameter, gradient);
            _gradients.Remove(parameter);
            gradient.Storage.Release();
        }
    }
}
