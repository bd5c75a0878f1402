using AdaShare.Native.Studies.Analysis;
using AdaShare.Native.Studies.Results;
using static AdaShare.Native.Studies.Tests.TinyStudy;

namespace AdaShare.Native.Studies.Tests.Analysis;

/// <summary>The whole of a study's statistics, against values worked out by hand.</summary>
internal sealed class StudyAnalysisTests
{
    private const double Tolerance = 1e-8;

    [Test]
    public void DeltaIsInBothConventionsSeedBySeed()
    {
        MethodSummary rival = StudyAnalysis.Of(Pair()).Methods[1];

        // Seed 1: miou 20 -> 22 is +10, accuracy 50 -> 49 is -2, error 0.5 -> 0.4 is +20. Over tasks ((10 - 2) / 2 + 20) / 2 = 12; over metrics -(10 - 2 + 20) / 3 = -28/3.
        CellDelta first = rival.Delta.Cells[0];
        Assert.That(first.Paired, Is.True);
        Assert.That(first.PerTask, Is.EqualTo(12).Within(Tolerance));
        Assert.That(first.Pooled, Is.EqualTo(-28.0 / 3).Within(Tolerance));

        // Seed 2: 25 -> 24 is -4, 40 -> 42 is +5, 0.8 -> 0.6 is +25: ((-4 + 5) / 2 + 25) / 2 = 12.75 and -26/3.
        Assert.That(rival.Delta.Cells[1].PerTask, Is.EqualTo(12.75).Within(Tolerance));
        Assert.That(rival.Delta.Cells[1].Pooled, Is.EqualTo(-26.0 / 3).Within(Tolerance));
    }

    [Test]
    public void SeedThatTheReferenceLacksIsComparedWithItsMeanAndNotPaired()
    {
        DeltaSummary delta = StudyAnalysis.Of(Pair()).Methods[1].Delta;

        // The reference's means are 22.5, 45 and 0.65: 27 is +20, the others 0. Over tasks ((20 + 0) / 2 + 0) / 2 = 5.
        Assert.That(delta.Cells[2].Paired, Is.False);
        Assert.That(delta.Cells[2].PerTask, Is.EqualTo(5).Within(Tolerance));
        Assert.That(delta.PerTask!.Mean, Is.EqualTo((12 + 12.75 + 5) / 3).Within(Tolerance));

        // The interval is of 12 and 12.75: mean 12.375, deviation 0.75 / root 2, over root 2 0.375; t(0.975; 1) = 12.7062047362; 12.7062047362 x 0.375 = 4.7648267762.
        Assert.That(delta.PairedPerTask!.Count, Is.EqualTo(2));
        Assert.That(delta.PairedPerTask.Lower, Is.EqualTo(12.375 - 4.7648267762).Within(Tolerance));
        Assert.That(delta.PairedPerTask.Upper, Is.EqualTo(12.375 + 4.7648267762).Within(Tolerance));
        Assert.That(delta.PairedPerTask.ExcludesZero, Is.True);
    }

    [Test]
    public void ReferenceIsZeroAgainstItselfAndHasNoInterval()
    {
        MethodSummary reference = StudyAnalysis.Of(Pair()).Methods[0];
        Assert.That(reference.Delta.PerTask, Is.EqualTo(new SampleSummary(2, 0, 0)));
        Assert.That(reference.Delta.PairedPerTask, Is.Null);
    }

    [Test]
    public void MetricsThatDoNotCountAreSummarisedOnly()
    {
        // The official reading is doubled for one run only: neither Delta nor rank may move.
        StudyData data = Pair();
        Study before = StudyAnalysis.Of(data);
        data.Cells[2].Metrics.Set("depth", "abs_error_official", 1e6);
        Study after = StudyAnalysis.Of(data);
        Assert.That(after.Methods[1].Delta.PerTask, Is.EqualTo(before.Methods[1].Delta.PerTask));
        Assert.That(after.Methods[1].MeanRank, Is.EqualTo(before.Methods[1].MeanRank));
        Assert.That(after.Methods[1].Metrics[3].Values!.Mean, Is.GreaterThan(1e5));
    }

    [TestCase(0.0, "is 0")]
    [TestCase(double.NaN, "is not finite")]
    public void MetricWithoutUsableReferenceIsLeftOutOfEverySeedAndNamed(double value, string reason)
    {
        Study study = StudyAnalysis.Of(Data("hard", Run("hard", 1, 20, value, 0.5), Run("hard", 2, 25, 40, 0.8), Run("rival", 1, 22, 49, 0.4), Run("rival", 2, 24, 42, 0.6)));
        Assert.That(study.LeftOut, Has.Count.EqualTo(1));
        Assert.That(study.LeftOut[0].Metric, Is.EqualTo("pix_acc"));
        Assert.That(study.LeftOut[0].Reason, Does.Contain("seed 1").And.Contain(reason));

        // Without accuracy: seed 1 (10 + 20) / 2 = 15, seed 2 (-4 + 25) / 2 = 10.5.
        Assert.That(study.Methods[1].Delta.Cells.Select(static cell => cell.PerTask), Is.EqualTo(new double?[] { 15, 10.5 }).Within(Tolerance));
    }

    [Test]
    public void RunThatLacksAMetricHasNoDeltaInsteadOfABetterOne()
    {
        Study study = StudyAnalysis.Of(Data("hard", Run("hard", 1, 20, 50, 0.5), Run("hard", 2, 25, 40, 0.8), Run("rival", 1, 22, 49, 0.4), Run("rival", 2, double.NaN, 42, 0.6)));
        CellDelta diverged = study.Methods[1].Delta.Cells[1];
        Assert.That(diverged.PerTask, Is.Null);
        Assert.That(diverged.Undefined, Is.EqualTo(new[] { "seg.miou" }));
        Assert.That(study.Methods[1].Delta.PerTask!.Count, Is.EqualTo(1));
        Assert.That(study.Methods[1].Metrics[0].NotFinite, Is.EqualTo(1));
    }

    [Test]
    public void ReferenceBelowZeroKeepsTheDirection()
    {
        // Error -2 -> -1 is worse where lower is better: -(−1 + 2) / 2 = -50 %.
        Study study = StudyAnalysis.Of(Data("hard", Run("hard", 1, 20, 50, -2), Run("rival", 1, 20, 50, -1)));
        Assert.That(study.Methods[1].Delta.Cells[0].PerTask, Is.EqualTo(-25).Within(Tolerance));
    }

    [Test]
    public void AnyTwoMethodsAreComparedOverTheSeedsOfBoth()
    {
        Study study = StudyAnalysis.Of(Data(
            "hard", Run("hard", 1, 20, 50, 0.5), Run("hard", 2, 25, 40, 0.8), Run("a", 1, 22, 49, 0.4), Run("a", 2, 24, 42, 0.6), Run("b", 2, 25, 40, 0.6), Run("b", 1, 20, 50, 0.4)));
        MethodComparison comparison = study.Comparisons[^1];

        // b: seed 1 (0 + 20) / 2 = 10, seed 2 (0 + 25) / 2 = 12.5. a less b: 12 - 10 = 2 and 12.75 - 12.5 = 0.25.
        Assert.That((comparison.First, comparison.Second), Is.EqualTo(("a", "b")));
        Assert.That(comparison.Seeds, Is.EqualTo(new long[] { 1, 2 }));
        Assert.That(comparison.PerTask!.Mean, Is.EqualTo(1.125).Within(Tolerance));
        Assert.That(comparison.PerTask.Deviation, Is.EqualTo(1.75 / Math.Sqrt(2)).Within(Tolerance));
        Assert.That(comparison.PerTask.ExcludesZero, Is.False);
        Assert.That(study.Comparisons, Has.Count.EqualTo(3));
    }

    [Test]
    public void MeanRankComparesMeansOverSeeds()
    {
        // Means: hard 22.5, 45, 0.65; rival 73/3 = 24.33 (1st), 136/3 = 45.33 (1st), 0.55 (1st).
        Study study = StudyAnalysis.Of(Pair());
        Assert.That(study.Methods.Select(static method => method.MeanRank), Is.EqualTo(new double?[] { 2, 1 }));
    }

    [Test]
    public void FailedRunsAndPointsThatWereNotChosenCountNowhere()
    {
        StudyData data = Data("hard", Run("hard", 1, 20, 50, 0.5), Run("rival", 1, 22, 49, 0.4) with { Variant = "slow" }, Run("rival", 1, 90, 90, 0.1) with { Variant = "other" },
            Run("rival", 2, 1, 1, 1) with { Variant = "slow", Failure = "out of memory", Metrics = [] }) with
        {
            Choices = [new GridChoice("rival", 1, [new GridScore("slow", ["lr=1"], 2), new GridScore("other", ["lr=2"], 1)], "slow")],
        };
        MethodSummary rival = StudyAnalysis.Of(data).Methods[1];
        Assert.That(rival.Variant, Is.EqualTo("slow"));
        Assert.That(rival.Seeds, Is.EqualTo(new long[] { 1 }));
        Assert.That(rival.FailedSeeds, Is.EqualTo(new long[] { 2 }));
        Assert.That(rival.Metrics[0].Values, Is.EqualTo(new SampleSummary(1, 22, null)));
    }

    [Test]
    public void MethodWithoutARunHasNoFiguresAndNoRank()
    {
        Study study = StudyAnalysis.Of(Data("hard", Run("hard", 1, 20, 50, 0.5), Run("rival", 1, 0, 0, 0) with { Failure = "broke" }));
        MethodSummary rival = study.Methods[1];
        Assert.That(rival.MeanRank, Is.Null);
        Assert.That(rival.Budget, Is.Null);
        Assert.That(rival.Delta.PerTask, Is.Null);
        Assert.That(study.Methods[0].MeanRank, Is.EqualTo(1));
    }

    [Test]
    public void ReferenceWithoutARunGivesNoDelta()
    {
        Study study = StudyAnalysis.Of(Data("hard", Run("hard", 1, 0, 0, 0) with { Failure = "broke" }, Run("rival", 1, 22, 49, 0.4)));
        Assert.That(study.Methods[1].Delta.Cells, Is.Empty);
        Assert.That(study.Comparisons[0].PerTask, Is.Null);
    }

    [Test]
    public void PoliciesOfOneSearchAndSearchesAreApartAndArgMaxStandsBeside()
    {
        static SampledPolicy Policy(double miou, double accuracy, double error, bool selected = false) => new(Values(miou, accuracy, error), miou, selected);
        Study study = StudyAnalysis.Of(Data(
            "hard", Run("hard", 1, 20, 50, 0.5), Run("hard", 2, 20, 50, 0.5),
            Run("rival", 1, 22, 50, 0.5) with { Policies = [Policy(22, 50, 0.5, true), Policy(20, 50, 0.5)], ArgMax = Values(24, 50, 0.5) },
            Run("rival", 2, 26, 50, 0.5) with { Policies = [Policy(24, 50, 0.5), Policy(28, 50, 0.5, true)] }));
        PolicySummary policies = study.Methods[1].Policies!;

        // miou: {22, 20} squares 2, {24, 28} squares 8: within root (10 / 2) = root 5. Means 21, 26: variance 12.5; between root (12.5 - 5 / 2) = root 10.
        Assert.That(policies.Metrics[0].Spread.WithinSearch, Is.EqualTo(Math.Sqrt(5)).Within(Tolerance));
        Assert.That(policies.Metrics[0].Spread.BetweenSearches, Is.EqualTo(Math.Sqrt(10)).Within(Tolerance));

        // Delta over tasks is 5 % x (miou - 20) / 2 x 1/2 = 1.25 times miou's distance: within 1.25 root 5.
        Assert.That(policies.DeltaPerTask.WithinSearch, Is.EqualTo(1.25 * Math.Sqrt(5)).Within(Tolerance));

        // 24 is +20 % of 20: ((20 + 0) / 2 + 0) / 2 = 5.
        Assert.That(policies.ArgMax!.Delta.Cells.Single().PerTask, Is.EqualTo(5).Within(Tolerance));
        Assert.That(policies.ArgMax.Metrics[0].Values, Is.EqualTo(new SampleSummary(1, 24, null)));
        Assert.That(study.Methods[0].Policies, Is.Null);
    }

    [Test]
    public void BudgetsAndCostsAreMeans()
    {
        MethodSummary method = StudyAnalysis.Of(Data("a", Run("a", 1, 1, 1, 1, steps: 1000), Run("a", 2, 1, 1, 1, steps: 2000))).Methods[0];

        // Weight steps 300 + 1000 and 300 + 2000; images 1600 + 4000 and 1600 + 8000; multiply-adds 3e12 + 1e12 and 3e12 + 2e12.
        Assert.That(method.Budget, Is.EqualTo(new BudgetSummary(1500, 1800, 100, 7600, 4.5e12)));
        Assert.That(method.Budget!.TotalSteps, Is.EqualTo(1900));
        Assert.That(method.Cost, Is.EqualTo(new ModelCost(2_500_000, 300_000, 60_800_000, 182_400_000, 96, 128)));
        Assert.That(method.Times!.TrainSeconds!.Mean, Is.EqualTo(91.5));
    }
}
