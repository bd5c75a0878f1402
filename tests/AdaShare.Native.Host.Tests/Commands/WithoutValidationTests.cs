using System.Text.Json;
using AdaShare.Native.Host.Pictures;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Tests.Commands;

/// <summary>A run on domains of which nothing is held out for selection, through the commands that work on it.</summary>
[TestFixture]
internal sealed class WithoutValidationTests
{
    private const string Sentence = "no validation part: the last checkpoint is used";

    private static readonly string[] Settings =
    [
        "dataload.validation_fraction=0", "method=hard_sharing", "tasks=[photo,sketch]", "tasks_num_class=[2,2]", "model.width=0.125", "train.batch_size=2", "train.retrain_total_iters=6", "train.val_freq=2",
        "train.checkpoint_freq=1", "dataload.resize_h=24", "dataload.resize_w=24", "dataload.crop_h=24", "dataload.crop_w=24",
    ];

    private string _folder = "";
    private string _data = "";
    private string _run = "";
    private CommandRun _trained = new(-1, "", "");

    [OneTimeSetUp]
    public void Train()
    {
        _folder = Directory.CreateTempSubdirectory("adashare-without-validation-").FullName;
        (_data, _run) = (Path.Combine(_folder, "data"), Path.Combine(_folder, "run"));
        for (int i = 0; i < 24; i++)
        {
            (int domain, int name, int number) = (i % 2, i / 2 % 2, i / 4);
            var picture = new Picture(24, 24);
            for (int p = 0; p < picture.Pixels.Length; p++)
            {
                picture.Pixels[p] = (byte)((p * 7 % 50) + (number * 3) + (p % 3 == 0 ? 90 * domain : p % 3 == 1 ? 120 * name : 0));
            }

            PictureFile.Write(Path.Combine(_data, domain == 0 ? "photo" : "sketch", name == 0 ? "cat" : "dog", $"pic_{number}.png"), picture);
        }

        _trained = Start(_run);
    }

    [OneTimeTearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void It_says_once_that_the_last_checkpoint_is_used()
    {
        Assert.That(_trained.ExitCode, Is.EqualTo(ExitCode.Success), _trained.Error);
        Assert.That(_trained.Output.Split(Sentence), Has.Length.EqualTo(2));
        Assert.That(_trained.Output, Does.Contain("none for selection"));
        using JsonDocument metrics = JsonDocument.Parse(File.ReadAllText(new RunFolder(_run).Metrics));
        Assert.That(metrics.RootElement.GetProperty("selection").GetString(), Is.EqualTo(Sentence));
        Assert.That(metrics.RootElement.GetProperty("final").GetProperty("score").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(metrics.RootElement.GetProperty("final").GetProperty("step").GetInt64(), Is.EqualTo(6));
    }

    [Test]
    public void Its_report_has_the_sentence_and_no_curve_of_validations()
    {
        string page = File.ReadAllText(Path.Combine(_run, "report.html"));
        Assert.That(page, Does.Contain(Sentence).And.Not.Contain("(validation)"));
        Assert.That(page, Does.Contain("training loss of logged steps"));
    }

    [Test]
    public void It_can_be_evaluated_on_its_test_part_alone()
    {
        CommandRun test = CommandRun.Of("evaluate", _run, "--device", "cpu"), validation = CommandRun.Of("evaluate", _run, "--device", "cpu", "--split", "validation");
        Assert.That(test.ExitCode, Is.EqualTo(ExitCode.Success), test.Error);
        Assert.That(test.Output, Does.Contain("test part, 4 images"));
        Assert.That(validation.ErrorLines, Is.EqualTo(new[] { "adashare: --split validation: PACS has no validation part here, since its share in the run's configuration is 0; measure the test part" }));
    }

    [Test]
    public void Stopped_and_gone_on_with_it_ends_as_the_other()
    {
        string folder = Path.Combine(_folder, "stopped");
        Assert.That(Start(folder, new CancellationToken(canceled: true)).ExitCode, Is.EqualTo(ExitCode.Interrupted));
        CommandRun resumed = CommandRun.Of("train", "--resume", folder, "--device", "cpu");
        Assert.That(resumed.ExitCode, Is.EqualTo(ExitCode.Success), resumed.Error);
        Assert.That(resumed.Output, Does.Contain(Sentence));
        Assert.That(Weights(folder), Is.EqualTo(Weights(_run)));
    }

    [Test]
    public void A_study_runs_and_a_grid_is_refused_before_anything_runs()
    {
        string set = string.Concat(Settings.Where(static setting => !setting.StartsWith("method=", StringComparison.Ordinal)).Select(static setting => $"  - {setting}\n"));
        string spec = $"name: blind\npreset: pacs\nset:\n{set}  - model.batch_norm=shared\nseeds: [1, 2]\nreference: a\nmethods:\n  - {{method: hard_sharing, label: a}}\n  - {{method: single_task, label: b}}\n";
        string plain = Write("blind.yaml", spec), grid = Write("grid.yaml", spec + "  - {method: nddr, label: c, grid: [{set: [train.lr=0.01]}, {set: [train.lr=0.001]}]}\n");
        string search = Write("search.yaml", spec + "  - {method: adashare, label: d, set: [adashare.policies=3, adashare.warm_up_iters=1, train.total_iters=3]}\n");
        CommandRun ran = CommandRun.Of("study", plain, "--data", _data, "--out", Path.Combine(_folder, "study"), "--device", "cpu");
        CommandRun chosen = CommandRun.Of("study", grid, "--data", _data, "--out", Path.Combine(_folder, "grid"), "--device", "cpu");
        CommandRun searched = CommandRun.Of("study", search, "--data", _data, "--out", Path.Combine(_folder, "search"), "--device", "cpu");

        Assert.That(ran.ExitCode, Is.EqualTo(ExitCode.Success), ran.Error);
        Assert.That(File.ReadAllText(Path.Combine(_folder, "study", "study.md")), Does.Contain("photo"));
        Assert.That(chosen.ErrorLines.Single(), Does.StartWith("adashare: PACS has no validation part (its share is 0), and the points of the study's grid are chosen on it"));
        Assert.That(searched.ErrorLines.Single(), Does.StartWith("adashare: d: PACS has no validation part (its share is 0): adashare.policies is 3"));
        Assert.That(Directory.Exists(Path.Combine(_folder, "grid")) || Directory.Exists(Path.Combine(_folder, "search")), Is.False);
    }

    private CommandRun Start(string run, CancellationToken stop = default) =>
        CommandRun.Of(stop, ["train", "--preset", "pacs", "--data", _data, "--out", run, "--device", "cpu", .. Settings.SelectMany(static setting => new[] { "--set", setting })]);

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static byte[] Weights(string run) => File.ReadAllBytes(new RunFolder(run).Checkpoint("final"));
}
