using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Autograd;

/// <summary>Recomputation: activations that are computed again during the backward pass instead of being kept.</summary>
public sealed partial class Step
{
    private HashSet<Tensor>? _region;

    /// <summary>Whether a body given to <see cref="Recompute"/> runs for the second time. Whatever has an effect beside its output, such as running statistics, must leave it out then.</summary>
    public bool IsRecomputing { get; private set; }

    /// <summary>
    /// Runs a part of a network of which only the input and the output are kept: during the backward pass it runs again to make the activations that its backward rules
    /// read. Costs a second forward pass of the part; outputs and gradients are the same to the bit.
    /// </summary>
    /// <param name="input">What the body reads, beside parameters and tensors that want a gradient; it is kept.</param>
    /// <param name="body">
    /// Computes the output from the input by ops of this step and releases what lies in between. It must do the same both times, but for its effects, which
    /// <see cref="IsRecomputing"/> tells to leave out.
    /// </param>
    /// <returns>What the body returned.</returns>
    /// <remarks>PyTorch: <c>torch.utils.checkpoint</c> (Chen, Xu, Zhang, Guestrin: "Training deep nets with sublinear memory cost", 2016).</remarks>
    public Tensor Recompute(Tensor input, Func<Tensor, Tensor> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        if (!RecordsGradients || _pauses > 0)
        {
            return body(input);
        }

        HashSet<Tensor> wanting = [];
        Tensor output = FirstRun(input, body, wanting);
        if (wanting.Count == 0 || ReferenceEquals(output, input))
        {
            return output;
        }

        _wanting.Clear();
        wanting.Add(input);
        Node? node = null;
        node = Record("recompute", output, [.. wanting], gradOutput => BackwardAgain(node!, input, body, gradOutput));
        return output;
    }

    /// <summary>Runs a body without recording, and collects what comes from outside and wants a gradient.</summary>
    private Tensor FirstRun(Tensor input, Func<Tensor, Tensor> body, HashSet<Tensor> wanting)
    {
        _region = wanting;
        try
        {
            using (PauseRecording())
            {
                return body(input);
            }
        }
        finally
        {
            _region = null;
        }
    }

    private void BackwardAgain(Node node, Tensor input, Func<Tensor, Tensor> body, Tensor gradOutput)
    {
        int mark = _tape.Count;
        IsRecomputing = true;
        Tensor again;
        try
        {
            again = body(input);
        }
        finally
        {
            IsRecomputing = false;
        }

        _transient?.Replace(node, _tape[mark..]);

        // The gradient of a kept output stays; otherwise it goes as soon as the last op has read it.
        again.Gradient = gradOutput;
        again.IsKept = node.Output.IsKept;
        if (!again.IsKept)
        {
            Release(again);
        }

        RunTape(mark);
    }
}
