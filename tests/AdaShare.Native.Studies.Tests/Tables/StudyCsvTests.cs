using AdaShare.Native.Studies.Analysis;
using AdaShare.Native.Studies.Results;
using AdaShare.Native.Studies.Tables;
using static AdaShare.Native.Studies.Tests.TinyStudy;

namespace AdaShare.Native.Studies.Tests.Tables;

/// <summary><c>study.csv</c>.</summary>
internal sealed class StudyCsvTests
{
    [Test]
    public void OneValueALine()
    {
        string[] lines = StudyCsv.Text(StudyAnalysis.Of(Pair())).Split('\n');
        Assert.That(lines[0], Is.EqualTo("method,variant,seed,task,metric,unit,value"));
        Assert.That(lines, Does.Contain("hard,,1,seg,miou,%,20"));
        Assert.That(lines, Does.Contain("rival,,2,depth,abs_error,,0.6"));
        string delta = lines.Single(static line => line.StartsWith("rival,,1,,delta_per_task,%,", StringComparison.Ordinal));
        Assert.That(double.Parse(delta.Split(',')[^1], System.Globalization.CultureInfo.InvariantCulture), Is.EqualTo(12).Within(1e-9));
        Assert.That(lines, Does.Contain("hard,,1,,delta_pooled,%,0"));
        Assert.That(lines, Does.Contain("hard,,1,,multiply_adds_as_executed,multiply-adds,60800000"));
        Assert.That(lines, Does.Contain("hard,,1,,policy_steps,steps,100"));
        Assert.That(lines.Where(static line => line.Length > 0).Select(static line => line.Split(',').Length), Has.All.EqualTo(7));
    }

    [Test]
    public void FieldsAreQuotedAndFailuresLeftOut()
    {
        Study study = StudyAnalysis.Of(Data("a, \"b\"", Run("a, \"b\"", 1, double.NaN, null, 0.5), Run("c", 1, 1, 1, 1) with { Failure = "broke" }));
        string text = StudyCsv.Text(study);
        Assert.That(text, Does.Contain("\"a, \"\"b\"\"\",,1,seg,miou,%,NaN\n").And.Contain(",seg,pix_acc,%,\n"));
        Assert.That(text, Does.Not.Contain("\nc,"));
    }

    [Test]
    public void GridPointThatWasNotChosenHasNoDelta()
    {
        StudyData data = Data("hard", Run("hard", 1, 20, 50, 0.5), Run("r", 1, 22, 49, 0.4) with { Variant = "x" }, Run("r", 1, 30, 49, 0.4) with { Variant = "y" }) with
        {
            Choices = [new GridChoice("r", 1, [new GridScore("x", ["lr=1"], 2), new GridScore("y", ["lr=2"], 1)], "x")],
        };
        string text = StudyCsv.Text(StudyAnalysis.Of(data));
        Assert.That(text, Does.Contain("r,x,1,,delta_per_task").And.Contain("r,y,1,seg,miou,%,30").And.Not.Contain("r,y,1,,delta_per_task"));
    }
}
