using System.Globalization;
using System.Text.Json.Nodes;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Scenes;
using AdaShare.Native.Host.Pictures;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Tests.Commands;

/// <summary>Predictions of a tiny AdaShare run: batches, scales, parts of the data set, policies, overlays, numbers.</summary>
[TestFixture]
internal sealed class PredictCommandTests
{
    private static readonly string[] Tiny =
    [
        "train.total_iters=4", "train.warm_up_iters=2", "train.retrain_total_iters=2", "train.weight_iter_alternate=1", "train.alpha_iter_alternate=1", "train.batch_size=2", "train.val_freq=2", "train.checkpoint_freq=10",
        "retrain.policies=2", "model.width=0.125", "model.head_width=0.01", "dataload.crop_h=32", "dataload.crop_w=32", "dataload.scenes.height=32", "dataload.scenes.width=48", "dataload.scenes.train1=4",
        "dataload.scenes.train2=2", "dataload.scenes.val=2", "dataload.scenes.test=3", "adashare.compare_hard_sharing=False",
    ];

    private string _folder = "";
    private string _run = "";
    private string _images = "";

    [OneTimeSetUp]
    public void Train()
    {
        _folder = Directory.CreateTempSubdirectory("adashare-predict-").FullName;
        (_run, _images) = (Path.Combine(_folder, "run"), Path.Combine(_folder, "images"));
        CommandRun trained = CommandRun.Of(["train", "--device", "cpu", "--out", _run, .. Tiny.SelectMany(static key => (string[])["--set", key])]);
        Assert.That(trained.ExitCode, Is.EqualTo(ExitCode.Success), trained.Error);

        // Two sizes by turns, with one file among them that is no image.
        for (int i = 0; i < 7; i++)
        {
            var picture = new Picture(32, i % 3 == 1 ? 48 : 40);
            for (int p = 0; p < picture.Pixels.Length; p++)
            {
                picture.Pixels[p] = (byte)(p * (i + 3) * 37 % 251);
            }

            PictureFile.Write(Path.Combine(_images, $"{i}.png"), picture);
        }

        File.WriteAllText(Path.Combine(_images, "3a.png"), "no picture");
    }

    [OneTimeTearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Batches_of_any_size_give_the_same_files_and_messages_in_the_order_of_the_images()
    {
        (CommandRun one, string first) = Predict("one", _images, "--batch", "1", "--raw");
        (CommandRun many, string second) = Predict("many", _images, "--batch", "3", "--raw");
        Assert.That((one.ExitCode, many.ExitCode), Is.EqualTo((ExitCode.Failure, ExitCode.Failure)));
        foreach (CommandRun run in new[] { one, many })
        {
            Assert.That(run.ErrorLines[0], Does.StartWith("adashare: ").And.Contain("3a.png"));
            Assert.That(run.ErrorLines[^1], Does.Contain("1 of 8 images could not be read"));
            string[] shown = [.. run.Output.Split('\n').Where(static line => line.Contains(": input | ", StringComparison.Ordinal)).Select(static line => Path.GetFileName(line[..line.IndexOf(": input", StringComparison.Ordinal)]))];
            Assert.That(shown, Is.EqualTo(Enumerable.Range(0, 7).Select(static i => $"{i}.png")));
        }

        string[] names = Names(first);
        Assert.That(names, Is.EqualTo(Names(second)).And.Length.EqualTo((7 * (4 + 4)) + 1));
        Assert.That(Directory.GetFiles(first, ".*"), Is.Empty, "what waited on disk is gone");
        foreach (string name in names.Where(static name => name.EndsWith("_depth.npy", StringComparison.Ordinal)))
        {
            Assert.That(NumpyArray.Read(Path.Combine(second, name)).Values, Is.EqualTo(NumpyArray.Read(Path.Combine(first, name)).Values).Within(1e-4), name);
        }
    }

    [Test]
    public void Depth_has_one_scale_over_all_images_unless_told_otherwise()
    {
        (CommandRun all, string together) = Predict("all", _images, "--raw");
        string[] ends = Ends(all);
        Assert.That(ends.Distinct(), Has.Exactly(1).Items);
        float[] depths = [.. Directory.GetFiles(together, "*_depth.npy").SelectMany(static file => NumpyArray.Read(file).Values)];
        Assert.That(ends[0], Is.EqualTo(string.Create(CultureInfo.InvariantCulture, $"depth {depths.Min():0.00} m (warm) to {depths.Max():0.00} m (cool)")));

        // The same depth has the same colour in every picture: what an image shows is the value's place on the common scale.
        float[] values = NumpyArray.Read(Path.Combine(together, "4_depth.npy")).Values;
        ByteImage painted = Png.Read(Path.Combine(together, "4_depth.png"));
        double place = 1 - (((double)values[100] - depths.Min()) / (depths.Max() - (double)depths.Min()));
        Assert.That(new Colour(painted.Pixels[300], painted.Pixels[301], painted.Pixels[302]), Is.EqualTo(Turbo.Of(place)));

        (_, string alone) = Predict("each", _images, "--scale", "each", "--raw");
        foreach (string file in Directory.GetFiles(alone, "*_depth.npy"))
        {
            float[] own = NumpyArray.Read(file).Values;
            ByteImage colours = Png.Read(Path.ChangeExtension(file, ".png"));
            Colour At(int pixel) => new(colours.Pixels[3 * pixel], colours.Pixels[(3 * pixel) + 1], colours.Pixels[(3 * pixel) + 2]);
            Assert.That((At(Array.IndexOf(own, own.Min())), At(Array.IndexOf(own, own.Max()))), Is.EqualTo((Turbo.Of(1), Turbo.Of(0))), file);
        }

        Assert.That(Ends(Predict("given", _images, "--scale", "0.25:8").Run), Has.All.EqualTo("depth 0.25 m (warm) to 8.00 m (cool)"));
    }

    [TestCase("--scale", "8:0.25", "expected each, all, or LOW:HIGH")]
    [TestCase("--scale", "wide", "expected each, all, or LOW:HIGH")]
    [TestCase("--overlay", "2", "expected a number above 0 and up to 1")]
    [TestCase("--batch", "0", "--batch is 0")]
    [TestCase("--count", "3", "--count is for images of the run's data set")]
    [TestCase("--split", "test", "is an image of its own")]
    [TestCase("--policy", "likely", "--policy sampled or --policy argmax")]
    public void Wrong_options_are_named(string option, string value, string says)
    {
        CommandRun run = CommandRun.Of("predict", _run, Path.Combine(_images, "0.png"), "--out", Path.Combine(_folder, "none"), "--device", "cpu", option, value);
        Assert.That((run.ExitCode, run.ErrorLines.Length), Is.EqualTo((ExitCode.Usage, 1)), run.Error);
        Assert.That(run.Error, Does.Contain(says));
        Assert.That(Directory.Exists(Path.Combine(_folder, "none")), Is.False);
    }

    [Test]
    public void Options_for_tasks_that_a_network_has_not_are_refused()
    {
        string run = Path.Combine(_folder, "normals");
        Assert.That(CommandRun.Of(TinyRun.Line(run, "--set", "tasks=[sn,edge]", "--set", "tasks_num_class=[3,1]", "--set", "lambdas=[1,1]")).Error, Is.Empty);
        string[] line = ["predict", run, Path.Combine(_images, "0.png"), "--out", Path.Combine(_folder, "none"), "--device", "cpu"];
        Assert.That(CommandRun.Of([.. line, "--scale", "all"]).Error, Does.Contain("has none (sn, edge)"));
        Assert.That(CommandRun.Of([.. line, "--overlay"]).Error, Does.Contain("has none (sn, edge)"));
        foreach (string command in new[] { "predict", "evaluate" })
        {
            string[] words = command == "predict" ? line : ["evaluate", run, "--device", "cpu"];
            CommandRun refused = CommandRun.Of([.. words, "--policy", "argmax"]);
            Assert.That((refused.ExitCode, refused.ErrorLines.Length), Is.EqualTo((ExitCode.Usage, 1)));
            Assert.That(refused.Error, Does.Contain("method hard_sharing has no search that leaves policies"));
        }
    }

    [Test]
    public void The_runs_own_images_are_held_against_their_labels()
    {
        (CommandRun run, string seen) = Predict("split", null, "--split", "test", "--count", "2", "--raw");
        Assert.That(run.Error, Is.Empty);
        string[] names = Names(seen);
        Assert.That(names.Count(static name => name.EndsWith("_label.png", StringComparison.Ordinal)), Is.EqualTo(6));
        Assert.That(names.Count(static name => name.EndsWith("_error.png", StringComparison.Ordinal)), Is.EqualTo(6));
        JsonArray predictions = JsonNode.Parse(File.ReadAllText(Path.Combine(seen, "predictions.json")))!["predictions"]!.AsArray();
        Assert.That(predictions, Has.Count.EqualTo(2));
        string[] rows = File.ReadAllLines(Path.Combine(seen, "predictions.csv"));
        Assert.That(rows, Has.Length.EqualTo(1 + (2 * 3)));
        Assert.That(rows[0], Is.EqualTo("image,task,name,value"));
        foreach (JsonNode? one in predictions)
        {
            // The depth of the scene, drawn here, against the numbers that were written.
            string id = (string)one!["input"]!;
            var scenes = new ProceduralScenes(new ProceduralSceneOptions { Height = 32, Width = 48, TrainWeights = 4, TrainPolicy = 2, Validation = 2, Test = 3 });
            int index = Enumerable.Range(0, 3).Single(i => scenes.Id(Data.Datasets.Split.Test, i) == id);
            float[] truth = scenes.Load(Data.Datasets.Split.Test, index, [Data.Datasets.Label.Depth]).Labels[Data.Datasets.Label.Depth].Values;
            float[] said = NumpyArray.Read(Path.Combine(seen, $"{id}_depth.npy")).Values;
            JsonNode error = one["tasks"]!["depth"]!["error"]!;
            Assert.That(((string)error["measure"]!, (string)error["unit"]!, (int)error["pixels"]!), Is.EqualTo(("absolute error", "m", 32 * 48)));
            Assert.That((double)error["mean"]!, Is.EqualTo(truth.Zip(said, static (t, s) => Math.Abs((double)t - s)).Average()).Within(1e-4));
            Assert.That(rows, Has.Some.StartsWith($"{id},depth,absolute error (m),"));
        }

        CommandRun gone = CommandRun.Of("predict", _run, "--split", "validation", "--out", seen, "--device", "cpu");
        Assert.That((gone.ExitCode, gone.Error.Contains("there is such a file already", StringComparison.Ordinal)), Is.EqualTo((ExitCode.Failure, true)));
    }

    [Test]
    public void The_policy_is_chosen_among_those_of_the_run()
    {
        PolicyFile policy = PolicyFile.Read(new RunFolder(_run).Policy);
        (string Option, bool[][] Runs, string Checkpoint)[] choices =
        [
            ("sampled", policy.Sampled[policy.Selected!.Value], $"retrain_{policy.Selected}.safetensors"), ("argmax", policy.ArgMax, "policy_best.safetensors"),
        ];
        foreach ((string option, bool[][] runs, string checkpoint) in choices)
        {
            (CommandRun run, string seen) = Predict(option, Path.Combine(_images, "0.png"), "--policy", option, "--raw");
            Assert.That(run.Error, Is.Empty);
            JsonNode index = JsonNode.Parse(File.ReadAllText(Path.Combine(seen, "predictions.json")))!;
            Assert.That(((string)index["policy"]!["choice"]!, Path.GetFileName((string)index["checkpoint"]!)), Is.EqualTo((option, checkpoint)));
            int[][] skipped = [.. index["policy"]!["skipped"]!.AsObject().Select(static task => task.Value!.AsArray().Select(static block => (int)block!).ToArray())];
            Assert.That(skipped, Is.EqualTo(runs.Select(static row => Enumerable.Range(0, row.Length).Where(b => !row[b]).ToArray())));
        }

        CommandRun sampled = CommandRun.Of("evaluate", _run, "--device", "cpu", "--policy", "sampled"), likeliest = CommandRun.Of("evaluate", _run, "--device", "cpu", "--policy", "argmax");
        Assert.That(sampled.Output.ReplaceLineEndings(" "), Does.Contain("sampled").And.Contain("1 of 2").And.Contain("2 of 2"), sampled.Error);
        Assert.That((likeliest.ExitCode, likeliest.Output.Contains("likelier", StringComparison.Ordinal)), Is.EqualTo((ExitCode.Success, true)), likeliest.Error);
        CommandRun file = CommandRun.Of("evaluate", "--device", "cpu", "--checkpoint", new RunFolder(_run).Checkpoint("policy_best"), "--config", new RunFolder(_run).Config, "--policy", "argmax");
        Assert.That(file.Error, Does.Contain("chooses among the policies of a run"));
    }

    [Test]
    public void A_run_that_retrained_the_likelier_decisions_has_no_sampled_policies()
    {
        string run = Path.Combine(_folder, "likeliest");
        CommandRun trained = CommandRun.Of(["train", "--device", "cpu", "--out", run, .. Tiny.Append("adashare.policies_from=arg_max").SelectMany(static key => (string[])["--set", key])]);
        Assert.That(trained.ExitCode, Is.EqualTo(ExitCode.Success), trained.Error);
        CommandRun refused = CommandRun.Of("evaluate", run, "--device", "cpu", "--policy", "sampled");
        Assert.That((refused.ExitCode, refused.ErrorLines.Length), Is.EqualTo((ExitCode.Usage, 1)));
        Assert.That(refused.Error, Does.Contain("take --policy argmax"));
        Assert.That(CommandRun.Of("evaluate", run, "--device", "cpu", "--policy", "argmax").Output, Does.Contain("likelier"));
    }

    [Test]
    public void Colours_of_classes_are_blended_over_the_image()
    {
        string image = Path.Combine(_images, "0.png");
        (_, string pure) = Predict("pure", image);
        (CommandRun run, string blended) = Predict("blended", image, "--overlay=0.25");
        Assert.That(run.Error, Is.Empty);
        ByteImage seen = Png.Read(image), colours = Png.Read(Path.Combine(pure, "0_seg.png")), mixed = Png.Read(Path.Combine(blended, "0_seg.png"));
        Assert.That(mixed.Pixels, Is.EqualTo(seen.Pixels.Zip(colours.Pixels, static (i, c) => (byte)Math.Round((0.25 * c) + (0.75 * i)))));
        Assert.That(File.ReadAllBytes(Path.Combine(blended, "0_depth.png")), Is.EqualTo(File.ReadAllBytes(Path.Combine(pure, "0_depth.png"))));
        Assert.That(CommandRun.Of("predict", _run, "--overlay", image, "--out", Path.Combine(_folder, "none")).Error, Does.Contain("images stand before --overlay"));
    }

    [Test]
    public void Classes_are_written_as_arrays_too_and_the_run_knows_their_names()
    {
        (CommandRun run, string seen) = Predict("classes", Path.Combine(_images, "1.png"), "--raw");
        Assert.That(run.Error, Is.Empty);
        JsonNode one = JsonNode.Parse(File.ReadAllText(Path.Combine(seen, "predictions.json")))!["predictions"]![0]!;
        Assert.That(one["input_size"]!.AsArray().Concat(one["network_size"]!.AsArray()).Select(static side => (int)side!), Is.EqualTo(new[] { 32, 48, 32, 48 }));
        NumpyArray ids = NumpyArray.Read(Path.Combine(seen, (string)one["tasks"]!["seg"]!["array"]!));
        Assert.That(ids.Shape, Is.EqualTo(new[] { 32, 48 }));
        Assert.That(ids.Values, Is.EqualTo(Png.Read(Path.Combine(seen, (string)one["tasks"]!["seg"]!["file"]!)).Pixels.Select(static id => (float)id)));
        string[] names = [.. one["tasks"]!["seg"]!["names"]!.AsArray().Select(static name => (string)name!)];
        Assert.That(names, Is.EqualTo(new ProceduralScenes(new ProceduralSceneOptions()).ClassNames));
        Assert.That(DataManifest.Read(new RunFolder(_run))!.NamesOf("Segmentation").Concat(DataManifest.Read(new RunFolder(_run))!.NamesOf("seg")), Is.EqualTo(names));
    }

    private (CommandRun Run, string Folder) Predict(string name, string? images, params string[] options)
    {
        string folder = Path.Combine(_folder, "seen-" + name);
        return (CommandRun.Of(["predict", _run, .. images is null ? [] : new[] { images }, "--out", folder, "--device", "cpu", .. options]), folder);
    }

    private static string[] Ends(CommandRun run) => [.. run.Output.Split('\n').Where(static line => line.Contains("depth ", StringComparison.Ordinal)).Select(static line => line[line.IndexOf("depth ", StringComparison.Ordinal)..].Trim())];

    private static string[] Names(string folder) => [.. Directory.GetFiles(folder).Select(static file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
}
