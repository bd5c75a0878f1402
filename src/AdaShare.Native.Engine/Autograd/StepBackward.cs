using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Autograd;

/// <summary>The backward pass of a step: the tape from its end to its beginning, and where each gradient goes.</summary>
public sealed partial class Step
{
    /// <summary>
    /// Where a backward rule puts the gradient of one of its op's inputs: nowhere if it is not wanted, over arbitrary content the first time,
    /// on top of what is there after that.
    /// </summary>
    internal Target TargetFor(Tensor? input)
    {
        if (input is not { RequiresGradient: true })
        {
            return Target.None;
        }

        if (input.Parameter is { } parameter)
        {
            return _transient?.TargetFor(parameter) ?? parameter.TakeTarget();
        }

        if (input.Whole is { } whole)
        {
            return new Target(GradientWhole(whole).Part(input.Offset - whole.Offset, input.Shape), Accumulate: true);
        }

        if (input.Gradient is { } gradient)
        {
            return new Target(gradient, Accumulate: true);
        }

        input.Gradient = Own(Tensor.Allocate(Backend, input.Shape, input.DType, input.IsFilter));
        _lane?.Add(input);
        return new Target(input.Gradient, Accumulate: false);
    }

    /// <summary>
    /// As <see cref="TargetFor"/>, for rules that read each element of the output's gradient before they write the same element of the input's: where the input has no gradient
    /// yet and nobody needs the output's any longer, the one takes the memory of the other.
    /// </summary>
    internal Target TargetOver(Tensor? input, Tensor output)
    {
        if (input is not { RequiresGradient: true, Parameter: null, Whole: null, Gradient: null } || output.IsKept || output.Shape != input.Shape || output.Gradient is not { Storage.IsShared: false } gradient)
        {
            return TargetFor(input);
        }

        output.Gradient = null;
        input.Gradient = gradient;
        _lane?.Add(input);
        return new Target(gradient, Accumulate: false);
    }

    private void RunBackward(Tensor loss, double seed)
    {
        _ranBackward = true;
        using SectionScope section = Backend.EnterSection(_tape.Count > 0 ? _tape[^1].Section : null);
        Target seedTarget = TargetFor(loss);
        Backend.Elementwise.Fill(seedTarget.Tensor!, seed);
        RunTape(0);
    }

    /// <summary>Runs recorded ops backward, from the last one, until so many are left.</summary>
    private void RunTape(int left)
    {
        while (_tape.Count > left)
        {
            Node node = _tape[^1];
            _tape.RemoveAt(_tape.Count - 1);
            RunBackward(node);
        }
    }

    private void RunBackward(Node node)
    {
        Tensor output = node.Output;
        if (output.Gradient is { } gradient)
        {
            Backend.Section = new Section(node.Section);
            RunRule(node, gradient);

            // The rule may have handed the memory on to an input's gradient.
            if (!output.IsKept && output.Gradient is not null)
            {
                output.Gradient = null;
                Release(gradient);
            }
        }

        ReleaseSaved(node);
        _transient?.Complete(node);
        if (!output.IsKept)
        {
            Release(output);
        }
    }

    private static void RunRule(Node node, Tensor gradient)
    {
        try
        {
            CheckSaved(node);
            node.Backward(gradient);
        }
        catch
        {
            // The op is off the tape already, so nobody else would let go of what it holds.
            ReleaseSaved(node);
            throw;
        }
    }

    private static void ReleaseSaved(Node node)
    {
        foreach (SavedTensor saved in node.Saved)
        {
            saved.Tensor.Storage.ReleaseIfHeld();
        }
    }

    /// <summary>The gradient of a tensor whose parts get theirs one by one: zeros at first.</summary>
    private Tensor GradientWhole(Tensor whole)
    {
        if (whole.Gradient is null)
        {
            whole.Gradient = Own(Tensor.Allocate(Backend, whole.Shape, whole.DType));
            Backend.Elementwise.Fill(whole.Gradient, 0);
            _lane?.Add(whole);
        }

        return whole.Gradient;
    }

    private static Tensor? GradientOfPart(Tensor part) => part.Whole is { Gradient: { } gradient } whole ? gradient.Part(part.Offset - whole.Offset, part.Shape) : null;
}
