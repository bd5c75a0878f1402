using System.Reflection;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Learning.Methods;

/// <summary>Turns what a run has found into metrics.json.</summary>
internal static class RunResults
{
    /// <summary>Writes the results of a run that is done.</summary>
    public static MetricsFile Write(TrainingSession session, IMethod method, RunOutcome outcome)
    {
        int height = session.BatchShape.Height, width = session.BatchShape.Width;
        IReadOnlyList<int>[] groups = [.. TaskGroup.Of(session.Dataset, session.Tasks).Select(static group => group.Tasks)];
        (Dictionary<string, Dictionary<string, double>> mean, Dictionary<string, Dictionary<string, double>>? deviation) = Spread(outcome.Candidates);
        var file = new MetricsFile
        {
            Method = method.Name,
            Provenance = Provenance(session),
            Final = outcome.Final,
            Trivial = TrivialPredictors.Evaluate(session.Tasks, session.Dataset, Split.Test, 0, session.DecodesNormals).Copy(),
            Others = [.. outcome.Others],
            Candidates = [.. outcome.Candidates],
            CandidateMean = mean,
            CandidateDeviation = deviation,
            Policy = outcome.Policy,
            Branches = session.Model.FindBranches()?.ToDictionary(),
            Init = session.State.Init,
            Selection = session.HasValidation ? null : TrainingSession.WithoutValidation,
            PeakBytes = session.State.PeakBytes,
            Budget = session.State.Budget,
            Weighting = session.State.Weights is null ? null : session.Config.Weighting.Method,
            Weights = session.State.Weights,
            FinalSteps = session.Config.Train.FinalSteps,
            Extended = session.State.Extended,
            Cost = Measured(session.Model.Cost(outcome.Gates, height, width, groups), outcome.Final.Decisions),
            HardSharingCost = HardSharing(session, height, width, groups),
        };
        file.Write(session.Folder.Metrics);
        return file;
    }

    /// <summary>Where images decide, a network costs what those of the test part decided, an image of each group as much as the mean of all.</summary>
    private static ModelCost Measured(ModelCost cost, DecisionCost? decided) => decided is null ? cost
        : cost with
        {
            ExecutedBackboneMultiplyAdds = (long)Math.Round((cost.Images ?? 1) * decided.Executed),
            PassesBackboneMultiplyAdds = (long)Math.Round((cost.Images ?? 1) * decided.Passes),
        };

    private static ModelCost HardSharing(TrainingSession session, int height, int width, IReadOnlyList<IReadOnlyList<int>> groups)
    {
        using var network = new SharedNetwork(NetworkSpec.Of(session.Config), session.Model.Backend);
        return network.Cost(GateTable.Shared, height, width, groups);
    }

    private static RunProvenance Provenance(TrainingSession session) => new()
    {
        Seed = session.Config.Seed[0],
        Version = typeof(RunResults).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "",
        Device = session.Model.Backend.Name,
        Numerics = session.Config.Numerics,
        Dataset = session.Dataset.Name,
        TestImages = TaskGroup.Of(session.Dataset, session.Tasks).Sum(static group => group.Dataset.Count(Split.Test)),
    };

    private static (Dictionary<string, Dictionary<string, double>> Mean, Dictionary<string, Dictionary<string, double>>? Deviation) Spread(IReadOnlyList<NamedResult> results)
    {
        var mean = new MetricTable();
        var deviation = new MetricTable();
        foreach ((string task, Dictionary<string, double> metrics) in results.Count > 0 ? results[0].Test.Metrics : [])
        {
            foreach (string name in metrics.Keys)
            {
                double[] values = [.. results.Where(r => r.Test.Metrics[task].ContainsKey(name)).Select(r => r.Test.Metrics[task][name])];
                double average = values.Average();
                mean.Set(task, name, average);
                deviation.Set(task, name, values.Length > 1 ? Math.Sqrt(values.Sum(v => (v - average) * (v - average)) / (values.Length - 1)) : null);
            }
        }

        return (mean.Copy(), results.Count > 1 ? deviation.Copy() : null);
    }
}
