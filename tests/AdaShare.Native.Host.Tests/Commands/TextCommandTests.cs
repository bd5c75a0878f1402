using AdaShare.Native.Learning.Training;
using AdaShare.Native.Tests;

namespace AdaShare.Native.Host.Tests.Commands;

/// <summary>Runs on texts in CSV files: trained by the preset in all phases, evaluated, reported, and what is said of single texts; and what is refused.</summary>
[TestFixture]
internal sealed class TextCommandTests
{
    private static readonly string[] Tasks = ["news", "reviews"];

    private string _folder = "";
    private string _data = "";
    private string _run = "";

    [OneTimeSetUp]
    public void Train()
    {
        _folder = Directory.CreateTempSubdirectory("adashare-texts-").FullName;
        (_data, _run) = (Path.Combine(_folder, "data"), Path.Combine(_folder, "run"));
        TextCsv.Write(_data, "news", 0, classes: 3, train: 150, test: 24);
        TextCsv.Write(_data, "reviews", 1, classes: 2, train: 100, test: 20);
        CommandRun run = CommandRun.Of(
            "train", "--preset", "text", "--data", _data, "--out", _run, "--device", "cpu", "--set", "model.width=0.125", "--set", "model.head_width=0.0625", "--set", "dataload.text_length=64", "--set", "train.batch_size=12",
            "--set", "train.lr=0.003", "--set", "train.backbone_lr=0.003", "--set", "train.total_iters=36", "--set", "train.warm_up_iters=20", "--set", "train.retrain_total_iters=50", "--set", "train.val_freq=25", "--set", "train.decay_lr_freq=0");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success), run.Error);
        Assert.That(run.Output, Does.Contain("data: Text, 245 texts to train on").And.Contain("cost of 2 texts of 64 characters, one for each group of tasks with texts of its own").And.Contain("TEXT.txt --out DIR"));
    }

    [OneTimeTearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void It_beats_the_best_constant_answer()
    {
        MetricsFile metrics = MetricsFile.Read(new RunFolder(_run).Metrics);
        Assert.That(metrics.Final.Metrics.Keys, Is.EqualTo(Tasks));
        Assert.That(Tasks.Select(task => metrics.Final.Metrics[task]["accuracy"] - metrics.Trivial[task]["accuracy"]), Is.All.GreaterThan(20));
        Assert.That(File.Exists(new RunFolder(_run).Policy));
    }

    [Test]
    public void Evaluation_report_and_export_know_texts()
    {
        CommandRun evaluated = CommandRun.Of("evaluate", _run, "--device", "cpu"), reported = CommandRun.Of("report", _run, "--device", "cpu");
        Assert.That(evaluated.ExitCode, Is.EqualTo(ExitCode.Success), evaluated.Error);
        Assert.That(evaluated.Output, Does.Contain("test part, 44 texts of Text").And.Not.Contain("as the official code reads it"));
        Assert.That(reported.ExitCode, Is.EqualTo(ExitCode.Success), reported.Error);
        string html = File.ReadAllText(Path.Combine(_run, "report.html"));
        Assert.That(html, Does.Contain("<th>text</th>").And.Contain("texts seen").And.Not.Contain("images seen").And.Contain("said: &quot;").And.Contain("a text of 64 characters"));

        string file = Path.Combine(_folder, "texts.pt");
        CommandRun exported = CommandRun.Of("export", _run, "--pytorch", file);
        Assert.That(exported.ExitCode, Is.EqualTo(ExitCode.Success), exported.Error);
        Assert.That(CommandRun.Of("policy", _run).Output, Does.Contain("cost of 2 texts of 64 characters, one for each group of tasks with texts of its own"));
    }

    [Test]
    public void What_is_said_of_texts_stands_in_a_table()
    {
        string texts = Directory.CreateDirectory(Path.Combine(_folder, "texts")).FullName, output = Path.Combine(_folder, "said");
        File.WriteAllText(Path.Combine(texts, "one.txt"), "Zebra and quartz of zebra\n");
        File.WriteAllText(Path.Combine(texts, "two.txt"), "jelly in vivid was jelly");
        File.WriteAllText(Path.Combine(texts, "picture.png"), "");
        CommandRun predicted = CommandRun.Of("predict", _run, texts, "--out", output, "--device", "cpu");
        Assert.That(predicted.ExitCode, Is.EqualTo(ExitCode.Success), predicted.Error);
        string[] lines = File.ReadAllLines(Path.Combine(output, "predictions.csv"));
        Assert.That(lines[0], Is.EqualTo("text,task,name,value"));
        Assert.That(lines, Has.Length.EqualTo(1 + (2 * (3 + 2))));
        Assert.That(lines[1], Does.Contain("one.txt,news,class 0,"));

        string empty = Path.Combine(_folder, "empty.txt"), latin = Path.Combine(_folder, "latin.txt");
        File.WriteAllText(empty, "\n");
        File.WriteAllBytes(latin, [(byte)'a', 0xE9]);
        Refused($"{empty}: is empty; expected a text", "predict", _run, empty, "--out", Path.Combine(_folder, "none"), "--device", "cpu");
        Refused($"{latin}: is not UTF-8; save the text as UTF-8", "predict", _run, latin, "--out", Path.Combine(_folder, "none"), "--device", "cpu");
        Refused($"{_data}: the folder has no texts; expected files that end in .txt", "predict", _run, _data, "--out", Path.Combine(_folder, "none"), "--device", "cpu");
    }

    [Test]
    public void The_data_are_checked_and_a_damaged_row_is_named()
    {
        string page = Path.Combine(_folder, "check.html");
        CommandRun check = CommandRun.Of("data", "check", _data, "--preset", "text", "--page", page);
        Assert.That(check.ExitCode, Is.EqualTo(ExitCode.Success), check.Error);
        Assert.That(File.ReadAllText(page), Does.Contain("294 texts, 2 tasks; every file could be read"));

        string other = Path.Combine(_folder, "damaged"), file = Path.Combine(TextCsv.Write(other, "news", 0), "test.csv");
        File.AppendAllText(file, "7,a,b\n");
        Refused($"{file}, row 25: has the class '7'; expected a whole number from 1 to 3, the number of lines of classes.txt", "train", "--preset", "text", "--data", other, "--out", Path.Combine(_folder, "none"), "--device", "cpu");
        Assert.That(Directory.Exists(Path.Combine(_folder, "none")), Is.False);
    }

    [TestCase("dataload.crop_h=64", "dataload.crop_h is 64; expected no such key with data set Text: it is for images, and texts are cut and padded to dataload.text_length")]
    [TestCase("dataload.mirror=0", "dataload.mirror is 0; expected no such key with data set Text")]
    [TestCase("dataload.scale_max=1.25", "dataload.scale_max is 1.25; expected no such key with data set Text")]
    [TestCase("dataload.crop=resized", "dataload.crop is resized; expected no such key with data set Text")]
    [TestCase("dataload.scales=[1,2]", "dataload.scales is 2; expected no such key with data set Text")]
    [TestCase("dataload.scale_depth=True", "dataload.scale_depth is True; expected no such key with data set Text")]
    [TestCase("dataload.resize_h=64", "dataload.resize_h is 64; expected no such key with data set Text")]
    [TestCase("dataload.normals=raw", "dataload.normals is raw; expected no such key with data set Text")]
    [TestCase("dataload.text_length=32", "dataload.text_length is 32; expected 64 to 65536 characters")]
    [TestCase("init_input=bgr", "init_input is bgr; expected no such key with backbone VDCNN9, which reads texts")]
    [TestCase("backbone=ResNet18", "backbone is ResNet18, which reads images; expected one that reads texts, which data set Text holds: VDCNN9, VDCNN17, VDCNN29, VDCNN49")]
    [TestCase("tasks=[news,sports]", "has no task sports; it has news, reviews")]
    [TestCase("method=mtan", "model.batch_norm is per_task; expected shared with method mtan")]
    public void What_does_not_fit_texts_is_refused_before_any_work(string assignment, string sentence)
    {
        string none = Path.Combine(_folder, "none");
        Refused(sentence, "train", "--preset", "text", "--data", _data, "--out", none, "--device", "cpu", "--set", assignment);
        Assert.That(Directory.Exists(none), Is.False);
    }

    [Test]
    public void What_does_not_fit_images_is_refused_before_any_work()
    {
        string none = Path.Combine(_folder, "none");
        Refused("backbone is VDCNN9, which reads texts; expected one that reads images, which data set Scenes holds: ResNet18,", "train", "--set", "backbone=VDCNN9", "--set", "tasks=[class]", "--set", "tasks_num_class=[2]", "--set", "lambdas=[1]", "--out", none, "--device", "cpu");
        Refused("dataload.dataroot is nothing; expected the folder that holds Text; give it here or as --data DIR", "train", "--preset", "text", "--out", none, "--device", "cpu");
        Refused("tasks is seg, of each pixel; expected tasks of the kinds class, attributes, values with backbone VDCNN9, which reads texts", "train", "--set", "backbone=VDCNN9", "--out", none, "--device", "cpu");
        Refused("dataload.text_length is 128; expected no such key with data set Scenes: it is for texts", "train", "--set", "dataload.text_length=128", "--out", none, "--device", "cpu");
        Refused("--size is an image's, and backbone VDCNN9 reads texts; leave it out", "methods", "--costs", "--backbone", "VDCNN9", "--size", "64x64");
        Refused("--crop is an image's, and backbone VDCNN9 reads texts; leave it out", "bench", "step", "--backbone", "VDCNN9", "--crop", "64", "--device", "cpu");
        Refused("--backbone is VDCNN9, which reads texts; expected one that reads images: ResNet18,", "bench", "infer", "--backbone", "VDCNN9", "--device", "cpu");
    }

    [Test]
    public void Costs_of_methods_are_counted_for_a_text()
    {
        CommandRun costs = CommandRun.Of("methods", "--costs", "--backbone", "VDCNN9");
        Assert.That(costs.ExitCode, Is.EqualTo(ExitCode.Success), costs.Error);
        Assert.That(costs.Output, Does.Contain("VDCNN9, one text of 1024 characters for K tasks").And.Contain("left out: mtan_stage, whose masks read the last block but one of a stage"));
    }

    private static void Refused(string sentence, params string[] arguments)
    {
        CommandRun run = CommandRun.Of(arguments);
        Assert.That(run.ExitCode, Is.Not.EqualTo(ExitCode.Success));
        Assert.That(run.Error, Does.Contain(sentence));
    }
}
