using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Autograd;

/// <summary>What a step refuses: inputs that can't be read or whose gradient nobody would see, losses that are not its own, rules that would read other values than the forward pass saw.</summary>
public sealed partial class Step
{
    private const string WatchOp = "watch";

    /// <summary>Refuses what can't run backward, before anything has changed.</summary>
    internal void CheckBackward(Tensor loss)
    {
        if (loss.Count != 1)
        {
            throw new ShapeException($"backward: the loss has shape {loss.Shape}; reduce it to one element with Sum or Mean first");
        }

        if (!RecordsGradients || !loss.RequiresGradient)
        {
            throw new ShapeException("backward: the loss does not depend on anything that wants a gradient; record the step, and unfreeze a parameter or watch an input");
        }

        if (loss.Home != this && loss.Parameter is null)
        {
            throw new InvalidOperationException($"backward: the loss {loss} was computed by another step; run that one backward, or compute the loss in this one");
        }

        if (_ranBackward)
        {
            throw new InvalidOperationException("backward: the step has run backward before and its activations are gone; add the losses up and run backward once, or begin another step");
        }
    }

    /// <summary>Refuses to run backward where anything that a recorded op saved was overwritten since, before anything has changed.</summary>
    internal void CheckSaved() => _tape.ForEach(static node => CheckSaved(node));

    /// <summary>
    /// Enters the backend for an op, and refuses inputs that it could not read, or whose gradient nobody would see: freed ones, those of another device, those that another step gives their
    /// gradients.
    /// </summary>
    /// <param name="op">The op's name.</param>
    /// <param name="inputs">What the op reads.</param>
    /// <param name="optional">What it reads where it is there.</param>
    internal BackendScope Enter(string op, ReadOnlySpan<Tensor?> inputs = default, ReadOnlySpan<Tensor?> optional = default)
    {
        BackendScope scope = Backend.Enter(op);
        try
        {
            if (_disposed)
            {
                throw new ObjectDisposedException(null, $"{op}: the step has been disposed, and its tensors with it; begin another one");
            }

            foreach (Tensor? input in inputs)
            {
                CheckInput(op, input ?? throw new ArgumentNullException(nameof(inputs), $"{op}: an input is null; give a tensor"));
            }

            foreach (Tensor? input in optional)
            {
                if (input is not null)
                {
                    CheckInput(op, input);
                }
            }

            return scope;
        }
        catch
        {
            scope.Dispose();
            throw;
        }
    }

    private static void CheckSaved(Node node)
    {
        foreach (SavedTensor saved in node.Saved)
        {
            if (saved.Tensor.Version != saved.Version)
            {
                throw new InvalidOperationException(
                    $"backward: {node.Op} saved {saved.Tensor}{(saved.Tensor.Parameter is { } parameter ? $" of parameter {parameter.Name}" : string.Empty)} for its gradient, and it was overwritten " +
                    $"{saved.Tensor.Version - saved.Version} times since; write to it after Backward, or compute with a copy");
            }
        }
    }

    /// <summary>Refuses an input that an op could not read, or whose gradient nobody would see.</summary>
    private void CheckInput(string op, Tensor input)
    {
        input.ThrowIfFreed(op);
        if (input.Storage.Backend != Backend && input.Storage.Backend.Entrance != Backend.Entrance)
        {
            throw new ShapeException($"{op}: the tensor {input} lies on {input.Backend.Name}, and the step computes on {Backend.Name}, a backend of its own; copy the tensor by way of the host");
        }

        if (input.RequiresGradient && input.Home != this && input.Parameter is null && RecordsGradients && _pauses == 0 && op != WatchOp)
        {
            throw new InvalidOperationException(
                $"{op}: the tensor {input} wants a gradient and belongs to another step, so this one's would be lost; compute it in this step, watch it here, or pause recording");
        }
    }
}
