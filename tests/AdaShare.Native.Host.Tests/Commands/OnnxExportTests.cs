using System.Globalization;
using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Scenes;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Exports;
using AdaShare.Native.Host.Pictures;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods;
using AdaShare.Native.Reports.Onnx;
using AdaShare.Native.Samples;
using Microsoft.ML.OnnxRuntime;

namespace AdaShare.Native.Host.Tests.Commands;

/// <summary><c>adashare export --onnx</c>, its check, and the program that runs what it writes.</summary>
[TestFixture]
internal sealed class OnnxExportTests
{
    private static readonly string[] Tiny =
    [
        "train.retrain_total_iters=2", "train.batch_size=2", "train.val_freq=2", "model.width=0.125", "model.head_width=0.01", "dataload.crop_h=32", "dataload.crop_w=32",
        "dataload.scenes.height=32", "dataload.scenes.width=40", "dataload.scenes.train1=4", "dataload.scenes.train2=2", "dataload.scenes.val=2", "dataload.scenes.test=3",
    ];

    private string _folder = "";
    private string _run = "";

    [OneTimeSetUp]
    public void Train()
    {
        _folder = Directory.CreateTempSubdirectory("adashare-onnx-export-").FullName;
        _run = Train("run", "train.total_iters=4", "train.warm_up_iters=2", "train.weight_iter_alternate=1", "train.alpha_iter_alternate=1", "retrain.policies=1");
    }

    [OneTimeTearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [TestCase("--onnx")]
    [TestCase("--size 48x56 --batch 3 --onnx")]
    [TestCase("--full-size --input network --onnx")]
    public void ONNX_Runtime_says_what_the_run_says(string options)
    {
        string file = NewFile();
        CommandRun run = CommandRun.Of(["export", _run, "--check", .. options.Split(' '), file]);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((ExitCode.Success, "")));
        string line = run.Output.TrimEnd();
        Assert.That(line, Does.StartWith($"{file}: ").And.Contains("input image, outputs seg, sn, depth; ONNX Runtime 1.").And.Contains("on 3 images of the test part: at most "));
        string difference = line.Split("at most ")[1].Split(' ')[0];
        Assert.That(double.Parse(difference, CultureInfo.InvariantCulture), Is.LessThanOrEqualTo(RuntimeCheck.Tolerance));
        using var session = new InferenceSession(file);
        Assert.That(session.ModelMetadata.CustomMetadataMap["adashare.method"], Is.EqualTo("adashare"));
    }

    [Test]
    public void Both_files_are_written_and_neither_is_replaced()
    {
        string graph = NewFile(), state = NewFile();
        Assert.That(CommandRun.Of("export", _run, "--onnx", graph, "--pytorch", state).Output.Split('\n'), Has.Exactly(1).StartsWith(graph).And.Exactly(1).StartsWith(state));
        byte[] before = File.ReadAllBytes(graph);
        CommandRun again = CommandRun.Of("export", _run, "--onnx", graph, "--check");
        Assert.That((again.ExitCode, again.ErrorLines.Single()), Is.EqualTo((ExitCode.Failure, $"adashare: {graph}: there is already something of that name, which is not replaced; choose another name, or remove it first")));
        Assert.That(CommandRun.Of("export", _run, "--onnx", graph, "--force").ExitCode, Is.EqualTo(ExitCode.Success));
        Assert.That(File.ReadAllBytes(graph), Is.EqualTo(before), "equal networks make equal files");
    }

    [Test]
    public void A_run_in_bfloat16_is_written_in_single_precision()
    {
        string copy = Path.Combine(_folder, "bfloat16"), file = NewFile();
        CopyRun(copy);
        var folder = new RunFolder(copy);
        string config = File.ReadAllText(folder.Config);
        Assert.That(config, Does.Contain("numerics: fast"));
        File.WriteAllText(folder.Config, config.Replace("numerics: fast", "numerics: bfloat16", StringComparison.Ordinal));
        CommandRun run = CommandRun.Of("export", copy, "--accept-config", "--onnx", file, "--check");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success), run.Error);
    }

    [Test]
    public void A_network_that_decides_by_the_image_is_refused()
    {
        string run = Train("decides", "method=routing", "routing.agent=mlp"), file = NewFile();
        CommandRun export = CommandRun.Of("export", run, "--onnx", file);
        Assert.That((export.ExitCode, export.ErrorLines.Length, File.Exists(file)), Is.EqualTo((ExitCode.Failure, 1, false)));
        Assert.That(export.Error, Does.Contain("it decides by what it sees in an image"));
    }

    [Test]
    public void Another_networks_graph_does_not_pass_the_check()
    {
        using var backend = new CpuBackend();
        var config = new RunConfig { Method = "hard_sharing" };
        (config.Model.Width, config.Model.HeadWidth) = (0.125, 0.01);
        var options = new OnnxOptions();
        var scenes = new ProceduralScenes(new ProceduralSceneOptions { Height = 32, Width = 40, Test = 2 });
        TrainedNetwork Load(Engine.Backends.Backend on, ulong seed)
        {
            IModel model = MethodRegistry.Get(config.Method).Build(config, on);
            model.Store.Initialize(seed);
            return TrainedNetwork.Of(model, GateTable.Shared, "weights", true);
        }

        using var file = new MemoryStream();
        OnnxModel.Of(on => Load(on, 1), backend, new OnnxDescription("hard_sharing", "hard", new Dictionary<string, IReadOnlyList<string>>(), true), options).Write(file);
        using var check = new RuntimeCheck(file.ToArray(), options);
        using TrainedNetwork same = Load(backend, 1), other = Load(backend, 2);
        Assert.That(check.Compare(same, scenes).Images, Is.EqualTo(2));
        Assert.That(() => check.Compare(other, scenes), Throws.TypeOf<DataException>().With.Message.Contains("the graph's output seg for image").And.Message.Contains("nothing was written"));
        Assert.That(() => new RuntimeCheck([1, 2, 3], options), Throws.TypeOf<DataException>().With.Message.Contains("does not take the graph"));
    }

    [Test]
    public void The_sample_runs_what_is_written()
    {
        string model = NewFile(), picture = Path.Combine(_folder, "picture.png");
        Assert.That(CommandRun.Of("export", _run, "--onnx", model).ExitCode, Is.EqualTo(ExitCode.Success));
        PictureFile.Write(picture, new Picture(36, 44));
        var output = new StringWriter();
        TextWriter console = System.Console.Out;
        System.Console.SetOut(output);
        try
        {
            OnnxSample.Run([model, picture]);
        }
        finally
        {
            System.Console.SetOut(console);
        }

        Assert.That(output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(':')[0]), Is.EqualTo(new[] { "seg [1, 13, 5, 6]", "sn [1, 3, 5, 6]", "depth [1, 1, 5, 6]" }));
    }

    [Test]
    public void The_sample_and_the_page_say_what_is_run_here()
    {
        string[] method = Code(File.ReadAllLines(Repository("tests", "AdaShare.Native.Host.Tests", "Samples", "OnnxSample.cs")).SkipWhile(static line => !line.Contains("// The sample", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(static line => !line.Contains("// Its end", StringComparison.Ordinal)));
        string[] Body(string[] lines) => Code(lines.SkipWhile(static line => !line.StartsWith("using var session", StringComparison.Ordinal)).TakeWhile(static line => line != "```"));
        Assert.That(method, Is.Not.Empty);
        Assert.That(Body(File.ReadAllLines(Repository("samples", "onnx", "predict.cs"))), Is.EqualTo(method));
        Assert.That(Body(File.ReadAllLines(Repository("docs", "onnx.md"))), Is.EqualTo(method));
    }

    private static string[] Code(IEnumerable<string> lines) => [.. lines.Select(static line => line.Trim()).Where(static line => line.Length > 0)];

    private static string Repository(params string[] parts)
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "AdaShare.Native.sln")))
        {
            folder = folder.Parent ?? throw new FileNotFoundException("run the tests inside the repository");
        }

        return Path.Combine([folder.FullName, .. parts]);
    }

    private string NewFile() => Path.Combine(_folder, $"{Guid.NewGuid():N}.onnx");

    private string Train(string name, params string[] keys)
    {
        string run = Path.Combine(_folder, name);
        CommandRun trained = CommandRun.Of(["train", "--device", "cpu", "--out", run, .. Tiny.Concat(keys).SelectMany(static key => (string[])["--set", key])]);
        Assert.That(trained.ExitCode, Is.EqualTo(ExitCode.Success), trained.Error);
        return run;
    }

    private void CopyRun(string target)
    {
        foreach (string file in Directory.EnumerateFiles(_run, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(target, Path.GetRelativePath(_run, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
