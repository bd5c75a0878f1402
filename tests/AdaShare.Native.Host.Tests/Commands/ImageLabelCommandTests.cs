using System.Globalization;
using AdaShare.Native.Host.Pictures;
using AdaShare.Native.Host.Predictions;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Tests.Commands;

/// <summary>Runs on domains whose tasks say a class of each image: trained, evaluated, reported, and what is said of images.</summary>
[TestFixture]
internal sealed class ImageLabelCommandTests
{
    private static readonly string[] Classes = ["blue", "green", "red"];
    private static readonly string[] Domains = ["photo", "sketch"];

    private string _folder = "";
    private string _data = "";
    private string _run = "";

    [OneTimeSetUp]
    public void Train()
    {
        _folder = Directory.CreateTempSubdirectory("adashare-image-labels-").FullName;
        (_data, _run) = (Path.Combine(_folder, "data"), Path.Combine(_folder, "run"));
        foreach (string domain in Domains)
        {
            foreach (string name in Classes)
            {
                for (int i = 0; i < 8; i++)
                {
                    PictureFile.Write(Path.Combine(_data, domain, name, $"pic_{i}.png"), Painted(domain, name, i));
                }
            }
        }

        CommandRun run = CommandRun.Of(
            "train", "--preset", "pacs", "--data", _data, "--out", _run, "--device", "cpu", "--set", "method=hard_sharing", "--set", "tasks=[photo,sketch]", "--set", "tasks_num_class=[3,3]", "--set", "model.width=0.125", "--set", "train.batch_size=4",
            "--set", "train.retrain_total_iters=80", "--set", "train.decay_lr_freq=0", "--set", "train.val_freq=40", "--set", "dataload.resize_h=24", "--set", "dataload.resize_w=24", "--set", "dataload.crop_h=24", "--set", "dataload.crop_w=24");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success), run.Error);
        Assert.That(run.Output, Does.Contain("PACS"));
    }

    [OneTimeTearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void It_beats_the_best_constant_answer()
    {
        MetricsFile metrics = MetricsFile.Read(new RunFolder(_run).Metrics);
        Assert.That(Domains.Select(domain => metrics.Final.Metrics[domain]["accuracy"]), Is.All.GreaterThan(60), "a third by a constant");
    }

    [Test]
    public void Its_cost_is_that_of_an_image_of_each_domain()
    {
        MetricsFile metrics = MetricsFile.Read(new RunFolder(_run).Metrics);
        Assert.That((metrics.Cost.Images, metrics.HardSharingCost.Images), Is.EqualTo(((int?)2, (int?)2)));
        Assert.That(metrics.Cost.ExecutedBackboneMultiplyAdds, Is.EqualTo(metrics.Cost.PassesBackboneMultiplyAdds).And.EqualTo(metrics.HardSharingCost.PassesBackboneMultiplyAdds));
        Assert.That(File.ReadAllText(Path.Combine(_run, "report.html")), Does.Contain("2 images of 24x24, one for each group of tasks with images of its own"));
    }

    [Test]
    public void Evaluation_gives_what_training_measured()
    {
        CommandRun evaluated = CommandRun.Of("evaluate", _run, "--device", "cpu");
        Assert.That(evaluated.ExitCode, Is.EqualTo(ExitCode.Success), evaluated.Error);
        Assert.That(evaluated.Output, Does.Contain("accuracy"));
    }

    [Test]
    public void The_report_says_labels_and_predictions_in_words()
    {
        CommandRun reported = CommandRun.Of("report", _run, "--device", "cpu");
        Assert.That(reported.ExitCode, Is.EqualTo(ExitCode.Success), reported.Error);
        string html = File.ReadAllText(Path.Combine(_run, "report.html"));
        Assert.That(html, Does.Contain("sketch: sample predictions").And.Contain("error: wrong class"));
        Assert.That(Classes.Any(name => html.Contains($"<td>{name}</td>", StringComparison.Ordinal)));
    }

    [Test]
    public void What_is_said_of_images_stands_in_a_table()
    {
        string[] images = [.. Classes.Select(name => Path.Combine(_folder, $"new-{name}.png"))];
        for (int c = 0; c < images.Length; c++)
        {
            // Of another size than those that were trained on: it is brought to theirs.
            PictureFile.Write(images[c], Painted("photo", Classes[c], 100, side: 90));
        }

        string output = Path.Combine(_folder, "said");
        CommandRun predicted = CommandRun.Of(["predict", _run, .. images, "--out", output, "--device", "cpu"]);
        Assert.That(predicted.ExitCode, Is.EqualTo(ExitCode.Success), predicted.Error);
        string[] lines = File.ReadAllLines(Path.Combine(output, PredictionTable.FileName));
        Assert.That(lines[0], Is.EqualTo("image,task,name,value"));
        Assert.That(lines, Has.Length.EqualTo(1 + (3 * 2 * 3)));
        var rows = lines[1..].Select(static line => line.Split(',')).ToArray();
        foreach (IGrouping<string, string[]> answer in rows.GroupBy(static row => row[0] + "/" + row[1]))
        {
            Assert.That(answer.Select(static row => row[2]), Is.EqualTo(Classes));
            Assert.That(answer.Sum(static row => double.Parse(row[3], CultureInfo.InvariantCulture)), Is.EqualTo(1).Within(1e-5));
        }

        Assert.That(images.Count(image => Best(rows, image, "photo") == Path.GetFileNameWithoutExtension(image)["new-".Length..]), Is.GreaterThanOrEqualTo(2));
        Assert.That(Directory.GetFiles(output), Has.Length.EqualTo(1), "nothing is painted");
        CommandRun again = CommandRun.Of(["predict", _run, .. images, "--out", output, "--device", "cpu"]);
        Assert.That((again.ExitCode, again.Error), Is.Not.EqualTo((ExitCode.Success, "")), "what is there is not overwritten unasked");
    }

    [Test]
    public void A_wrong_folder_is_one_sentence()
    {
        CommandRun run = CommandRun.Of("train", "--preset", "pacs", "--data", Path.Combine(_data, "photo"), "--out", Path.Combine(_folder, "none"), "--device", "cpu");
        Assert.That(run.ExitCode, Is.Not.EqualTo(ExitCode.Success));
        Assert.That(run.ErrorLines.Single(), Does.Contain("has none of the domains of PACS"));
        CommandRun missing = CommandRun.Of("train", "--preset", "pacs", "--data", _data, "--out", Path.Combine(_folder, "none"), "--device", "cpu");
        Assert.That(missing.ErrorLines.Single(), Does.Contain("has no task art_painting; it has photo, sketch"));
    }

    private static string Best(string[][] rows, string image, string task) => rows.Where(row => row[0] == image && row[1] == task).MaxBy(static row => double.Parse(row[3], CultureInfo.InvariantCulture))![2];

    /// <summary>A picture that is mostly of its class's colour, light in photos and dark in sketches.</summary>
    private static Picture Painted(string domain, string name, int number, int side = 30)
    {
        var picture = new Picture(side, side);
        byte most = (byte)(domain == "photo" ? 230 : 120), least = (byte)(domain == "photo" ? 90 : 20);
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++)
            {
                byte noise = (byte)(((x * 31) + (y * 17) + (number * 53)) % 20);
                byte Of(string colour) => (byte)((colour == name ? most : least) + noise);
                picture[y, x] = new Colour(Of("red"), Of("green"), Of("blue"));
            }
        }

        return picture;
    }
}
