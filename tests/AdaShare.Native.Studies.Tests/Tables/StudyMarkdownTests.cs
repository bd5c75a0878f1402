using AdaShare.Native.Studies.Analysis;
using AdaShare.Native.Studies.Results;
using AdaShare.Native.Studies.Tables;
using static AdaShare.Native.Studies.Tests.TinyStudy;

namespace AdaShare.Native.Studies.Tests.Tables;

/// <summary>The tables and the sentences below them.</summary>
internal sealed class StudyMarkdownTests
{
    private static string Cell(StudyTable table, string row, string column)
    {
        int at = table.Columns.Select(static (heading, i) => (heading, i)).Single(pair => pair.heading.Title.StartsWith(column, StringComparison.Ordinal)).i;
        return table.Rows.Single(cells => cells[0] == row)[at];
    }

    [Test]
    public void MainTableHasEveryColumn()
    {
        StudyTable table = StudyTables.Main(StudyAnalysis.Of(Pair()));
        Assert.That(Cell(table, "rival", "steps of the final"), Is.EqualTo("1,000"));
        Assert.That(Cell(table, "rival", "total steps"), Is.EqualTo("1,400"));

        // 22, 24, 27: mean 24.333, squares 5.444 + 0.111 + 7.111 = 12.667, over 2 6.333, root 2.517.
        Assert.That(Cell(table, "rival", "seg mIoU % ↑"), Is.EqualTo("24.33 ± 2.52"));
        Assert.That(Cell(table, "rival", "depth absolute error ↓"), Is.EqualTo("0.5500 ± 0.1323"));
        Assert.That(Cell(table, "hard", "Delta_T"), Is.EqualTo("reference"));

        // The mean of all three, 12, 12.75 and 5, is 9.92; what is shown beside an interval is the mean of the two that it is of.
        Assert.That(Cell(table, "rival", "Delta_T"), Is.EqualTo("+12.38 [+7.61, +17.14]"));
        Assert.That(Cell(table, "rival", "Delta_M"), Does.StartWith("-9.00 ["));
        Assert.That(Cell(table, "rival", "mean rank"), Is.EqualTo("1.00"));
        Assert.That(Cell(table, "rival", "parameters"), Is.EqualTo("2.50 M + 300.0 k"));
        Assert.That(Cell(table, "rival", "multiply-adds of one image of 96 x 128 for all tasks, as executed"), Is.EqualTo("60.80 M"));
        Assert.That(Cell(table, "rival", "multiply-adds, K passes"), Is.EqualTo("182.4 M"));
        Assert.That(Cell(table, "rival", "latency"), Is.EqualTo("12.50 ± 0.00"));
        Assert.That(Cell(table, "rival", "peak memory"), Is.EqualTo("3.00 GiB"));
        Assert.That(Cell(table, "rival", "training time"), Is.EqualTo("92.0 s"));
        Assert.That(table.Columns.Select(static column => column.Title), Has.None.Contains("official"));
        Assert.That(table.Rows, Has.All.Count.EqualTo(table.Columns.Count));
    }

    [Test]
    public void MainTableIsItsTwoParts()
    {
        Study study = StudyAnalysis.Of(Pair());
        int metrics = StudyTables.Metrics(study).Columns.Count, summary = StudyTables.Summary(study).Columns.Count;

        // Both have the method and the two columns of steps.
        Assert.That(StudyTables.Main(study).Columns, Has.Count.EqualTo(metrics + summary - 3));
    }

    [Test]
    public void EverySentenceThatComparesNamesTheBudget()
    {
        IReadOnlyList<string> notes = StudyNotes.Of(StudyAnalysis.Of(Pair()));
        Assert.That(notes[0], Does.Contain("match: final").And.Contain("All had 1,000 steps of the final network"));
        Assert.That(notes, Has.Some.EqualTo(
            "rival (1,000 steps of the final network, 1,400 in all) against hard (1,000 steps of the final network, 1,400 in all): Delta_T +12.38 % over 2 paired seeds, 95 % interval +7.61 to +17.14, which excludes zero."));
        Assert.That(notes, Has.Some.StartsWith("rival: seed 3 is compared with the mean of hard"));
        Assert.That(notes, Has.Some.EqualTo("Data set: scenes (train 400 images, test 64 images)."));
        Assert.That(notes, Has.Some.EqualTo("Ran on cpu, numerics fast, version 0.1.0, commit abc1234."));
        Assert.That(notes, Has.Some.EqualTo("Seeds that figures are over: rival: seed 1, seed 2, seed 3."));
        Assert.That(notes[^1], Is.EqualTo("No run failed."));
    }

    [Test]
    public void BudgetsThatDoNotMatchAreSaid()
    {
        IReadOnlyList<string> final = StudyNotes.Of(StudyAnalysis.Of(Data("hard", Run("hard", 1, 20, 50, 0.5, steps: 400), Run("rival", 1, 22, 49, 0.4))));
        Assert.That(final[0], Does.Contain("They did not: hard had 400 steps of the final network, rival had 1,000 steps of the final network, so differences"));
        IReadOnlyList<string> total = StudyNotes.Of(StudyAnalysis.Of(Data(
            "hard", Run("hard", 1, 20, 50, 0.5, steps: 1400) with { Match = "total", Budget = new CellBudget([new PhaseBudget("train", 1400, 0, 1, 1)]) }, Run("rival", 1, 22, 49, 0.4) with { Match = "total" })));
        Assert.That(total[0], Does.Contain("match: total").And.Contain("All had 1,400 total steps"));
        Assert.That(total, Has.Some.Contains("one seed has no interval"));
        IReadOnlyList<string> one = StudyNotes.Of(StudyAnalysis.Of(Data(
            "rival", Run("hard", 1, 20, 50, 0.5) with { Match = "total", Budget = new CellBudget([new PhaseBudget("train", 1200, 0, 1, 1)]) }, Run("rival", 1, 22, 49, 0.4))));
        Assert.That(one, Has.Some.Contains("match: total").And.Contain("hard had 1,200 total steps, rival had 1,400 total steps"), "a single matched row is held against the search that it matches");
    }

    [Test]
    public void ExceptionsAreNamed()
    {
        Study study = StudyAnalysis.Of(Data(
            "hard", Run("hard", 1, 20, 0, 0.5), Run("rival", 1, double.NaN, 49, 0.4) with { Provenance = new CellProvenance("0.1.0", "abc1234", "H200", "fast") }, Run("broken", 1, 0, 0, 0) with { Failure = "out of memory" }));
        IReadOnlyList<string> notes = StudyNotes.Of(study);
        Assert.That(notes, Has.Some.EqualTo("seg pix_acc is left out of Delta: the reference's value with seed 1 is 0."));
        Assert.That(notes, Has.Some.EqualTo("rival, seed 1: has no Delta, because seg.miou is not finite."));
        Assert.That(notes, Has.Some.EqualTo("Failed: broken-s1: out of memory"));
        Assert.That(notes, Has.Some.StartsWith("1 of 3 runs failed"));
        Assert.That(notes, Has.Some.StartsWith("Runs differ in where they ran"));
        Assert.That(Cell(StudyTables.Main(study), "broken", "mean rank"), Is.EqualTo("-"));
    }

    [Test]
    public void FileHasAllTablesAndEscapesWhatMarkdownTakes()
    {
        StudyData data = Data("a|b", Run("a|b", 1, 20, 50, 0.5), Run("r", 1, 22, 49, 0.4) with { Variant = "x", Policies = [new SampledPolicy(Values(1, 2, 3), 0.5, true), new SampledPolicy(Values(3, 2, 3), 0.25, false)] }) with
        {
            Name = "<b>*tiny*",
            Choices = [new GridChoice("r", 1, [new GridScore("x", ["lr=1"], 2)], "x")],
        };
        string text = StudyMarkdown.Text(StudyAnalysis.Of(data));
        Assert.That(text, Does.StartWith("# \\<b>\\*tiny\\*\n\n| method | steps of the final network |"));
        Assert.That(text, Does.Contain("\n| a\\|b | 1,000 |").And.Contain("\n| r (x) | 1,000 |").And.Contain("|---|---:|"));
        Assert.That(text, Does.Contain("## Budget of a run").And.Contain("## Pairs").And.Contain("## Sampled policies").And.Contain("## Grids"));
        Assert.That(text, Does.Contain("| a\\|b | r | 1,000 and 1,000 | 1,400 and 1,400 | 1 | -12.00 | - | +9.33 |"));
        Assert.That(text, Does.Contain("| r | seg mIoU % ↑ | 1 | 2 | 1.414 | - | - | - |"));
        Assert.That(text, Does.Contain("| r | 1 | x | lr=1 | 2.0000 | chosen |"));
        Assert.That(text, Does.Not.Contain("\n\n\n").And.EndWith("|\n"));
    }

    [Test]
    public void TablesWithoutContentAreAbsent()
    {
        Study study = StudyAnalysis.Of(Data("hard", Run("hard", 1, 20, 50, 0.5)));
        Assert.That(StudyTables.Policies(study), Is.Null);
        Assert.That(StudyTables.Grids(study), Is.Null);
        Assert.That(StudyMarkdown.Text(study), Does.Not.Contain("## Pairs"));
    }

    [Test]
    public void MetricWithoutAFiniteValueInSomeRunsSaysSo()
    {
        StudyTable table = StudyTables.Main(StudyAnalysis.Of(Data("hard", Run("hard", 1, 20, 50, 0.5), Run("hard", 2, double.NaN, 50, 0.5))));
        Assert.That(Cell(table, "hard", "seg mIoU"), Is.EqualTo("20.00 (1 of 2 runs)"));
    }

    [TestCase(0.0, "0.000")]
    [TestCase(0.012345, "0.01235")]
    [TestCase(99.996, "100.00")]
    [TestCase(12345.6, "12346")]
    [TestCase(-3.14159, "-3.142")]
    public void FiguresHaveFourDigits(double value, string text) => Assert.That(Figures.Of(new SampleSummary(1, value, null), 1), Is.EqualTo(text));

    [TestCase(90.0, "90.0 s")]
    [TestCase(600.0, "10.0 min")]
    [TestCase(36000.0, "10.0 h")]
    public void TimesHaveTheirUnit(double seconds, string text) => Assert.That(Figures.Seconds(seconds), Is.EqualTo(text));

    [Test]
    public void FilesAreWrittenWhole()
    {
        string folder = Directory.CreateTempSubdirectory("study").FullName;
        try
        {
            Study study = StudyAnalysis.Of(Pair());
            StudyMarkdown.Write(Path.Combine(folder, StudyMarkdown.FileName), study);
            StudyCsv.Write(Path.Combine(folder, StudyCsv.FileName), study);
            Assert.That(File.ReadAllText(Path.Combine(folder, "study.md")), Is.EqualTo(StudyMarkdown.Text(study)));
            Assert.That(File.ReadAllText(Path.Combine(folder, "study.csv")), Is.EqualTo(StudyCsv.Text(study)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
