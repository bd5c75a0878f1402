using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Autograd;

/// <summary>One recorded op: what it made, what its backward rule reads, and the rule.</summary>
/// <param name="Op">The op's name, for messages.</param>
/// <param name="Output">The tensor whose gradient starts the rule.</param>
/// <param name="Saved">Tensors that the rule reads; they stay in memory until it has run.</param>
/// <param name="Parameters">The trained parameters that the op used, each once: the rule may read their values and write their gradients.</param>
/// <param name="Section">The part of the computation that the op belongs to, in which its rule runs too; null for none.</param>
/// <param name="Backward">The rule: reads the output's gradient, writes to the targets that <see cref="Step.TargetFor"/> gives it.</param>
internal sealed record Node(string Op, Tensor Output, SavedTensor[] Saved, Parameter[] Parameters, string? Section, Action<Tensor> Backward)
{
    /// <summary>Computes the output again, by ops that are recorded, where the op stands for a part of which nothing was kept; null for others.</summary>
    public Func<Tensor>? Again { get; set; }
}

/// <summary>A tensor that a backward rule reads.</summary>
/// <param name="Tensor">The tensor, of whose memory the recorded op is a holder.</param>
/// <param name="Version">Its <see cref="Tensor.Version"/> when the op was recorded: another one says that the rule would read other values.</param>
internal readonly record struct SavedTensor(Tensor Tensor, long Version);
