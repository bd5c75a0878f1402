using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.AdaShare;

namespace AdaShare.Native.Methods.AdaShareInstance;

/// <summary>A policy network, learnt through soft Gumbel samples for each image.</summary>
/// <param name="session">The run.</param>
/// <param name="options">AdaShare's options.</param>
internal sealed class InstancePolicy(TrainingSession session, AdaShareOptions options) : ISearchPolicy
{
    private readonly InstanceNetwork _network = (InstanceNetwork)session.Model;
    private readonly LossRules _rules = LossRules.Of(session.Config);

    public ParameterGroup Parameters => _network.PolicyGroup;

    public int Decisions => _network.Spec.Backbone.BlockCount;

    public StepPlan Prepare(StepPlan plan, SearchPoint point)
    {
        _network.Sampling = new InstanceSampling(point.Temperature, options.HardSampling);
        _network.OpenBlocks = point.Open;
        plan = plan with { Gates = static _ => GateTable.Decided };
        return point.UpdatesPolicy ? plan with { Rewards = (step, pass) => Regularizers(step, pass, point.Open) } : plan;
    }

    public GateTable Likeliest(int open)
    {
        _network.OpenBlocks = open;
        return GateTable.Decided;
    }

    public double[][]? Probability(int open) => null;

    public string Learnt(int open)
    {
        _network.OpenBlocks = open;
        _network.Sampling = null;
        return AdaShareRun.RetrainKey;
    }

    /// <summary>AdaShare's regularisers, as a mean over the images of a group.</summary>
    private IReadOnlyList<WeightedLoss> Regularizers(Step step, GroupPass pass, int open)
    {
        Tensor outputs = _network.Last!.Outputs;
        Tensor[] logits = [.. pass.Group.Tasks.Select(task => _network.LogitsOf(step, outputs, task))];
        var losses = new List<WeightedLoss>();
        if (options.IsSharing)
        {
            losses.Add(new WeightedLoss("sharing", options.RegWHamming, PolicyRegularizer.Sharing(step, logits, _rules)));
        }

        if (options.IsSparse)
        {
            losses.Add(new WeightedLoss("sparsity", options.RegW, PolicyRegularizer.Sparsity(step, logits, _rules, open)));
        }

        return losses;
    }
}
