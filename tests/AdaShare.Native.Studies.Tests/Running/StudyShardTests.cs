using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Studies.Analysis;
using AdaShare.Native.Studies.Running;
using AdaShare.Native.Studies.Tables;

namespace AdaShare.Native.Studies.Tests.Running;

/// <summary>A study that several programs share.</summary>
internal sealed class StudyShardTests
{
    [Test]
    public void EveryCellBelongsToOneShard()
    {
        for (int index = 0; index < 20; index++)
        {
            Assert.That(Enumerable.Range(1, 3).Count(i => StudyShard.Parse($"{i}/3").Owns(index)), Is.EqualTo(1));
        }
    }

    [TestCase("0/2")]
    [TestCase("3/2")]
    [TestCase("1")]
    [TestCase("1/2/3")]
    [TestCase("a/b")]
    [TestCase("-1/2")]
    [TestCase("1/0")]
    [TestCase("")]
    public void OtherTextIsOneSentence(string text) =>
        Assert.That(() => StudyShard.Parse(text), Throws.TypeOf<ConfigurationException>().With.Message.Contains("expected i/n"));

    [Test]
    public void ShardRunsItsCellsAndSaysWhatIsMissing()
    {
        var runs = new FakeRuns();
        var shard = StudyShard.Parse("1/2");
        StudyOutcome outcome = runs.Runner(shard).Run(CancellationToken.None);

        // Cells 0, 2 and 4; cell 4 is of the grid's method and can't run before cell 1, which is the other shard's.
        Assert.That(runs.Ran, Is.EqualTo(new[] { "adashare-ours--lr-0.001-s88", "hard_sharing-s88" }));
        Assert.That(outcome.IsComplete, Is.False);
        Assert.That(outcome.DescribeMissing(shard), Does.StartWith("3 of 5 cells are missing (adashare-ours--fast-s88, hard_sharing-s45, AdaShare (ours) with seed 45), of which 1 wait for grid points"));
        Assert.That(() => outcome.ToData(TinyStudy.Metrics, "scenes", new Dictionary<string, long>()), Throws.InvalidOperationException);
    }

    [Test]
    public void ShardsTogetherAreTheStudy()
    {
        static string Json(StudyOutcome outcome) => StudyFile.ToJson(StudyFile.WithoutTimes(StudyAnalysis.Of(outcome.ToData(TinyStudy.Metrics, "scenes", new Dictionary<string, long>()))));
        string whole = Json(new FakeRuns().Runner().Run(CancellationToken.None));
        var runs = new FakeRuns();
        StudyShard first = StudyShard.Parse("1/2"), second = StudyShard.Parse("2/2");
        runs.Runner(first).Run(CancellationToken.None);
        runs.Runner(second).Run(CancellationToken.None);
        StudyOutcome joined = runs.Runner(first).Run(CancellationToken.None);
        Assert.That(joined.IsComplete, Is.True);
        Assert.That(Json(joined), Is.EqualTo(whole));
        Assert.That(Json(runs.Runner().Join()), Is.EqualTo(whole));
        Assert.That(runs.Ran, Is.Unique.And.Count.EqualTo(5));
    }

    [Test]
    public void PointsThatAnotherShardFinishesMeanwhileAreChosenFromInTheSameStart()
    {
        var runs = new FakeRuns();
        runs.Before = cell =>
        {
            // While this shard trains its last cell, the other one finishes the grid.
            if (cell.Id == "hard_sharing-s88")
            {
                runs.Before = static _ => { };
                runs.Run(runs.Plan.GridCells[1], CancellationToken.None);
            }
        };
        runs.Runner(StudyShard.Parse("1/2")).Run(CancellationToken.None);
        Assert.That(runs.Ran[^1], Is.EqualTo("adashare-ours--fast-s45"));
    }

    [Test]
    public void FailureOfAnotherShardIsKnownAndLeftToIt()
    {
        var runs = new FakeRuns { Before = static cell => { if (cell.Id == "hard_sharing-s45") { throw new DataException("broken"); } } };
        runs.Runner(StudyShard.Parse("2/2")).Run(CancellationToken.None);
        StudyOutcome outcome = runs.Runner(StudyShard.Parse("1/2")).Run(CancellationToken.None);
        Assert.That(outcome.IsComplete, Is.True);
        Assert.That(outcome.Failures.Single().Cell, Is.EqualTo("hard_sharing-s45"));
        Assert.That(runs.Ran.Count(static id => id == "hard_sharing-s45"), Is.EqualTo(1));
    }

    [Test]
    public void JoinRunsNothing()
    {
        var runs = new FakeRuns();
        StudyOutcome outcome = runs.Runner().Join();
        Assert.That(runs.Ran, Is.Empty);
        Assert.That(outcome.Missing, Has.Count.EqualTo(5));
        Assert.That(outcome.DescribeMissing(StudyShard.Whole), Does.EndWith("start the study again"));
    }
}
