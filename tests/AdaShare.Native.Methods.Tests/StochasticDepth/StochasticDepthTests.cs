using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.StochasticDepth;

namespace AdaShare.Native.Methods.Tests.StochasticDepth;

/// <summary>Stochastic depth as a run: draws, resuming, budgets and costs.</summary>
public sealed class StochasticDepthTests : TrainingTests
{
    [Test]
    public void TheLastBlockRunsWithTheGivenProbabilityAndOthersMoreOften()
    {
        var schedule = new KeepSchedule(2, 4, 0.5);
        Assert.That(Enumerable.Range(0, 4).Select(schedule.Keep), Is.EqualTo(new[] { 0.875, 0.75, 0.625, 0.5 }).Within(1e-15));
        int[][] runs = [new int[4], new int[4]];
        int both = 0;
        for (long time = 0; time < 2000; time++)
        {
            GateTable gates = schedule.Draw(5, time);
            for (int b = 0; b < 4; b++)
            {
                runs[0][b] += gates[0, b].Kind == GateKind.On ? 1 : 0;
                runs[1][b] += gates[1, b].Kind == GateKind.On ? 1 : 0;
            }

            both += gates[0, 3].Kind == GateKind.On && gates[1, 3].Kind == GateKind.On ? 1 : 0;
            Assert.That(schedule.Draw(5, time).Signature, Is.EqualTo(gates.Signature));
        }

        // Five standard deviations of 2000 draws are below 112; of both tasks' last blocks, which are drawn apart, 97.
        foreach (int[] row in runs)
        {
            Assert.That(row, Is.EqualTo(new[] { 1750, 1500, 1250, 1000 }).Within(112));
        }

        Assert.That(both, Is.EqualTo(500).Within(97));
        Assert.That(schedule.Draw(6, 0).Signature + schedule.Draw(6, 1).Signature, Is.Not.EqualTo(schedule.Draw(5, 0).Signature + schedule.Draw(5, 1).Signature));
    }

    [TestCase("paper")]
    [TestCase("official")]
    public void ARunThatWasStoppedGivesTheSameBits(string mode)
    {
        RunConfig config = TinyTraining.Config("stochastic_depth");
        config.Loss.Mode = mode;
        Training.RequireExactResume(config, ["final"]);
    }

    [Test]
    public void ABudgetCountsWhatEachStepExecuted()
    {
        RunConfig config = TinyTraining.Config("stochastic_depth");
        config.Options<StochasticDepthOptions>().KeepLast = 0.1;
        var observer = new Recorder();
        MetricsFile results = Training.Train(config, Training.NewFolder(), observer);
        var schedule = new KeepSchedule(2, 8, 0.1);
        double[] expected = [.. Enumerable.Range(0, TinyTraining.Steps).Select(done => 3.0 * 2 * (Executed(schedule.Draw(88, done)) + TinyTraining.Heads))];
        Assert.That(expected.Distinct().Count(), Is.GreaterThan(1), "steps differ");
        Assert.That(observer.Steps.Select(static step => step.MultiplyAdds), Is.EqualTo(expected));
        Assert.That(results.Budget["train"].MultiplyAdds, Is.EqualTo(expected.Sum()));
        Assert.That(Training.Backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void AfterTrainingAllTasksAreOnePassThroughEveryBlock()
    {
        RunFolder folder = Training.NewFolder();
        RunConfig config = TinyTraining.Config("stochastic_depth");
        MetricsFile results = Training.Train(config, folder);
        Assert.That(results.Cost.ExecutedBackboneMultiplyAdds, Is.EqualTo(TinyTraining.Pass));
        Assert.That(results.Cost.PassesBackboneMultiplyAdds, Is.EqualTo(2 * TinyTraining.Pass));
        Assert.That(results.Cost.UsedBackboneParameters, Is.EqualTo(TinyTraining.BackboneParameters));
        Assert.That(results.Policy, Is.Null);

        var method = new StochasticDepthMethod();
        StoredNetwork stored = method.Networks(folder, config).Single();
        Assert.That(stored.IsFinal);
        using TrainedNetwork network = stored.Load(method, config, Training.Backend);
        Assert.That(Enumerable.Range(0, 8).Select(b => network.Gates[1, b].Select), Is.EqualTo(Enumerable.Range(1, 8).Select(static l => 1 - (0.5 * l / 8))).Within(1e-15));
    }

    [Test]
    public void OfficialModeMovesTheStatisticsOfSkippedBlocksToo()
    {
        RunConfig config = TinyTraining.Config("stochastic_depth");
        config.Test.WhichIter = "latest";
        Dictionary<string, double[]> Counters(string mode)
        {
            config.Loss.Mode = mode;
            RunFolder folder = Training.NewFolder();
            Training.Train(config, folder);
            return Training.State(config, folder.Checkpoint("final"));
        }

        const string Last = "backbone.blocks.3.1.bn2.num_batches_tracked";
        var schedule = new KeepSchedule(2, 8, 0.5);
        int ran = Enumerable.Range(0, TinyTraining.Steps).Sum(done => Enumerable.Range(0, 2).Count(t => schedule.Draw(88, done)[t, 7].Kind == GateKind.On));
        Assert.That(ran, Is.LessThan(2 * TinyTraining.Steps));
        Assert.That(Counters("official")[Last], Is.EqualTo(new[] { 2.0 * TinyTraining.Steps }));
        Assert.That(Counters("paper")[Last], Is.EqualTo(new double[] { ran }));
    }

    [TestCase(-0.1)]
    [TestCase(1.5)]
    [TestCase(double.NaN)]
    public void AProbabilityOutsideIsRefusedInASentence(double keep)
    {
        RunConfig config = TinyTraining.Config("stochastic_depth");
        config.Options<StochasticDepthOptions>().KeepLast = keep;
        Assert.That(() => new StochasticDepthMethod().Validate(config), Throws.TypeOf<ConfigurationException>().With.Message.EqualTo($"stochastic_depth.keep_last is {keep}; expected a probability from 0 to 1"));
    }

    /// <summary>Tasks with the same decisions so far are computed once: a count that knows nothing of plans.</summary>
    private static long Executed(GateTable gates)
    {
        string Before(int task, int block) => string.Concat(Enumerable.Range(0, block).Select(b => gates[task, b].Kind == GateKind.On ? '1' : '0'));
        long sum = TinyTraining.Stem;
        for (int b = 0; b < 8; b++)
        {
            int[] tasks = [0, 1];
            sum += tasks.Select(t => Before(t, b)).Distinct().Count() * TinyTraining.Projections[b];
            sum += tasks.Where(t => gates[t, b].Kind == GateKind.On).Select(t => Before(t, b)).Distinct().Count() * TinyTraining.Bodies[b];
        }

        return sum;
    }
}
