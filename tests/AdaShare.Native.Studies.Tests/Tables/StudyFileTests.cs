using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Studies.Analysis;
using AdaShare.Native.Studies.Results;
using AdaShare.Native.Studies.Tables;
using static AdaShare.Native.Studies.Tests.TinyStudy;

namespace AdaShare.Native.Studies.Tests.Tables;

/// <summary><c>study.json</c> and the files of cells.</summary>
internal sealed class StudyFileTests
{
    private string _folder = "";

    [SetUp]
    public void Create() => _folder = Directory.CreateTempSubdirectory("study").FullName;

    [TearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void EverythingReadsBack()
    {
        StudyData data = Data(
            "hard", Run("hard", 1, 20, 50, 0.5),
            Run("rival", 1, double.NaN, double.PositiveInfinity, null) with { Policies = [new SampledPolicy(Values(1, 2, 3), null, true)], ArgMax = Values(1, 2, 3), Variant = "a" },
            Run("rival", 2, 0, 0, 0) with { Failure = "broke", Cost = null, PeakBytes = null, Times = null, Provenance = null }) with
        {
            Choices = [new GridChoice("rival", 1, [new GridScore("a", ["lr=1"], null)], "a")],
        };
        Study study = StudyAnalysis.Of(data);
        string path = Path.Combine(_folder, StudyFile.FileName);
        StudyFile.Write(path, study);
        Study read = StudyFile.Read(path);
        Assert.That(StudyFile.ToJson(read), Is.EqualTo(StudyFile.ToJson(study)));
        Assert.That(read.Data.Cells[1].Metrics["seg"]["miou"], Is.NaN);
        Assert.That(StudyFile.ToJson(StudyAnalysis.Of(read.Data)), Is.EqualTo(StudyFile.ToJson(study)));
    }

    [Test]
    public void NamesAreSnakeCaseAndOneSeedHasNullForItsSpread()
    {
        string json = StudyFile.ToJson(StudyAnalysis.Of(Data("hard", Run("hard", 1, 20, 50, 0.5))));
        Assert.That(json, Does.Contain("\"multiply_adds_as_executed\": 60800000").And.Contain("\"multiply_adds_k_passes\"").And.Contain("\"train_seconds\"").And.Contain("\"higher_is_better\": true"));
        Assert.That(json, Does.Contain("\"deviation\": null"));
        Assert.That(json, Does.Contain("\"weight_steps\": 1300"), "the total over phases is in the file");
    }

    [Test]
    public void WithoutTimesOnlyTimesAreGone()
    {
        StudyData slow = Pair() with { };
        slow = slow with { Cells = [.. slow.Cells.Select(static cell => cell with { Times = new CellTimes(1e4, 99) })] };
        Study first = StudyAnalysis.Of(Pair()), second = StudyAnalysis.Of(slow);
        Assert.That(StudyFile.ToJson(second), Is.Not.EqualTo(StudyFile.ToJson(first)));
        Assert.That(StudyFile.ToJson(StudyFile.WithoutTimes(second)), Is.EqualTo(StudyFile.ToJson(StudyFile.WithoutTimes(first))));
        Assert.That(StudyFile.ToJson(StudyFile.WithoutTimes(first)), Does.Not.Contain("_seconds").And.Not.Contain("latency").And.Contain("peak_bytes"));
    }

    [TestCase("")]
    [TestCase("{}")]
    [TestCase("null")]
    [TestCase("[1, 2]")]
    public void OtherFileIsOneSentence(string text)
    {
        string path = Path.Combine(_folder, "x.json");
        File.WriteAllText(path, text);
        Assert.That(() => StudyFile.Read(path), Throws.TypeOf<DataException>().With.Message.StartsWith(path).And.Message.Not.Contains("\n"));
        Assert.That(() => StudyFile.ReadCell(path), Throws.TypeOf<DataException>().With.Message.StartsWith(path));
    }

    [TestCase("\"metrics\": {\"seg\": null}")]
    [TestCase("\"arg_max\": {\"seg\": null}")]
    [TestCase("\"budget\": {\"phases\": [null]}")]
    [TestCase("\"policies\": [null]")]
    [TestCase("\"metrics\": {}")]
    [TestCase("\"policies\": [{\"metrics\": {\"seg\": null}, \"score\": 1, \"selected\": true}]")]
    public void NothingWhereSomethingBelongsIsOneSentence(string member)
    {
        string path = Path.Combine(_folder, "cell.json");
        string[] whole = ["\"match\": \"final\"", "\"metrics\": {}", "\"budget\": {\"phases\": []}", "\"policies\": []"];
        string others = string.Join(", ", whole.Where(other => other.Split(':')[0] != member.Split(':')[0]));

        // A member that is missing counts as one that is null.
        others = member == whole[1] ? member : $"{others}, {member}";
        File.WriteAllText(path, $$"""{"cell": "a-s1", "method": "hard_sharing", "label": "a", "seed": 1, {{others}}}""");
        Assert.That(() => StudyFile.ReadCell(path), Throws.TypeOf<DataException>().With.Message.StartsWith(path).And.Message.Contains("is no result of a cell"));
        File.WriteAllText(path, StudyFile.ToJson(StudyAnalysis.Of(Pair())).Replace("\"cells\": [", "\"cells\": [null, ", StringComparison.Ordinal));
        Assert.That(() => StudyFile.Read(path), Throws.TypeOf<DataException>().With.Message.StartsWith(path));
    }

    [Test]
    public void OtherFormatIsOneSentence()
    {
        string path = Path.Combine(_folder, StudyFile.FileName);
        File.WriteAllText(path, StudyFile.ToJson(StudyAnalysis.Of(Pair()) with { Format = 7 }));
        Assert.That(() => StudyFile.Read(path), Throws.TypeOf<DataException>().With.Message.Contains("has format 7, expected 1"));
    }

    [Test]
    public void CellHasAFileOfItsOwn()
    {
        string path = Path.Combine(_folder, "cell.json");
        CellResult cell = Run("hard", 1, double.NaN, 50, 0.5) with { Failure = "broke" };
        StudyFile.WriteCell(path, cell);
        Assert.That(StudyFile.ToJson(StudyFile.ReadCell(path)), Is.EqualTo(StudyFile.ToJson(cell)));
    }
}
