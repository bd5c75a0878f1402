using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Host.Pictures;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Tests.Commands;

/// <summary>Commands that would write over what is not theirs, or over results that nobody could bring back, refuse before they write anything.</summary>
[TestFixture]
internal sealed class NothingLostTests
{
    private static readonly string[] Tiny =
    [
        "method=hard_sharing", "train.retrain_total_iters=2", "train.batch_size=2", "train.val_freq=2", "model.width=0.125", "model.head_width=0.01", "dataload.crop_h=32", "dataload.crop_w=32",
        "dataload.scenes.height=32", "dataload.scenes.width=32", "dataload.scenes.train1=4", "dataload.scenes.train2=2", "dataload.scenes.val=2", "dataload.scenes.test=2",
    ];

    private string _folder = "";
    private string _run = "";

    [OneTimeSetUp]
    public void Train()
    {
        _folder = Directory.CreateTempSubdirectory("adashare-nothing-lost-").FullName;
        _run = Path.Combine(_folder, "run");
        CommandRun run = CommandRun.Of([.. TrainTiny(_run)]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success), run.Error);
    }

    [OneTimeTearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [TestCase("log.jsonl")]
    [TestCase("metrics.json")]
    [TestCase("policy.json")]
    [TestCase("data.json")]
    [TestCase("checkpoints/final.safetensors")]
    public void TrainingDoesNotWriteOverFilesOfNoRun(string name)
    {
        string folder = Path.Combine(_folder, "foreign-" + Path.GetFileName(name)), file = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "mine");
        CommandRun run = CommandRun.Of([.. TrainTiny(folder)]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.ErrorLines.Single(), Does.Contain(name).And.Contain("choose another --out"));
        Assert.That(File.ReadAllText(file), Is.EqualTo("mine"));
    }

    [Test]
    public void FinishedRunWithoutItsLastCheckpointIsNotTrainedAgain()
    {
        string folder = Copy(_run, "no-latest");
        File.Delete(new RunFolder(folder).Latest);
        string before = File.ReadAllText(new RunFolder(folder).Metrics);
        CommandRun run = CommandRun.Of("train", "--resume", folder);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failure));
        Assert.That(run.ErrorLines.Single(), Does.Contain("is missing").And.Contain("would be written over"));
        Assert.That(File.ReadAllText(new RunFolder(folder).Metrics), Is.EqualTo(before));
    }

    [Test]
    public void FinishedRunHasNoPhaseToTrainAgain()
    {
        CommandRun run = CommandRun.Of("train", "--resume", _run, "--restart-phase");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.ErrorLines.Single(), Does.Contain("the run is finished"));
    }

    [TestCase("--restart-phase")]
    [TestCase("--accept-data")]
    public void OptionsOfARunThatGoesOnNeedOne(string option)
    {
        CommandRun run = CommandRun.Of([.. TrainTiny(Path.Combine(_folder, "alone")), option]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.ErrorLines.Single(), Does.Contain(option).And.Contain("--resume"));
    }

    [Test]
    public void PicturesDoNotReplaceAnImageThatIsReadThroughALinkedFolder()
    {
        string images = Path.Combine(_folder, "images"), image = Path.Combine(images, "a.png"), link = Path.Combine(_folder, "link");
        PictureFile.Write(image, new Picture(32, 32));
        byte[] before = File.ReadAllBytes(image);
        Directory.CreateSymbolicLink(link, images);
        CommandRun run = CommandRun.Of("predict", _run, image, "--out", link, "--force");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failure));
        Assert.That(run.ErrorLines.Single(), Does.Contain("would be replaced by what is predicted"));
        Assert.That(File.ReadAllBytes(image), Is.EqualTo(before));
    }

    [Test]
    public void ScenesDoNotReplaceADataSetThatTheyDidNotMake()
    {
        string real = Path.Combine(_folder, "real"), image = Path.Combine(real, "img", "0001.png");
        PictureFile.Write(image, new Picture(32, 32));
        CommandRun run = CommandRun.Of("scenes", "--out", real, "--force", "--size", "32x32", "--train1", "1", "--train2", "1", "--val", "1", "--test", "1");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failure));
        Assert.That(run.ErrorLines.Single(), Does.Contain("scenes.json"));
        Assert.That(Png.Read(image).Height, Is.EqualTo(32));
    }

    [Test]
    public void StudiesDoNotWriteOverTablesOfNoStudy()
    {
        string folder = Path.Combine(_folder, "tables"), spec = Path.Combine(_folder, "study.yaml");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "study.md"), "mine");
        File.WriteAllText(spec, "name: tables\npreset: quick\nseeds: [1]\nreference: hard_sharing\nmethods: [{method: hard_sharing}]\n");
        CommandRun run = CommandRun.Of("study", spec, "--out", folder, "--device", "cpu");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.ErrorLines.Single(), Does.Contain("study.md").And.Contain("choose another --out"));
        Assert.That(File.ReadAllText(Path.Combine(folder, "study.md")), Is.EqualTo("mine"));
    }

    [Test]
    public void CellsThatWouldBeTheSameRunAreRefused()
    {
        string spec = Path.Combine(_folder, "twins.yaml");
        File.WriteAllText(spec, "name: twins\npreset: quick\nseeds: [1]\nreference: a\nmethods:\n  - {method: hard_sharing, label: a}\n  - {method: hard_sharing, label: b, set: [train.lr=0.0020]}\n");
        CommandRun run = CommandRun.Of("study", spec, "--out", Path.Combine(_folder, "twins"), "--device", "cpu");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.ErrorLines.Single(), Does.Contain("a-s1").And.Contain("b-s1").And.Contain("same run"));
    }

    private string Copy(string from, string name)
    {
        string to = Path.Combine(_folder, name);
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return to;
    }

    private static IEnumerable<string> TrainTiny(string folder) => ["train", "--preset", "quick", "--out", folder, "--device", "cpu", .. Tiny.SelectMany(static setting => new[] { "--set", setting })];
}
