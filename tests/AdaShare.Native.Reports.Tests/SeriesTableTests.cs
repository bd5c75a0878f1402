using System.Globalization;
using AdaShare.Native.Reports.RunPages;
using AdaShare.Native.Reports.Tables;

namespace AdaShare.Native.Reports.Tests;

/// <summary>The log as a table.</summary>
public sealed class SeriesTableTests
{
    [Test]
    public void Every_number_of_the_log_is_a_line()
    {
        RunFiles run = SmallRuns.AdaShare.Files;
        string[][] lines = [.. SeriesTable.Lines(run.History, run.Tasks).Select(static line => line.Split(','))];
        Assert.That(string.Join(',', lines[0]), Is.EqualTo(SeriesTable.Header));
        Assert.That(lines, Has.All.Length.EqualTo(lines[0].Length));
        LoggedStep step = run.History.Steps.First(static step => step.Probability is not null);
        string[][] ofStep = [.. lines.Where(line => line[0] == "search" && line[2] == step.Position.Step.ToString(CultureInfo.InvariantCulture))];
        Assert.That(Value(ofStep, "loss", "total"), Is.EqualTo(step.Figures["loss"]));
        Assert.That(Value(ofStep, "loss", "sn"), Is.EqualTo(step.Losses["sn"]));
        Assert.That(Value(ofStep, "policy", "seg/3"), Is.EqualTo(step.Probability![0][3]));
        Assert.That(ofStep[0][3], Is.EqualTo(run.History.At(step.Position).ToString(CultureInfo.InvariantCulture)));
        Assert.That(DateTimeOffset.Parse(ofStep[0][6], CultureInfo.InvariantCulture), Is.EqualTo(step.Time.Time));
        LoggedValidation validation = run.History.Validations[0];
        Assert.That(lines.Count(static line => line[7] == "validation"), Is.EqualTo(run.History.Validations.Sum(static v => v.Metrics.Values.Sum(static metrics => metrics.Count))));
        Assert.That(Value([.. lines.Where(line => line[0] == validation.Position.Phase)], "validation", "seg/miou"), Is.EqualTo(validation.Metrics["seg"]["miou"]));
    }

    private static double Value(string[][] lines, string kind, string name) => double.Parse(lines.First(line => line[7] == kind && line[8] == name)[9], CultureInfo.InvariantCulture);
}
