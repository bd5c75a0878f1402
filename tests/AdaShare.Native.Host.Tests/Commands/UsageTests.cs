using AdaShare.Native.Data.Registry;
using AdaShare.Native.Host.Configuration;

namespace AdaShare.Native.Host.Tests.Commands;

[TestFixture]
internal sealed class UsageTests
{
    [TestCase("", "adashare: a command is missing; the commands are train, init, study, evaluate, predict, policy, export, report, runs, compare, data, methods, scenes, verify, bench, doctor, completion. See adashare --help")]
    [TestCase("frobnicate", "adashare: unknown command frobnicate; the commands are train, init, study, evaluate, predict, policy, export, report, runs, compare, data, methods, scenes, verify, bench, doctor, completion. See adashare --help")]
    [TestCase("train --confg x", "adashare: unknown option --confg; the nearest one is --config. See adashare train --help")]
    [TestCase("train now", "adashare: unexpected word now. See adashare train --help")]
    [TestCase("train --seed x", "adashare: --seed is x; expected a whole number of 0 or more. See adashare train --help")]
    [TestCase("train --seed -1", "adashare: --seed is -1; expected a whole number of 0 or more. See adashare train --help")]
    [TestCase("train --threads 0", "adashare: --threads is 0; expected a whole number from 1 to 1024. See adashare train --help")]
    [TestCase("compare one", "adashare: compare needs at least two runs; give another folder, or look at one run with report")]
    [TestCase("train --cache-rebuild", "adashare: --cache-rebuild: no cache is named; give its file with --cache, or leave --cache-rebuild out")]
    [TestCase("scenes", "adashare: Option '--out' is required. See adashare scenes --help")]
    [TestCase("scenes --out x --size 12x", "adashare: --size is 12x; expected rows x columns of 16 to 4096 each, for example 480x640. See adashare scenes --help")]
    [TestCase("scenes --out x --train1 0", "adashare: --train1 is 0; expected a whole number from 1 to 1000000. See adashare scenes --help")]
    [TestCase("predict run --out x", "adashare: predict needs the folder of a run and an image (or --split test), or --checkpoint FILE and an image")]
    [TestCase("policy", "adashare: policy needs either the folder of a run, or --config FILE or --preset NAME with --skip POLICY for a policy written by hand")]
    [TestCase("policy run --skip seg:1", "adashare: policy needs either the folder of a run, or --config FILE or --preset NAME with --skip POLICY for a policy written by hand")]
    [TestCase("policy --preset quick --skip pose:1", "adashare: policy: task pose in \"pose:1\" is not one of seg, sn, depth")]
    [TestCase("policy --preset quick --skip seg:8", "adashare: policy: block 8 in \"seg:8\" does not exist; blocks are 0 to 7")]
    [TestCase("train --preset slow", "adashare: unknown preset slow; the presets are %PRESETS%")]
    [TestCase("train --set train.batchsize=4", "adashare: --set train.batchsize=4: unknown key train.batchsize; the nearest known key is train.batch_size")]
    [TestCase("train --set tasks=[seg,pose]", "adashare: preset quick with --set tasks=[seg,pose]: tasks is the unknown task pose; expected any of seg, sn, depth, keypoint, edge, class, attributes, values")]
    [TestCase("train --data x", "adashare: --data x: there is no such folder; procedural scenes need no data: leave it out, or choose a data set with --preset, or --set dataload.dataset= one of %DATASETS%")]
    [TestCase("export run", "adashare: export writes nothing unless it is told what; give --pytorch FILE, --onnx FILE, --csv FILE or --tensorboard DIR")]
    [TestCase("export run --pytorch x --onnx ./x", "adashare: x is to be written twice; give each file a name of its own")]
    [TestCase("export run --pytorch x --check", "adashare: --check is about the graph of --onnx FILE, which is not there; add it, or leave --check out")]
    [TestCase("export run --pytorch x --input rgb", "adashare: --input is about the graph of --onnx FILE, which is not there; add it, or leave --input out")]
    [TestCase("export run --onnx x --data y", "adashare: --data is about the images of --check, which is not there; add it, or leave --data out")]
    [TestCase("export run --onnx x --size 8x8", "adashare: --size is 8x8; expected rows x columns of 16 to 4096 each, for example 480x640. See adashare export --help")]
    [TestCase("export run --onnx x --batch 0", "adashare: --batch is 0; expected a whole number from 1 to 65536. See adashare export --help")]
    [TestCase("methods --size 64x64", "adashare: --size says what costs are counted for; give --costs too, or leave it out")]
    [TestCase("methods --backbone ResNet18", "adashare: --backbone says what costs are counted for; give --costs too, or leave it out")]
    [TestCase("methods --costs --backbone ResNet20", "adashare: --backbone is ResNet20; expected one of ResNet18, ResNet34, ResNet50, ResNet101, PlainResNet18, PlainResNet34, PlainResNet50, PlainResNet101, PlainWideResNet50_2, WideResNet28_10, WideResNet34_2, VDCNN9, VDCNN17, VDCNN29, VDCNN49")]
    [TestCase("methods --json /", "adashare: --json /: is a folder; name a file, or - for standard output")]
    [TestCase("bench", "adashare: a command is missing; the commands are step, data, infer, reporting. See adashare bench --help")]
    [TestCase("bench ops", "adashare: unknown command ops; the commands are step, data, infer, reporting. See adashare bench --help")]
    [TestCase("bench step --bckbone x", "adashare: unknown option --bckbone; the nearest one is --backbone. See adashare bench step --help")]
    [TestCase("bench step --backbone ResNet20", "adashare: backbone: ResNet20 is not built here; use one of ResNet18, ResNet34, ResNet50, ResNet101, PlainResNet18, PlainResNet34, PlainResNet50, PlainResNet101, PlainWideResNet50_2, WideResNet28_10, WideResNet34_2, VDCNN9, VDCNN17, VDCNN29, VDCNN49")]
    [TestCase("bench step --width 9", "adashare: --width is 9; expected a factor above 0 and up to 8. See adashare bench step --help")]
    [TestCase("bench step --tasks seg,pose", "adashare: tasks: pose is not a kind of task; there are seg, sn, depth, keypoint, edge, class, attributes, values")]
    [TestCase("bench step --tasks ,", "adashare: --tasks is ,; expected at least one of seg, sn, depth, keypoint, edge, separated by commas. See adashare bench step --help")]
    [TestCase("bench step --kind retrain", "adashare: --kind retrain is not known; expected warm-up, weights, policy, separated by commas. See adashare bench step --help")]
    [TestCase("bench step --weighting pcgard", "adashare: --weighting pcgard is not known; expected static, uncertainty, dwa, random, geometric_mean, stch, famo, imtl_l, gradnorm, pcgrad, cagrad, mgda, imtl_g, nash, fairgrad, aligned_mtl, upgrad, separated by commas. See adashare bench step --help")]
    [TestCase("bench step --open 1,none", "adashare: --open is 1,none; expected whole numbers from 1 to 1000 or all, separated by commas. See adashare bench step --help")]
    [TestCase("bench step --crop 8", "adashare: --crop is 8; expected one side, or rows x columns, of 16 to 4096 each, for example 321 or 480x640. See adashare bench step --help")]
    [TestCase("bench step --batch 0", "adashare: --batch is 0; expected a whole number from 1 to 1024. See adashare bench step --help")]
    [TestCase("bench step --rounds 4", "adashare: --rounds is 4; expected a whole number from 5 to 1000. See adashare bench step --help")]
    [TestCase("bench step --json /", "adashare: --json /: is a folder; name a file, or - for standard output")]
    [TestCase("bench step --numerics float8", "adashare: --numerics is float8; expected exact, fast or bfloat16. See adashare bench step --help")]
    [TestCase("bench step --device cpu --numerics bfloat16", "adashare: numerics is bfloat16, which needs a GPU; the CPU computes with fast or exact")]
    [TestCase("bench data --workers 0", "adashare: --workers is 0; expected whole numbers from 1 to 256, separated by commas. See adashare bench data --help")]
    [TestCase("bench data --preset slow", "adashare: unknown preset slow; the presets are %PRESETS%")]
    [TestCase("bench infer --skip pose:1", "adashare: policy: task pose in \"pose:1\" is not one of seg, sn, depth")]
    [TestCase("bench infer --skip seg:16", "adashare: policy: block 16 in \"seg:16\" does not exist; blocks are 0 to 15")]
    [TestCase("bench infer --random 2", "adashare: --random is 2; expected a probability from 0 to 1. See adashare bench infer --help")]
    [TestCase("train --extend 5", "adashare: --extend is for a run that goes on; name its folder with --resume, or leave --extend out")]
    [TestCase("train --resume nowhere --extend 0", "adashare: --extend is 0; expected the number of steps that the final training goes on for, 1 or more")]
    [TestCase("train --resume nowhere --extend 5 --restart-phase", "adashare: --restart-phase trains a phase again and --extend goes on behind its end, so they exclude each other; let the phase come to its end first, then extend the run")]
    [TestCase("train --resume nowhere --extend 5 --set train.lr=1", "adashare: --resume nowhere goes on with the configuration and folder of that run; leave --set out, or start a new run without --resume")]
    [TestCase("bench infer --predictions 3", "adashare: --predictions is 3; expected a whole number from 20 to 100000. See adashare bench infer --help")]
    public void What_is_wrong_on_the_command_line_is_said_in_one_line(string line, string message)
    {
        CommandRun run = CommandRun.Of(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.That(run.ErrorLines, Is.EqualTo(new[] { message.Replace("%DATASETS%", string.Join(", ", DatasetRegistry.Names), StringComparison.Ordinal).Replace("%PRESETS%", string.Join(", ", PresetCatalog.Names), StringComparison.Ordinal) }));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.Output, Is.Empty);
    }

    [TestCase("evaluate nowhere")]
    [TestCase("policy nowhere")]
    [TestCase("predict nowhere a.png --out x")]
    [TestCase("train --resume nowhere")]
    public void A_folder_without_a_run_is_an_error_of_the_data(string line)
    {
        CommandRun run = CommandRun.Of(line.Split(' '));
        Assert.That(run.ErrorLines, Is.EqualTo(new[] { "adashare: nowhere: there is no such folder; give the folder that adashare train wrote, for example runs/quick" }));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failure));
    }

    [Test]
    public void A_missing_data_set_is_named()
    {
        CommandRun run = CommandRun.Of("train", "--preset", "nyu_v2_samples", "--data", "nowhere", "--out", Path.Combine(Path.GetTempPath(), $"adashare-{Guid.NewGuid():n}"));
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1));
        Assert.That(run.ErrorLines[0], Does.StartWith("adashare: ").And.Contain("nowhere"));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failure));
    }

    [Test]
    public void A_trace_is_shown_only_on_request()
    {
        Assert.That(CommandRun.Of("evaluate", "nowhere", "--debug").Error, Does.Contain(" at AdaShare.Native.Host"));
        Assert.That(CommandRun.Of("evaluate", "nowhere").Error, Does.Not.Contain(" at "));
    }

    [TestCase("--help", "train")]
    [TestCase("train --help", "--resume")]
    [TestCase("train --help", "--extend")]
    [TestCase("train --help", "--init <FILE|RUN>")]
    [TestCase("train --help", "--cache-rebuild")]
    [TestCase("study --help", "--cache-rebuild")]
    [TestCase("evaluate --help", "--cache ")]
    [TestCase("bench data --help", "--input")]
    [TestCase("policy --help", "--skip")]
    [TestCase("verify --help", "--data")]
    [TestCase("predict --help", "--out")]
    [TestCase("predict --help", "--scale <each|all|LOW:HIGH>")]
    [TestCase("predict --help", "--split")]
    [TestCase("predict --help", "--overlay")]
    [TestCase("predict --help", "--batch <N>")]
    [TestCase("evaluate --help", "--policy <FILE|sampled|argmax>")]
    [TestCase("export --help", "--onnx")]
    [TestCase("export --help", "--full-size")]
    [TestCase("bench --help", "infer")]
    [TestCase("bench step --help", "--recompute")]
    public void Help_is_no_error(string line, string expected)
    {
        CommandRun run = CommandRun.Of(line.Split(' '));
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((ExitCode.Success, "")));
        Assert.That(run.Output, Does.Contain(expected));
    }

    [Test]
    public void The_help_names_every_preset() => Assert.That(PresetCatalog.Names, Has.All.Matches<string>(name => CommandRun.Of("train", "--help").Output.Contains(name!)));
}
