using System.Text.Json;
using System.Text.Json.Nodes;
using AdaShare.Native.Cuda.Search;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Host.Pictures;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Tests;

namespace AdaShare.Native.Host.Tests.Commands;

/// <summary>A tiny run on procedural scenes through every command that works on a run folder.</summary>
[TestFixture]
internal sealed class RunTests
{
    private static readonly string[] Tiny =
    [
        "train.total_iters=5", "train.warm_up_iters=2", "train.retrain_total_iters=2", "train.weight_iter_alternate=2", "train.alpha_iter_alternate=1", "train.batch_size=2",
        "train.print_freq=1", "train.val_freq=2", "train.checkpoint_freq=1", "retrain.policies=2", "model.width=0.125", "model.head_width=0.01", "dataload.crop_h=32",
        "dataload.crop_w=32", "dataload.scenes.height=32", "dataload.scenes.width=32", "dataload.scenes.train1=4", "dataload.scenes.train2=2", "dataload.scenes.val=2",
        "dataload.scenes.test=2",
    ];

    private string _folder = "";
    private string _run = "";
    private CommandRun _trained = new(-1, "", "");

    [OneTimeSetUp]
    public void Train()
    {
        _folder = Directory.CreateTempSubdirectory("adashare-run-").FullName;
        _run = Path.Combine(_folder, "run");
        _trained = CommandRun.Of([.. TrainTiny(_run)]);
    }

    [OneTimeTearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void A_run_goes_through_all_phases_and_ends_with_its_tables()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_trained.Error, Is.Empty);
            Assert.That(_trained.ExitCode, Is.EqualTo(ExitCode.Success));
            Assert.That(_trained.Output, Does.Contain("warm-up 2/2").And.Contain("search 3/3").And.Contain("retrain 2 of 2 2/2"));
            Assert.That(_trained.Output, Does.Contain("warm-up, 2 steps").And.Contain("mean ± std of 2 policies").And.Contain("the learnt probability").And.Contain("cost of one image of 32x32").And.Contain("multiply-adds, as executed"));
            Assert.That(_trained.Output, Does.Contain("device: ").And.Contain("loss.mode paper").And.Contain("2 held out for the test"));
        }
    }

    [Test]
    public void The_device_is_named_in_ten_words_that_say_where_to_read_why_it_is_no_GPU()
    {
        string line = _trained.Output.Split('\n').Single(line => line.Contains("device: ", StringComparison.Ordinal)), words = line[(line.IndexOf("device: ", StringComparison.Ordinal) + 8)..];
        Assert.That(words.Split(' '), Has.Length.LessThanOrEqualTo(10));
        Assert.That(words, CudaSearch.Find().Obstacle is null ? Does.StartWith("cuda:0, ") : Does.StartWith("cpu, ").And.EndWith(" fast numerics; why no GPU: adashare doctor"));
    }

    [Test]
    public void The_run_folder_has_every_file()
    {
        var folder = new RunFolder(_run);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(File.ReadLines(folder.Log).ToArray(), Has.All.StartsWith("{").And.Length.GreaterThanOrEqualTo(9));
            Assert.That(folder.Latest, Does.Exist);
            Assert.That(folder.Checkpoint("warmup"), Does.Exist);
            Assert.That(PolicyFile.Read(folder.Policy).Sampled, Has.Length.EqualTo(2));
        }

        using JsonDocument metrics = JsonDocument.Parse(File.ReadAllText(folder.Metrics));
        Assert.That(metrics.RootElement.EnumerateObject().Select(property => property.Name), Is.SupersetOf(new[] { "final", "others", "candidates", "trivial", "policy", "cost", "hard_sharing_cost", "budget" }));
    }

    [Test]
    public void Its_configuration_is_complete_and_repeats_it()
    {
        var reader = new ConfigReader();
        reader.ReadFile(new RunFolder(_run).Config);
        Assert.That(ConfigSection.KeysOf(reader.Config).SelectMany(key => key.Section?.Everything().Prepend(key) ?? [key]).Select(key => key.Path), Has.All.Matches<string>(key => reader.IsGiven(key!)).And.Some.EqualTo("adashare.policies"));
        string again = Path.Combine(_folder, "again");
        CommandRun run = CommandRun.Of("train", "--config", new RunFolder(_run).Config, "--out", again);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success), run.Error);
        Assert.That(Results(again), Is.EqualTo(Results(_run)));
    }

    [Test]
    public void A_run_that_is_stopped_says_how_to_go_on_and_ends_as_the_other()
    {
        string folder = Path.Combine(_folder, "stopped");
        CommandRun stopped = CommandRun.Of(new CancellationToken(canceled: true), [.. TrainTiny(folder)]);
        Assert.That(stopped.ErrorLines, Is.EqualTo(new[] { $"adashare: stopped at step 0 of 2 of warm-up; go on with: adashare train --resume {folder}" }));
        Assert.That(stopped.ExitCode, Is.EqualTo(ExitCode.Interrupted));
        CommandRun resumed = CommandRun.Of("train", "--resume", folder);
        Assert.That(resumed.ExitCode, Is.EqualTo(ExitCode.Success), resumed.Error);
        Assert.That(Results(folder), Is.EqualTo(Results(_run)));
    }

    [Test]
    public void The_official_resume_key_goes_on_with_the_same_configuration_only()
    {
        string folder = Path.Combine(_folder, "resumed-by-key");
        Assert.That(CommandRun.Of(new CancellationToken(canceled: true), [.. TrainTiny(folder), "--set", "train.resume=True"]).ExitCode, Is.EqualTo(ExitCode.Interrupted));
        CommandRun other = CommandRun.Of([.. TrainTiny(folder), "--set", "train.resume=True", "--set", "train.lr=0.5"]);
        Assert.That(other.ErrorLines.Single(), Does.StartWith($"adashare: {folder}: the run in this folder was started with another train.lr"));
        CommandRun same = CommandRun.Of([.. TrainTiny(folder), "--set", "train.resume=True"]);
        Assert.That(same.ExitCode, Is.EqualTo(ExitCode.Success), same.Error);
        Assert.That(same.Output, Does.Contain("warm-up: 2 steps"));
        Assert.That(Results(folder), Is.EqualTo(Results(_run)));
    }

    [Test]
    public void A_run_is_never_overwritten()
    {
        CommandRun run = CommandRun.Of([.. TrainTiny(_run)]);
        Assert.That(run.ErrorLines, Is.EqualTo(new[] { $"adashare: {_run}: there is a run in this folder already; go on with --resume {_run}, or choose another --out" }));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
    }

    [TestCase("--seed", "3")]
    [TestCase("--set", "train.lr=1")]
    [TestCase("--preset", "quick")]
    [TestCase("--out", "elsewhere")]
    public void A_run_that_goes_on_keeps_its_configuration(string option, string value)
    {
        CommandRun run = CommandRun.Of("train", "--resume", _run, option, value);
        Assert.That(run.ErrorLines, Is.EqualTo(new[] { $"adashare: --resume {_run} goes on with the configuration and folder of that run; leave {option} out, or start a new run without --resume" }));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
    }

    [Test]
    public void Evaluating_the_run_gives_its_own_numbers()
    {
        CommandRun run = CommandRun.Of("evaluate", _run);
        Assert.That(run.Error, Is.Empty);
        double accuracy = MetricsFile.Read(new RunFolder(_run).Metrics).Final.Metrics["seg"]["pixel_accuracy"];
        string line = run.Output.Split('\n').First(text => text.Contains("pixel accuracy"));
        Assert.That(line.Split('│')[5].TrimEnd(' ', '!').Trim(), Is.EqualTo(FormattableString.Invariant($"{accuracy:0.00} %")));
        Assert.That(CommandRun.Of("evaluate", _run, "--split", "validation").Output, Does.Contain("validation part, 2 images"));
        Assert.That(CommandRun.Of("evaluate", _run, "--split", "training").ExitCode, Is.EqualTo(ExitCode.Usage));
    }

    [Test]
    public void The_policy_of_the_run_is_shown()
    {
        CommandRun run = CommandRun.Of("policy", _run);
        Assert.That(run.Error, Is.Empty);
        Assert.That(run.Output, Does.Contain("sampled policy 2 of 2").And.Contain("the best on the validation part").And.Contain("p %").And.Contain("cost of one image of 32x32"));
        PolicyFile learnt = PolicyFile.Read(new RunFolder(_run).Policy);
        string final = $"sampled policy {learnt.Selected + 1} of 2";
        Assert.That(run.Output, Does.Contain($"the run's final network runs {final}").And.Contain("hard sharing: backbone").And.Match($@"{final}[^:]* with heads, as executed: \d\.\d+ times hard sharing's multiply-adds"));
        bool isLikeliest = learnt.ArgMax.Zip(learnt.Sampled[learnt.Selected!.Value], static (a, b) => a.SequenceEqual(b)).All(static same => same);
        Assert.That(run.Output, isLikeliest ? Does.Contain($"{final}, the most likely one too: backbone") : Does.Contain("the most likely policy: backbone").And.Contain("the most likely policy with heads, as executed: "));
    }

    [Test]
    public void Predictions_are_painted_beside_the_input()
    {
        string input = Path.Combine(_folder, "room.png"), twin = Path.Combine(_folder, "twin", "twin.png"), output = Path.Combine(_folder, "pictures");
        var room = new Picture(32, 40) { [5, 6] = new Colour(200, 100, 50) };
        PictureFile.Write(input, room);
        PictureFile.Write(twin, room);
        CommandRun run = CommandRun.Of("predict", _run, input, twin, "--out", output);
        Assert.That(run.Error, Is.Empty);
        ByteImage combined = Png.Read(Path.Combine(output, "room.png"));

        // Four times as large, so that the legends below have room: of classes the names, of depth a bar from warm to cool, of normals words.
        Assert.That((combined.Height > 4 * 32, combined.Width), Is.EqualTo((true, (4 * 160) + (3 * 4))));
        Assert.That(combined.Pixels[((21 * combined.Width) + 26) * 3], Is.EqualTo(200));
        bool[] written = [.. Enumerable.Range(0, 4).Select(column => Enumerable.Range(4 * 32, combined.Height - (4 * 32)).Any(y => Enumerable.Range(column * 164, 160).Any(x => combined.Pixels[((y * combined.Width) + x) * 3] < 100)))];
        Assert.That(written, Is.All.True);
        string[] names = [.. Directory.GetFiles(output).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];
        Assert.That(names, Has.Length.EqualTo(8));
        Assert.That(names, Has.Some.EqualTo("room_seg.png").And.Some.EqualTo("room_sn.png").And.Some.EqualTo("twin.png").And.Some.EqualTo("room_depth.png"));
        Assert.That(run.Output, Does.Match(@"depth -?\d+\.\d\d m \(warm\) to -?\d+\.\d\d m \(cool\)"));
    }

    [Test]
    public void Pictures_that_can_not_be_written_are_not_called_unreadable()
    {
        string first = Path.Combine(_folder, "written", "first.png"), second = Path.Combine(_folder, "written", "second.png");
        PictureFile.Write(first, new Picture(32, 40));
        PictureFile.Write(second, new Picture(32, 40));
        CommandRun run = CommandRun.Of("predict", _run, first, second, "--out", Path.Combine(first, "below"), "--device", "cpu");
        Assert.That((run.ExitCode, run.ErrorLines.Single()), Is.EqualTo((ExitCode.Failure, run.Error.TrimEnd('\n'))));
        Assert.That(run.Error, Does.Contain("the folder for pictures can't be made").And.Not.Contain("could not be read"));
    }

    [Test]
    public void Numbers_are_written_for_other_programs()
    {
        DebianPython.Require("numpy", "python3-numpy");
        string input = Path.Combine(_folder, "numbers.png"), output = Path.Combine(_folder, "numbers");
        PictureFile.Write(input, new Picture(33, 17));
        CommandRun run = CommandRun.Of("predict", _run, input, "--out", output, "--raw", "--device", "cpu");
        Assert.That(run.Error, Is.Empty);
        JsonNode index = JsonNode.Parse(File.ReadAllText(Path.Combine(output, "predictions.json")))!;
        JsonNode tasks = index["predictions"]!.AsArray().Single()!["tasks"]!;
        Assert.That(File.Exists((string)index["checkpoint"]!));
        ByteImage ids = Png.Read(Path.Combine(output, (string)tasks["seg"]!["file"]!));
        Assert.That((ids.Height, ids.Width, ids.Channels), Is.EqualTo((33, 17, 1)));
        Assert.That(ids.Pixels.Max(), Is.LessThan((int)tasks["seg"]!["classes"]!));
        var depth = NumpyArray.Read(Path.Combine(output, "numbers_depth.npy"));
        Assert.That(depth.Shape, Is.EqualTo(new[] { 33, 17 }));
        Assert.That((depth.Values.Min(), depth.Values.Max(), (string)tasks["depth"]!["unit"]!), Is.EqualTo(((float)tasks["depth"]!["min"]!, (float)tasks["depth"]!["max"]!, "m")));
        string read = DebianPython.Run("import numpy as n; d = n.load('numbers_depth.npy'); s = n.load('numbers_sn.npy'); print(d.dtype, d.shape, s.shape, bool(abs((s ** 2).sum(2) - 1).max() < 1e-4))", output);
        Assert.That(read.Trim(), Is.EqualTo("float32 (33, 17) (33, 17, 3) True"));
        Assert.That(CommandRun.Of("predict", _run, input, "--out", output, "--raw", "--device", "cpu").ExitCode, Is.EqualTo(ExitCode.Failure), "what is there is not replaced unasked");
    }

    [Test]
    public void An_image_that_is_missing_or_damaged_is_named()
    {
        string damaged = Path.Combine(_folder, "damaged.png");
        PictureFile.Write(damaged, new Picture(32, 32));
        File.WriteAllBytes(damaged, File.ReadAllBytes(damaged)[..40]);
        foreach (string file in new[] { damaged, Path.Combine(_folder, "missing.png") })
        {
            CommandRun run = CommandRun.Of("predict", _run, file, "--out", Path.Combine(_folder, "none"));
            Assert.That(run.ErrorLines.Single(), Does.StartWith($"adashare: {file}"));
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failure));
        }
    }

    [Test]
    public void Scenes_are_written_and_can_be_trained_on()
    {
        string scenes = Path.Combine(_folder, "scenes"), run = Path.Combine(_folder, "on-files");
        CommandRun written = CommandRun.Of("scenes", "--out", scenes, "--size", "32x32", "--train1", "4", "--train2", "2", "--val", "2", "--test", "2");
        Assert.That(written.Error, Is.Empty);
        Assert.That(written.Output, Does.Contain("10 of 10 scenes").And.Contain("0 wall, 1 floor"));
        CommandRun trained = CommandRun.Of([.. TrainTiny(run), "--set", "dataload.dataset=NYU_v2", "--data", scenes]);
        Assert.That(trained.ExitCode, Is.EqualTo(ExitCode.Success), trained.Error);

        // The same scenes, drawn or read from files, give the same run.
        Assert.That(Results(run, namesData: false), Is.EqualTo(Results(_run, namesData: false)));
    }

    /// <summary>The text of a run's metrics.json without the times that its phases took, which no two runs share.</summary>
    private static string Results(string run, bool namesData = true)
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(new RunFolder(run).Metrics))!;
        foreach ((string phase, JsonNode? spent) in root["budget"]!.AsObject())
        {
            Assert.That(spent!.AsObject().Remove("seconds"), $"{phase} says how long it took");
        }

        if (!namesData)
        {
            Assert.That(root["provenance"]!.AsObject().Remove("dataset"), "the data are named");
        }

        return root.ToJsonString();
    }

    private static IEnumerable<string> TrainTiny(string folder) => ["train", "--out", folder, .. Tiny.SelectMany(setting => new[] { "--set", setting })];
}
