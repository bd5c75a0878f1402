using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Studies.Analysis;
using AdaShare.Native.Studies.Results;
using AdaShare.Native.Studies.Running;
using AdaShare.Native.Studies.Specification;
using AdaShare.Native.Studies.Tables;

namespace AdaShare.Native.Studies.Tests.Running;

/// <summary>What runs, what does not run again, and what becomes of faults and interruptions.</summary>
internal sealed class StudyRunnerTests
{
    private static readonly string[] InOrder = ["adashare-ours--lr-0.001-s88", "adashare-ours--fast-s88", "hard_sharing-s88", "hard_sharing-s45", "adashare-ours--fast-s45"];

    private static string Json(StudyOutcome outcome, bool times = false)
    {
        Study study = StudyAnalysis.Of(outcome.ToData(TinyStudy.Metrics, "scenes", new Dictionary<string, long>()));
        return StudyFile.ToJson(times ? study : StudyFile.WithoutTimes(study));
    }

    [Test]
    public void RunsGridThenTheChosenPointWithTheOtherSeeds()
    {
        var runs = new FakeRuns();
        StudyOutcome outcome = runs.Runner().Run(CancellationToken.None);
        Assert.That(runs.Ran, Is.EqualTo(InOrder));
        Assert.That(outcome.Results.Select(static result => result.Cell), Is.EqualTo(InOrder));
        Assert.That(outcome.IsComplete, Is.True);
        Assert.That(outcome.DescribeMissing(StudyShard.Whole), Is.Null);
        Assert.That(outcome.Choices.Single().Chosen, Is.EqualTo("fast"));
        Assert.That(outcome.Results[^1].Match, Is.EqualTo("total"));
    }

    [Test]
    public void CellOfAnotherProcessIsMissingAndNotFailed()
    {
        var runs = new FakeRuns { Elsewhere = InOrder[^1] };
        StudyOutcome outcome = runs.Runner().Run(CancellationToken.None);
        Assert.That(outcome.Missing.Select(static cell => cell.Name), Is.EqualTo(new[] { InOrder[^1] }));
        Assert.That(outcome.Failures, Is.Empty);
        Assert.That(runs.Store, Has.Count.EqualTo(InOrder.Length - 1));
        Assert.That(runs.Events.Count(static e => e.Kind == StudyEventKind.Elsewhere), Is.EqualTo(1));
    }

    [Test]
    public void DoneCellsDoNotRunAgain()
    {
        var runs = new FakeRuns();
        string first = Json(runs.Runner().Run(CancellationToken.None), times: true);
        runs.Events.Clear();
        string second = Json(runs.Runner().Run(CancellationToken.None), times: true);
        Assert.That(runs.Ran, Has.Count.EqualTo(5));
        Assert.That(second, Is.EqualTo(first));
        Assert.That(runs.Events.Count(static e => e.Kind == StudyEventKind.Skipped), Is.EqualTo(5));
    }

    [Test]
    public void StudyThatIsInterruptedAtAnyCellsEndsAsOneThatIsNot([Values(0, 1, 2, 3, 4)] int first, [Values(0, 1, 2, 3, 4)] int second)
    {
        string whole = Json(new FakeRuns().Runner().Run(CancellationToken.None));
        var runs = new FakeRuns();
        HashSet<string> stops = [InOrder[first], InOrder[second]];
        runs.Before = cell =>
        {
            if (stops.Remove(cell.Id))
            {
                throw new OperationCanceledException();
            }
        };
        StudyOutcome? outcome = null;
        int starts = 0;
        while (outcome is null)
        {
            starts++;
            try
            {
                outcome = runs.Runner().Run(CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                Assert.That(starts, Is.LessThanOrEqualTo(2));
            }
        }

        Assert.That(starts, Is.EqualTo(first == second ? 2 : 3));
        Assert.That(Json(outcome), Is.EqualTo(whole));
        Assert.That(runs.Ran, Has.Count.EqualTo(5 + starts - 1));
    }

    [Test]
    public void CancelledStartBeginsNoCell()
    {
        var runs = new FakeRuns();
        Assert.That(() => runs.Runner().Run(new CancellationToken(canceled: true)), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(runs.Ran, Is.Empty);
        Assert.That(runs.Store, Is.Empty);
    }

    [Test]
    public void FailureIsRecordedTheOthersGoOnAndTheNextStartTriesItAgain()
    {
        var runs = new FakeRuns();
        runs.Before = static cell =>
        {
            if (cell.Id == "hard_sharing-s88")
            {
                throw new DataException("images/1.png: is damaged\nsecond line");
            }
        };
        StudyOutcome outcome = runs.Runner().Run(CancellationToken.None);
        Assert.That(runs.Ran, Is.EqualTo(InOrder));
        Assert.That(outcome.IsComplete, Is.True);
        Assert.That(outcome.Failures.Single().Failure, Is.EqualTo("images/1.png: is damaged second line"));
        Assert.That(runs.Store["hard_sharing-s88"].Failure, Is.Not.Null);
        StudyEvent failed = runs.Events.Single(static e => e.Kind == StudyEventKind.Failed);
        Assert.That(failed.Failure, Does.StartWith("images/1.png"));

        runs.Before = static _ => { };
        StudyOutcome again = runs.Runner().Run(CancellationToken.None);
        Assert.That(runs.Ran.Skip(5), Is.EqualTo(new[] { "hard_sharing-s88" }));
        Assert.That(again.Failures, Is.Empty);
        Assert.That(Json(again), Is.EqualTo(Json(new FakeRuns().Runner().Run(CancellationToken.None))));
    }

    [Test]
    public void FaultOfTheProgramIsTheCellsFailureToo()
    {
        var runs = new FakeRuns { Before = static cell => throw (cell.Label == "hard_sharing" ? new InvalidOperationException("no such thing") : new DataException("broken")) };
        StudyOutcome outcome = runs.Runner().Run(CancellationToken.None);
        Assert.That(outcome.Results[2].Failure, Is.EqualTo("InvalidOperationException: no such thing"));
        Assert.That(outcome.IsComplete, Is.True);
    }

    [Test]
    public void RunMaySayItselfThatItFailed()
    {
        StudyPlan plan = new FakeRuns().Plan;
        var runner = new StudyRunner(plan, static (_, _) => CellOutcome.Failed("the program on cuda:1 ended with 9"), static _ => null, static _ => 1);
        StudyOutcome outcome = runner.Run(CancellationToken.None);
        Assert.That(outcome.Results[0].Failure, Is.EqualTo("the program on cuda:1 ended with 9"));
    }

    [Test]
    public void EqualScoresGoToTheEarlierPointAndScoresThatAreNotFiniteNeverWin()
    {
        Assert.That(Chosen(static _ => 1), Is.EqualTo("lr-0.001"));
        Assert.That(Chosen(static cell => cell.Variant == "fast" ? double.NaN : -5), Is.EqualTo("lr-0.001"));
        Assert.That(Chosen(static cell => cell.Variant == "fast" ? -5 : double.PositiveInfinity), Is.EqualTo("fast"));
        Assert.That(Chosen(static cell => cell.Variant == "fast" ? -5 : null), Is.EqualTo("fast"));

        static string? Chosen(Func<StudyCell, double?> score) => new FakeRuns { Score = score }.Runner().Run(CancellationToken.None).Choices.Single().Chosen;
    }

    [Test]
    public void GridWithNothingToChooseIsAFailureOfItsOtherSeeds()
    {
        var runs = new FakeRuns { Score = static _ => null };
        StudyOutcome outcome = runs.Runner().Run(CancellationToken.None);
        Assert.That(outcome.IsComplete, Is.True);
        Assert.That(outcome.Results[^1].Failure, Does.Contain("none of the 2 points of its grid has a finite validation score"));
        Assert.That(runs.Ran, Has.Count.EqualTo(4));
        Assert.That(runs.Events[^1].Left, Is.Zero);
        Assert.That(StudyMarkdown.Text(StudyAnalysis.Of(outcome.ToData(TinyStudy.Metrics, "scenes", new Dictionary<string, long>()))), Does.Contain("none of the 2 points"));
    }

    [Test]
    public void FailedPointIsNotChosenAndItsRetryMayChangeTheChoice()
    {
        var runs = new FakeRuns { Before = static cell => { if (cell.Variant == "fast") { throw new DataException("broken"); } } };
        Assert.That(runs.Runner().Run(CancellationToken.None).Choices.Single().Chosen, Is.EqualTo("lr-0.001"));
        runs.Before = static _ => { };
        StudyOutcome again = runs.Runner().Run(CancellationToken.None);
        Assert.That(again.Choices.Single().Chosen, Is.EqualTo("fast"));
        Assert.That(again.IsComplete, Is.True);
    }

    [Test]
    public void EventsSayWhatIsLeftAndHowLong()
    {
        var runs = new FakeRuns();
        runs.Runner().Run(CancellationToken.None);
        StudyEvent[] started = [.. runs.Events.Where(static e => e.Kind == StudyEventKind.Started)];
        Assert.That(started.Select(static e => e.Left), Is.EqualTo(new[] { 5, 4, 3, 2, 1 }));
        Assert.That(started[0].TimeLeft, Is.Null);
        Assert.That(runs.Events.Select(static e => e.Total), Has.All.EqualTo(5));

        // One cell of 3,000 steps took 300 s. Left are 3,000 of the same method, 2 x 1,000 of another and 3,000 of a point that is not chosen yet: 8,000 x 0.1 s.
        Assert.That(started[1].TimeLeft!.Value.TotalSeconds, Is.EqualTo(800).Within(0.1));
        Assert.That(runs.Events[^1].Left, Is.Zero);
        Assert.That(runs.Events[^1].TimeLeft, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void TimeIsOfTheSameMethodWhereOneIsKnown()
    {
        var estimate = new TimeEstimate();
        Assert.That(estimate.Of([("a", 10)]), Is.Null);
        estimate.Add(TinyStudy.Run("a", 1, 1, 1, 1) with { Budget = new CellBudget([new PhaseBudget("train", 60, 40, 0, 0)]), Times = new CellTimes(50) });
        estimate.Add(TinyStudy.Run("b", 1, 1, 1, 1) with { Budget = new CellBudget([new PhaseBudget("train", 100, 0, 0, 0)]), Times = new CellTimes(150) });
        estimate.Add(TinyStudy.Run("b", 2, 1, 1, 1) with { Times = null });
        estimate.Add(TinyStudy.Run("b", 3, 1, 1, 1) with { Failure = "broke" });

        // a 0.5 s a step, b 1.5, all 200 / 200 = 1: 10 x 0.5 + 10 x 1.5 + 10 x 1.
        Assert.That(estimate.Of([("a", 10), ("b", 10), ("c", 10)])!.Value.TotalSeconds, Is.EqualTo(30).Within(1e-9));
    }
}
