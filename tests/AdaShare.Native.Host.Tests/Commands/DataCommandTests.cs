using AdaShare.Native.Data.Codecs;

namespace AdaShare.Native.Host.Tests.Commands;

/// <summary>A folder of photographs from the first look to a trained network, by commands alone.</summary>
[TestFixture]
internal sealed class DataCommandTests
{
    private string _folder = "";
    private string _data = "";

    [SetUp]
    public void Make()
    {
        _folder = Directory.CreateTempSubdirectory("adashare-data-").FullName;
        _data = Path.Combine(_folder, "photos");
        Directory.CreateDirectory(Path.Combine(_data, "images"));
        Directory.CreateDirectory(Path.Combine(_data, "masks"));
        for (int i = 0; i < 12; i++)
        {
            int side = i;
            Png.Write(Path.Combine(_data, "images", $"{i:D2}.png"), new ByteImage(28, 20, 3, [.. Enumerable.Range(0, 28 * 20 * 3).Select(p => (byte)((p * 7) + (side * 11)))]));
            if (i != 3)
            {
                Png.Write(Path.Combine(_data, "masks", $"{i:D2}.png"), new ByteImage(28, 20, 1, [.. Enumerable.Range(0, 28 * 20).Select(p => (byte)((p + side) % 2))]));
            }
        }

        File.WriteAllText(Path.Combine(_data, "labels.csv"), "file,sunny,age,room\n" + string.Concat(Enumerable.Range(0, 10).Select(static i => $"{i:D2}.png,{i % 2},{(i == 4 ? "" : $"{i}.5")},{(i % 3 == 0 ? "hall" : "bath")}\n")));
    }

    [TearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void A_folder_is_described_checked_divided_trained_on_and_predicted_for()
    {
        CommandRun proposed = Good("data", "new", _data);
        Assert.That(proposed.Output, Does.Contain("masks: 11 label files").And.Contain("labels.csv: 10 lines, images in column file"));
        string yaml = Path.Combine(_data, "dataset.yaml");
        Assert.That(File.ReadAllText(yaml), Does.Contain("masks: {kind: seg").And.Contain("room: {kind: class").And.Contain("sunny: {kind: attributes").And.Contain("age: {kind: values"));

        string page = Path.Combine(_folder, "page.html");
        CommandRun check = Good("data", "check", _data, "--page", page);
        Assert.That(check.Output, Does.Contain("12 of 12 images read").And.Contain("task masks: 1 of 12 images have no label for it"));
        Assert.That(File.ReadAllText(page), Does.Contain("Contact sheet").And.Contain("not labelled").And.Contain("hall"));

        Good("data", "split", _data, "--stratify", "room", "--seed", "5");
        File.AppendAllText(yaml, "parts: parts.json\n");
        string run = Path.Combine(_folder, "run");
        CommandRun trained = Good(
            "train", "--data", _data, "--out", run, "--device", "cpu", "--set", "dataload.crop_h=16", "--set", "dataload.crop_w=16", "--set", "train.batch_size=4", "--set", "train.total_iters=4", "--set", "train.warm_up_iters=2",
            "--set", "train.retrain_total_iters=2", "--set", "train.val_freq=2", "--set", "model.width=0.125", "--set", "adashare.weight_iter_alternate=1", "--set", "adashare.alpha_iter_alternate=1");
        Assert.That(trained.Output, Does.Contain("accuracy").And.Contain("mean IoU").And.Contain("mean absolute error"));
        string config = File.ReadAllText(Path.Combine(run, "config.yaml"));
        Assert.That(config, Does.Contain("task_kinds: [seg, attributes, values, class]").And.Contain("tasks: [masks, sunny, age, room]"));
        Assert.That(File.ReadAllText(Path.Combine(run, "report.html")), Does.Contain("sample predictions"));

        string seen = Path.Combine(_folder, "seen");
        CommandRun predicted = Good("predict", run, Path.Combine(_data, "images", "00.png"), "--out", seen, "--device", "cpu");
        Assert.That(predicted.Output, Does.Contain("room:").And.Match("(hall|bath) \\d+ %"));
        Assert.That(File.ReadAllLines(Path.Combine(seen, "predictions.csv")).Skip(1).Select(static line => string.Join(',', line.Split(',')[1..3])), Is.EqualTo(new[] { "sunny,sunny", "age,age", "room,bath", "room,hall" }));
        Assert.That(File.Exists(Path.Combine(seen, "00_masks.png")), Is.True);
        Assert.That(CommandRun.Of("predict", run, Path.Combine(_data, "images", "01.png"), "--out", seen, "--device", "cpu").Error, Does.Contain("predictions.csv: there is such a file already"));
        Good("evaluate", run, "--device", "cpu");
    }

    [Test]
    public void What_networks_see_is_measured_copied_trained_with_and_kept_by_the_run()
    {
        Good("data", "new", _data);
        string yaml = Path.Combine(_data, "dataset.yaml"), plain = Path.Combine(_folder, "plain"), said = Path.Combine(_folder, "said"), set = Path.Combine(_folder, "set");
        File.AppendAllText(yaml, "seed: 4\n");
        string line = Good("data", "check", _data, "--page", Path.Combine(_folder, "page.html")).Output.Split('\n').Single(static text => text.Contains("input: {order: rgb, mean: [", StringComparison.Ordinal)).Split("takes them: ")[1].Trim();
        Good([.. Train(plain)]);

        // The line goes where the proposal has a place for it.
        File.WriteAllText(yaml, File.ReadAllText(yaml).Replace("tasks:", line + "\ntasks:", StringComparison.Ordinal));
        Good([.. Train(said)]);
        string config = File.ReadAllText(Path.Combine(said, "config.yaml"));
        string[] numbers = [.. line.Split('[', ']').Where(static (_, i) => i % 2 == 1)];
        Assert.That(config, Does.Contain($"mean: [{numbers[0]}]").And.Contain($"deviation: [{numbers[1]}]").And.Contain("order: rgb"));
        Assert.That(File.ReadAllText(Path.Combine(plain, "config.yaml")), Does.Contain("order: bgr").And.Contain("mean: []"));

        Good([.. Train(set), "--set", $"dataload.input.mean=[{numbers[0]}]", "--set", $"dataload.input.deviation=[{numbers[1]}]", "--set", "dataload.input.order=rgb"]);
        static byte[] Weights(string run) => File.ReadAllBytes(Path.Combine(run, "checkpoints", "final.safetensors"));
        static byte[] Tensors(string run) => Weights(run)[(8 + (int)BitConverter.ToInt64(Weights(run)))..];
        Assert.That(Tensors(set), Is.EqualTo(Tensors(said)));
        Assert.That(Tensors(plain), Is.Not.EqualTo(Tensors(said)));

        // What the run sees is its own, whatever the folder says by now.
        string before = Table(Good("evaluate", said, "--device", "cpu").Output);
        File.WriteAllText(yaml, File.ReadAllText(yaml).Replace(line, "", StringComparison.Ordinal));
        Assert.That(Table(Good("evaluate", said, "--device", "cpu").Output), Is.EqualTo(before));
        Assert.That(Table(Good("evaluate", plain, "--device", "cpu").Output), Is.Not.EqualTo(before));

        IEnumerable<string> Train(string run) => ["train", "--data", _data, "--out", run, "--device", "cpu", .. new[] { "method=hard_sharing", "dataload.crop_h=16", "dataload.crop_w=16", "train.batch_size=4", "train.retrain_total_iters=3", "model.width=0.125" }
            .SelectMany(static setting => new[] { "--set", setting })];
        static string Table(string output) => output[output.IndexOf("task", StringComparison.Ordinal)..];
    }

    [Test]
    public void What_is_wrong_with_data_is_found_all_at_once()
    {
        Good("data", "new", _data);
        File.WriteAllText(Path.Combine(_data, "masks", "05.png"), "no picture");
        Png.Write(Path.Combine(_data, "masks", "06.png"), new ByteImage(20, 28, 1, new byte[28 * 20]));

        CommandRun check = CommandRun.Of("data", "check", _data, "--page", Path.Combine(_folder, "page.html"));

        Assert.That(check.ExitCode, Is.EqualTo(ExitCode.Failure));
        Assert.That(check.Error, Does.Contain("05.png").And.Contain("06.png: label of 28x20 pixels, but its image has 20x28").And.Contain("2 of 12 examples can't be read"));
    }

    [Test]
    public void Nothing_that_is_there_is_replaced()
    {
        Good("data", "new", _data);
        Assert.That(CommandRun.Of("data", "new", _data).Error, Does.Contain("dataset.yaml: there is such a file already"));
        Assert.That(Good("data", "new", _data, "--print").Output, Does.Contain("tasks:"));

        Good("data", "split", _data);
        Assert.That(CommandRun.Of("data", "split", _data).Error, Does.Contain("parts.json: there is such a file already"));

        string page = Path.Combine(_folder, "mine.html");
        File.WriteAllText(page, "mine");
        Assert.That(CommandRun.Of("data", "check", _data, "--page", page).Error, Does.Contain("is there already and is no report"));
        Assert.That(File.ReadAllText(page), Is.EqualTo("mine"));
    }

    [TestCase("data check nowhere", "--data nowhere: there is no such folder")]
    [TestCase("train --data .", "there is no dataset.yaml in it (adashare data new . proposes one)")]
    [TestCase("data new nowhere", "nowhere: there is no such folder")]
    [TestCase("data split nowhere", "nowhere: there is no such folder")]
    [TestCase("train --data nowhere --preset own_data", "nowhere: there is no such folder")]
    [TestCase("data", "a command is missing; the commands are new, check, split")]
    public void What_is_wrong_on_the_command_line_is_said(string line, string expected) =>
        Assert.That(CommandRun.Of(line.Split(' ')).Error, Does.Contain(expected));

    [Test]
    public void A_task_that_the_folder_has_not_is_named()
    {
        Good("data", "new", _data);
        Assert.That(CommandRun.Of("train", "--data", _data, "--set", "tasks=[masks,roof]").Error, Does.Contain("has no task roof; it has masks, sunny, age, room"));
    }

    private static CommandRun Good(params string[] line)
    {
        CommandRun run = CommandRun.Of(line);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((ExitCode.Success, "")), string.Join(' ', line));
        return run;
    }
}
