using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Learning.Tests.Execution;

/// <summary>The oracle of the execution plan: the whole backbone once for every task, as the official code does it, nothing shared and nothing batched.</summary>
internal static class NaiveExecution
{
    /// <summary>Every task's prediction; the counterpart of <see cref="SharedNetwork.Forward"/>.</summary>
    public static Tensor[] Forward(Step step, SharedNetwork network, Tensor images, GateTable gates, bool training)
    {
        Tensor? shared = gates.IsShared && !network.Spec.HasTaskNorms ? Features(step, network.Backbone, images, gates, 0, training) : null;
        return [.. network.Heads.Select((head, t) => head.Forward(step, shared ?? Features(step, network.Backbone, images, gates, t, training), training, 0, 0))];
    }

    /// <summary>The features of one task.</summary>
    public static Tensor Features(Step step, Backbone backbone, Tensor images, GateTable gates, int task, bool training)
    {
        Tensor x = backbone.Stem.Forward(step, images, training, task: task);
        for (int b = 0; b < backbone.Blocks.Count; b++)
        {
            x = Block(step, backbone.Blocks[b], x, gates.IsShared ? Gate.On : gates[task, b], training, task);
        }

        return x;
    }

    private static Tensor Block(Step step, (ResidualBlock Body, Projection? Projection) block, Tensor x, Gate gate, bool training, int task)
    {
        Tensor residual = block.Projection?.Forward(step, x, training, task: task) ?? x;
        switch (gate.Kind)
        {
            case GateKind.Off:
                return residual;
            case GateKind.Silent:
                using (step.PauseRecording())
                {
                    block.Body.Forward(step, x, training, task: task);
                }

                return residual;
            default:
                Tensor branch = block.Body.Forward(step, x, training, task: task);
                return gate.Weights is { } weights ? step.GatedResidual(branch, residual, weights) : step.Relu(step.Add(residual, branch));
        }
    }
}
