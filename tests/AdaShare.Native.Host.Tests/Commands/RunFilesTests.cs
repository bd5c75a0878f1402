using AdaShare.Native.Host.Pictures;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Host.Tests.Commands;

/// <summary>Commands that look at a run hold its files against what its checkpoints say.</summary>
[TestFixture]
internal sealed class RunFilesTests
{
    private static readonly string[] Tiny =
    [
        "method=fixed_policy", "fixed_policy.skip=seg:1,2;sn:5", "train.retrain_total_iters=4", "train.batch_size=2", "train.val_freq=2", "train.checkpoint_freq=2", "model.width=0.125",
        "model.head_width=0.01", "dataload.crop_h=32", "dataload.crop_w=32",
    ];

    private string _folder = "";
    private string _scenes = "";
    private string _image = "";
    private string _run = "";

    [OneTimeSetUp]
    public void Train()
    {
        _folder = Directory.CreateTempSubdirectory("adashare-run-files-").FullName;
        _scenes = Path.Combine(_folder, "scenes");
        _run = Path.Combine(_folder, "run");
        _image = Path.Combine(_folder, "image.png");
        PictureFile.Write(_image, new Picture(32, 32));
        Assert.That(CommandRun.Of("scenes", "--out", _scenes, "--size", "32x32", "--train1", "4", "--train2", "2", "--val", "2", "--test", "2").ExitCode, Is.Zero);
        CommandRun run = CommandRun.Of([.. TrainTiny(_run, "88")]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success), run.Error);
    }

    [OneTimeTearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [TestCase("seed: [88]", "seed: [7]", "seed")]
    [TestCase("dropout: 0.1", "dropout: 0.25", "model.dropout")]
    [TestCase("tasks: [seg, sn, depth]", "tasks: [seg, depth, sn]", "tasks")]
    public void AChangedConfigurationIsNamedAndGoneOnWithKnowingly(string then, string now, string key)
    {
        string run = Copy("changed-" + key);
        string config = File.ReadAllText(new RunFolder(run).Config);
        Assert.That(config, Does.Contain(then));
        File.WriteAllText(new RunFolder(run).Config, config.Replace(then, now, StringComparison.Ordinal));
        foreach (string[] line in Lines(run))
        {
            Refused(line, ExitCode.Usage, new RunFolder(run).Config, key);
        }

        // Without the last checkpoint the network's own says it.
        File.Delete(new RunFolder(run).Latest);
        foreach (string[] line in Lines(run).Where(static line => line[0] != "policy"))
        {
            Refused(line, ExitCode.Usage, new RunFolder(run).Config, key);
        }

        if (key != "tasks")
        {
            foreach (string[] line in Lines(run))
            {
                CommandRun accepted = CommandRun.Of([.. line, "--accept-config", .. line[0] == "predict" ? new[] { "--force" } : []]);
                Assert.That(accepted.ExitCode, Is.EqualTo(ExitCode.Success), accepted.Error);
            }
        }

        // The way back that the message names.
        string back = Copy("back-" + key);
        File.Delete(new RunFolder(back).Config);
        foreach (string[] line in Lines(back))
        {
            Refused(line, ExitCode.Failure, $"adashare train --resume {back}");
        }

        CommandRun resumed = CommandRun.Of("train", "--resume", back, "--device", "cpu");
        Assert.That(resumed.ExitCode, Is.EqualTo(ExitCode.Success), resumed.Error);
        Assert.That(File.ReadAllText(new RunFolder(back).Config), Is.EqualTo(File.ReadAllText(new RunFolder(_run).Config)));
        Assert.That(CommandRun.Of("evaluate", back, "--device", "cpu").ExitCode, Is.EqualTo(ExitCode.Success));
    }

    [Test]
    public void AConfigurationThatDecidesNothingMayChange()
    {
        string run = Copy("workers"), config = new RunFolder(run).Config;
        string text = File.ReadAllText(config);
        File.WriteAllText(config, text.Replace("recompute: none", "recompute: blocks", StringComparison.Ordinal));
        Assert.That(File.ReadAllText(config), Is.Not.EqualTo(text));
        Assert.That(CommandRun.Of("evaluate", run, "--device", "cpu").ExitCode, Is.EqualTo(ExitCode.Success));
    }

    [Test]
    public void ARunThatWasStoppedGoesOnWithoutItsConfiguration()
    {
        string run = Path.Combine(_folder, "stopped");
        Assert.That(CommandRun.Of(new CancellationToken(canceled: true), [.. TrainTiny(run, "88")]).ExitCode, Is.EqualTo(ExitCode.Interrupted));
        File.Delete(new RunFolder(run).Config);
        CommandRun resumed = CommandRun.Of("train", "--resume", run, "--device", "cpu");
        Assert.That(resumed.ExitCode, Is.EqualTo(ExitCode.Success), resumed.Error);
        Assert.That(File.ReadAllText(new RunFolder(run).Config), Is.EqualTo(File.ReadAllText(new RunFolder(_run).Config)));
        Assert.That(File.ReadAllBytes(new RunFolder(run).Checkpoint("final")), Is.EqualTo(File.ReadAllBytes(new RunFolder(_run).Checkpoint("final"))));
    }

    [Test]
    public void DataThatAreNotTheRunsAreRefusedWithAndWithoutTheirList()
    {
        string run = Copy("data"), label = Path.Combine(_scenes, "seg", "0008.png");
        File.Delete(new RunFolder(run).Data);
        Assert.That(CommandRun.Of("evaluate", run, "--device", "cpu").ExitCode, Is.EqualTo(ExitCode.Success), "the checkpoint knows the data");
        byte[] before = File.ReadAllBytes(label);
        try
        {
            File.Copy(Path.Combine(_scenes, "seg", "0000.png"), label, overwrite: true);
            Refused(["evaluate", run, "--device", "cpu"], ExitCode.Failure, "other data", "--accept-data");
            Refused(["evaluate", _run, "--device", "cpu"], ExitCode.Failure, "the label Segmentation of 0008", "--accept-data");
            CommandRun accepted = CommandRun.Of("evaluate", run, "--device", "cpu", "--accept-data");
            Assert.That(accepted.ExitCode, Is.EqualTo(ExitCode.Success), accepted.Error);
        }
        finally
        {
            File.WriteAllBytes(label, before);
        }
    }

    [Test]
    public void AnotherRunsCheckpointIsRefused()
    {
        string other = Path.Combine(_folder, "other"), run = Copy("swapped");
        Assert.That(CommandRun.Of([.. TrainTiny(other, "7")]).ExitCode, Is.EqualTo(ExitCode.Success));
        File.Copy(new RunFolder(other).Checkpoint("final"), new RunFolder(run).Checkpoint("final"), overwrite: true);
        foreach (string[] line in Lines(run))
        {
            Refused(line, ExitCode.Failure, new RunFolder(run).Checkpoint("final"), "another run");
        }

        File.Copy(new RunFolder(other).Latest, new RunFolder(run).Latest, overwrite: true);
        foreach (string[] line in Lines(run))
        {
            Refused(line, ExitCode.Usage, new RunFolder(run).Config, "seed");
        }
    }

    [Test]
    public void AChangedPolicyIsRefusedAndWrittenAgain()
    {
        string run = Copy("policy"), policy = new RunFolder(run).Policy;
        string own = File.ReadAllText(policy);
        PolicyFile file = PolicyFile.Read(policy);
        file.Sampled[0][0][0] = false;
        file.Write(policy);
        foreach (string[] line in Lines(run))
        {
            Refused(line, ExitCode.Failure, policy, $"train --resume {run}");
        }

        Assert.That(CommandRun.Of("train", "--resume", run, "--device", "cpu").ExitCode, Is.EqualTo(ExitCode.Success));
        Assert.That(File.ReadAllText(policy), Is.EqualTo(own));
    }

    [Test]
    public void AFileIsNoFolder()
    {
        Refused(["train", "--out", _image], ExitCode.Usage, $"--out {_image}: is a file");
        Refused(["evaluate", _image], ExitCode.Failure, "it is a file");
        string empty = Path.Combine(_folder, "empty.jpg"), huge = Path.Combine(_folder, "huge.png");
        File.WriteAllBytes(empty, []);
        Refused(["predict", _run, empty, "--out", Path.Combine(_folder, "none"), "--device", "cpu"], ExitCode.Failure, $"{empty}: is empty");
        File.WriteAllBytes(huge, Data.Codecs.Png.Encode(new Data.Codecs.ByteImage(1, 1, 1, [0])));
        byte[] bytes = File.ReadAllBytes(huge);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(16), 60_000);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(20), 60_000);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(29), Crc(bytes.AsSpan(12, 17)));
        File.WriteAllBytes(huge, bytes);
        Refused(["predict", _run, huge, "--out", Path.Combine(_folder, "none"), "--device", "cpu"], ExitCode.Failure, "60000 x 60000 pixels", "make it smaller");
    }

    /// <summary>The CRC of PNG (ISO 3309), bit by bit.</summary>
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }

    private string[][] Lines(string run) =>
        [["evaluate", run, "--device", "cpu"], ["predict", run, _image, "--out", Path.Combine(_folder, "pictures"), "--device", "cpu"], ["policy", run, "--size", "32x32"]];

    private static void Refused(string[] line, int code, params string[] words)
    {
        CommandRun run = CommandRun.Of(line);
        Assert.That(run.ExitCode, Is.EqualTo(code), $"{string.Join(' ', line)}: {run.Error}");
        string error = run.ErrorLines.Single();
        foreach (string word in words)
        {
            Assert.That(error, Does.Contain(word), string.Join(' ', line));
        }
    }

    private string Copy(string name)
    {
        string to = Path.Combine(_folder, name);
        foreach (string file in Directory.EnumerateFiles(_run, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(_run, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return to;
    }

    private IEnumerable<string> TrainTiny(string folder, string seed) =>
        ["train", "--preset", "quick", "--out", folder, "--device", "cpu", "--seed", seed, "--data", _scenes, "--set", "dataload.dataset=NYU_v2", .. Tiny.SelectMany(static setting => new[] { "--set", setting })];
}
