using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Methods.AdaShare;

/// <summary>Logits for each task and block, learnt through soft Gumbel samples: AdaShare's policy.</summary>
/// <param name="session">The run.</param>
/// <param name="options">Its options.</param>
/// <param name="state">What it has found.</param>
internal class LogitPolicy(TrainingSession session, AdaShareOptions options, AdaShareState state) : ISearchPolicy
{
    private readonly LossRules _rules = LossRules.Of(session.Config);

    public ParameterGroup Parameters => Network.LogitGroup;

    public int Decisions => Network.DecisionCount;

    /// <summary>The network.</summary>
    protected AdaShareNetwork Network => (AdaShareNetwork)session.Model;

    /// <summary>The run.</summary>
    protected TrainingSession Session => session;

    public virtual StepPlan Prepare(StepPlan plan, SearchPoint point)
    {
        GateTable Gates(Step step) => SoftPolicy.Sample(step, Network, point.Temperature, point.Open, GumbelSource.Of(session.Seed, point.Done), options.HardSampling);
        return point.UpdatesPolicy ? plan with { Gates = Gates, Regularizers = step => Regularizers(step, point.Open) } : plan with { Gates = Gates };
    }

    public GateTable Likeliest(int open) => Distribution(open).ArgMax().ToGates();

    public double[][] Probability(int open) => Distribution(open).ToArray();

    public string Learnt(int open)
    {
        state.Learnt(Distribution(open), session, options);
        return AdaShareRun.RetrainKey;
    }

    /// <summary>What the regularisers add.</summary>
    protected IReadOnlyList<WeightedLoss> Regularizers(Step step, int open)
    {
        var losses = new List<WeightedLoss>();
        if (options.IsSharing)
        {
            losses.Add(new WeightedLoss("sharing", options.RegWHamming, PolicyRegularizer.Sharing(step, Network, _rules)));
        }

        if (options.IsSparse)
        {
            losses.Add(new WeightedLoss("sparsity", options.RegW, PolicyRegularizer.Sparsity(step, Network, _rules, open)));
        }

        return losses;
    }

    /// <summary>What the search has learnt. A block that it has not opened has an untouched logit, which is no decision: it runs.</summary>
    private PolicyDistribution Distribution(int open)
    {
        double[][] alpha = PolicyDistribution.Of(Network).ToArray();
        foreach (double[] row in alpha)
        {
            Array.Fill(row, 1, 0, row.Length - open);
        }

        return new PolicyDistribution(alpha);
    }
}
