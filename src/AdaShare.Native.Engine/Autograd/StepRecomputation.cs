using AdaShare.Native.Engine.Backends;
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
    /// <param name="inputs">The tensors of this step that the body reads; they are kept.</param>
    /// <param name="body">
    /// Computes the output by ops of this step and releases what lies in between. It must do the same both times, but for its effects, which
    /// <see cref="IsRecomputing"/> tells to leave out.
    /// </param>
    /// <returns>What the body returned.</returns>
    /// <remarks>PyTorch: <c>torch.utils.checkpoint</c> (Chen, Xu, Zhang, Guestrin: "Training deep nets with sublinear memory cost", 2016).</remarks>
    public Tensor Recompute(IReadOnlyList<Tensor> inputs, Func<Tensor> body)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(body);
        using BackendScope scope = Enter("recompute", [.. inputs]);
        if (!RecordsGradients || _pauses > 0)
        {
            return body();
        }

        HashSet<Tensor> wanting = [];
        Tensor output = FirstRun(body, wanting);
        if (wanting.Count == 0 || inputs.Contains(output))
        {
            return output;
        }

        _wanting.Clear();
        wanting.UnionWith(inputs);
        Node? node = null;
        node = Record("recompute", output, [.. wanting], gradOutput => BackwardAgain(node!, body, gradOutput));
        node.Again = body;
        return output;
    }

    /// <summary>Runs a body without recording, and collects what comes from outside and wants a gradient.</summary>
    private Tensor FirstRun(Func<Tensor> body, HashSet<Tensor> wanting)
    {
        _region = wanting;
        try
        {
            using (PauseRecording())
            {
                return body();
            }
        }
        finally
        {
            _region = null;
        }
    }

    private void BackwardAgain(Node node, Func<Tensor> body, Tensor gradOutput)
    {
        int mark = _tape.Count;
        Tensor again = ComputeAgain(node, body);
        _transient?.Replace(node, _tape[mark..]);

        // The gradient of a kept output stays; otherwise it goes as soon as the last op has read it, or that op hands its memory on.
        again.Gradient = gradOutput;
        again.IsKept = node.Output.IsKept;
        if (!again.IsKept)
        {
            node.Output.Gradient = null;
            Release(again);
        }

        RunTape(mark);
    }

    private Tensor ComputeAgain(Node node, Func<Tensor> body)
    {
        IsRecomputing = true;
        try
        {
            using SectionScope section = new(Backend, new Section(node.Section, IsRecomputed: true));
            return body();
        }
        finally
        {
            IsRecomputing = false;
        }
    }
}
