using AdaShare.Native.Data.Datasets;
using AdaShare.Native.MultiTask.Evaluation;
using AdaShare.Native.MultiTask.Metrics;
using AdaShare.Native.MultiTask.Model;
using AdaShare.Native.MultiTask.Policies;

namespace AdaShare.Native.MultiTask.Training;

/// <summary>Turns what a run has found into policy.json and metrics.json.</summary>
internal static class RunResults
{
    /// <summary>Writes the distribution and the sampled policies.</summary>
    public static void WritePolicy(TrainingSession session, int? selected) => new PolicyFile
    {
        Tasks = [.. session.Tasks.Select(static task => task.Name)],
        Probability = session.State.Distribution,
        ArgMax = new PolicyDistribution(session.State.Distribution).ArgMax().ToArray(),
        Sampled = session.State.Policies,
        Selected = selected,
    }.Write(session.Folder.Policy);

    /// <summary>Writes the results of a run that is done.</summary>
    public static MetricsFile Write(TrainingSession session)
    {
        RunState state = session.State;
        int blocks = session.Network.Spec.Backbone.BlockCount;
        int selected = Selected(state.Retrained);
        DiscretePolicy policy = state.Retrained.Count > 0 ? new DiscretePolicy(state.Policies[selected]) : DiscretePolicy.AllOn(session.Tasks.Count, blocks);
        if (state.Retrained.Count > 0)
        {
            WritePolicy(session, selected);
        }

        (Dictionary<string, Dictionary<string, double>> mean, Dictionary<string, Dictionary<string, double>> std) = Spread(state.Retrained);
        var file = new MetricsFile
        {
            WarmUp = state.WarmUp,
            Retrained = state.Retrained.Count > 0 ? state.Retrained[selected].Test : [],
            RetrainedMean = mean,
            RetrainedStd = std,
            Trivial = TrivialPredictors.Evaluate(session.Tasks, session.Dataset, Split.Test, 0, session.Rules.DecodedNormals).Copy(),
            PeakBytes = state.PeakBytes,
            Policy = new PolicySummary
            {
                Selected = selected,
                Score = state.Retrained.Count > 0 ? state.Retrained[selected].Score : 0,
                Skipped = session.Tasks.Select((task, t) => (task.Name, Blocks: Enumerable.Range(0, blocks).Where(b => !policy[t, b]).ToArray()))
                    .ToDictionary(static pair => pair.Name, static pair => pair.Blocks),
            },
            Cost = Summary(CostReport.Of(session.Network, policy, session.Config.Dataload.CropH, session.Config.Dataload.CropW)),
        };
        file.Write(session.Folder.Metrics);
        return file;
    }

    private static int Selected(List<RetrainResult> results)
    {
        int best = 0;
        for (int i = 1; i < results.Count; i++)
        {
            if (results[i].Score > results[best].Score)
            {
                best = i;
            }
        }

        return best;
    }

    private static (Dictionary<string, Dictionary<string, double>> Mean, Dictionary<string, Dictionary<string, double>> Std) Spread(List<RetrainResult> results)
    {
        var mean = new MetricTable();
        var std = new MetricTable();
        if (results.Count > 0)
        {
            foreach ((string task, Dictionary<string, double> metrics) in results[0].Test)
            {
                foreach (string name in metrics.Keys)
                {
                    double[] values = [.. results.Select(r => r.Test[task][name])];
                    double average = values.Average();
                    double squares = values.Sum(v => (v - average) * (v - average));
                    mean.Set(task, name, average);
                    std.Set(task, name, values.Length > 1 ? Math.Sqrt(squares / (values.Length - 1)) : 0);
                }
            }
        }

        return (mean.Copy(), std.Copy());
    }

    private static CostSummary Summary(CostReport cost) => new()
    {
        Height = cost.Height,
        Width = cost.Width,
        BackboneParameters = cost.BackboneParameters,
        HeadParameters = cost.HeadParameters,
        BackboneMultiplyAdds = cost.BackboneMultiplyAdds,
        FullBackboneMultiplyAdds = cost.FullBackboneMultiplyAdds,
        HeadMultiplyAdds = cost.HeadMultiplyAdds,
    };
}
