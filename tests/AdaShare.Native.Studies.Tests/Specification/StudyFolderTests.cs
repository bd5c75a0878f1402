using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Studies.Specification;

namespace AdaShare.Native.Studies.Tests.Specification;

/// <summary>A folder holds one study.</summary>
internal sealed class StudyFolderTests
{
    private string _folder = "";

    [SetUp]
    public void Create() => _folder = Directory.CreateTempSubdirectory("study").FullName;

    [TearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void SameStudyAndOneWithMoreCellsGoOn()
    {
        StudySpec spec = TinyStudy.Spec();
        StudyFolder.Claim(_folder, spec, TinyStudy.Known);
        StudyFolder.Claim(_folder, TinyStudy.Spec(), TinyStudy.Known);
        spec.Seeds.Add(7);
        spec.Methods.Add(new StudyMethod { Method = "single_task" });
        spec.Methods[1].Grid.Add(new StudyGridPoint { Set = ["train.lr=0.1"] });
        StudyFolder.Claim(_folder, spec, TinyStudy.Known);
        StudySpec stored = StudyFolder.Read(_folder, TinyStudy.Known);
        Assert.That(stored.Seeds, Is.EqualTo(new long[] { 88, 45, 7 }));
        Assert.That(stored.Methods[1].Grid[2].Set, Is.EqualTo(new[] { "train.lr=0.1" }));
        Assert.That(stored.Methods[1].Match, Is.EqualTo("total"));
    }

    [Test]
    public void SameStudyDoesNotWriteItsFileAgain()
    {
        StudyFolder.Claim(_folder, TinyStudy.Spec(), TinyStudy.Known);
        string path = Path.Combine(_folder, StudyFolder.SpecFileName);
        DateTime longAgo = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(path, longAgo);
        StudyFolder.Claim(_folder, TinyStudy.Spec(), TinyStudy.Known);
        Assert.That(File.GetLastWriteTimeUtc(path), Is.EqualTo(longAgo));
    }

    private static IEnumerable<TestCaseData> Others()
    {
        yield return Other("name", static spec => spec.Name = "another", "holds the study tiny, not another");
        yield return Other("base", static spec => spec.Preset = "gpu", "its runs start from the preset quick, this study's from the preset gpu");
        yield return Other("settings", static spec => spec.Set = ["train.batch_size=8"], "was started as hard_sharing, match final, train.batch_size=4");
        yield return Other("match", static spec => spec.Match = "total", "is now hard_sharing, match total");
        yield return Other("cells", static spec => spec.Seeds = [1], "none of the same cells");

        static TestCaseData Other(string name, Action<StudySpec> change, string sentence) => new TestCaseData(change, sentence).SetName($"{{m}}({name})");
    }

    [TestCaseSource(nameof(Others))]
    public void OtherStudyIsTurnedAwayAndNothingIsLost(Action<StudySpec> change, string sentence)
    {
        StudyFolder.Claim(_folder, TinyStudy.Spec(), TinyStudy.Known);
        byte[] before = File.ReadAllBytes(Path.Combine(_folder, StudyFolder.SpecFileName));
        StudySpec other = TinyStudy.Spec();
        change(other);
        ConfigurationException error = Assert.Throws<ConfigurationException>(() => StudyFolder.Claim(_folder, other, TinyStudy.Known))!;
        Assert.That(error.Message, Does.Contain(sentence).And.Not.Contain("\n"));
        Assert.That(File.ReadAllBytes(Path.Combine(_folder, StudyFolder.SpecFileName)), Is.EqualTo(before));
    }

    [Test]
    public void StudyThatCantRunIsRefusedBeforeTheFolderIsTouched()
    {
        StudySpec spec = TinyStudy.Spec();
        spec.Seeds = [];
        Assert.That(() => StudyFolder.Claim(_folder, spec, TinyStudy.Known), Throws.TypeOf<ConfigurationException>());
        Assert.That(Directory.EnumerateFileSystemEntries(_folder), Is.Empty);
    }

    [Test]
    public void FolderWithoutAStudySaysSo() =>
        Assert.That(() => StudyFolder.Read(_folder, TinyStudy.Known), Throws.TypeOf<DataException>().With.Message.Contains("is no folder of a study"));

    [TestCase("")]
    [TestCase("null")]
    [TestCase("{\"seeds\": null}")]
    [TestCase("{\"unknown\": 1}")]
    [TestCase("{\"set\": [null]}")]
    [TestCase("{\"methods\": [null]}")]
    [TestCase("{\"methods\": [{\"method\": \"adashare\", \"set\": [null]}]}")]
    [TestCase("{\"methods\": [{\"method\": \"adashare\", \"grid\": [null]}]}")]
    [TestCase("{\"methods\": [{\"method\": \"adashare\", \"grid\": [{\"set\": [null]}]}]}")]
    [TestCase("{\"seeds\": [null]}")]
    public void DamagedFileIsOneSentence(string text)
    {
        File.WriteAllText(Path.Combine(_folder, StudyFolder.SpecFileName), text);
        DataException error = Assert.Throws<DataException>(() => StudyFolder.Claim(_folder, TinyStudy.Spec(), TinyStudy.Known))!;
        Assert.That(error.Message, Does.Contain("does not say what study").And.Not.Contain("\n"));
    }
}
