using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Learning.Networks;

/// <summary>The size of a task's head.</summary>
/// <param name="TaskNumber">The task's number, from 1, which names the head's layers.</param>
/// <param name="Inputs">Channels of the features.</param>
/// <param name="Hidden">Channels inside the head.</param>
/// <param name="Outputs">Channels of the prediction.</param>
/// <param name="Dropout">The dropout probability.</param>
public sealed record HeadSpec(int TaskNumber, int Inputs, int Hidden, int Outputs, double Dropout)
{
    /// <summary>What the network reads: features of texts lie in a row.</summary>
    public InputKind Reads { get; init; }

    /// <summary>What the names of the head's parameters and of its dropout begin with; the official code's name if nobody sets another.</summary>
    public string Prefix { get; init; } = $"task{TaskNumber}_fc1";
}

/// <summary>The heads of tasks that speak of an input as a whole.</summary>
public static class WholeInputHead
{
    /// <summary>Declares the head that fits what the network reads.</summary>
    /// <param name="builder">Where.</param>
    /// <param name="spec">The size.</param>
    public static ITaskHead Of(NetworkBuilder builder, HeadSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.Reads == InputKind.Text ? new TextHead(builder, spec) : new LinearHead(builder, spec);
    }
}

/// <summary>What predicts one task from features.</summary>
public interface ITaskHead
{
    /// <summary>The convolutions with the shapes of their inputs, for cost reports.</summary>
    /// <param name="features">The shape of the features, [N, h, w, C].</param>
    IEnumerable<(Conv2dLayer Layer, Shape Input)> Convolutions(Shape features);

    /// <summary>Predicts from features.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="features">[N, h, w, C].</param>
    /// <param name="training">Whether dropout is active.</param>
    /// <param name="seed">The run's seed, for dropout.</param>
    /// <param name="time">The number of the training step, for dropout.</param>
    /// <returns>[N, h, w, outputs], in single precision where the features are bfloat16.</returns>
    Tensor Forward(Step step, Tensor features, bool training, ulong seed, long time);
}
