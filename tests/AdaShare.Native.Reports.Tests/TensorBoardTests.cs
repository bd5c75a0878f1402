using System.Buffers.Binary;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Reports.RunPages;
using AdaShare.Native.Reports.TensorBoard;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Tensorboard;

namespace AdaShare.Native.Reports.Tests;

/// <summary>Event files, read back with the classes that protoc made of TensorBoard's own definitions (TorchSharp brings them), and a reader of records that is none of ours.</summary>
public sealed class TensorBoardTests
{
    private const string Foreign = "events.out.tfevents.1.other";

    private string _folder = "";

    private static RunFiles Run => SmallRuns.AdaShare.Files;

    private static string Live => Path.Combine(Run.Folder.Path, RunEvents.FolderName);

    [SetUp]
    public void Choose() => _folder = Path.Combine(Path.GetTempPath(), $"adashare-events-{Guid.NewGuid():N}");

    [TearDown]
    public void Remove()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Test]
    public void Each_phase_has_the_numbers_of_the_log()
    {
        Assert.That(Directory.GetDirectories(Live).Select(Path.GetFileName), Is.EquivalentTo(Run.History.Phases.Select(static phase => Name(phase.Phase, phase.Index))));
        foreach ((string phase, int index, _) in Run.History.Phases)
        {
            Dictionary<(string, long), float> found = Scalars(Path.Combine(Live, Name(phase, index)));
            foreach (LoggedStep step in Run.History.Steps.Where(step => step.Position.Phase == phase && step.Position.Index == index))
            {
                Assert.That(found[("loss/total", step.Position.Step)], Is.EqualTo((float)step.Figures["loss"]));
                Assert.That(found[("loss/seg", step.Position.Step)], Is.EqualTo((float)step.Losses["seg"]));
                Assert.That(found[("learning_rate/first_group", step.Position.Step)], Is.EqualTo((float)step.Figures["learning_rate"]));
                if (step.Probability is { } probability)
                {
                    Assert.That(found[("policy/depth/block_07", step.Position.Step)], Is.EqualTo((float)probability[2][7]));
                }
            }

            foreach (LoggedValidation validation in Run.History.Validations.Where(validation => validation.Position.Phase == phase && validation.Position.Index == index))
            {
                Assert.That(found[("validation/seg/miou", validation.Position.Step)], Is.EqualTo((float)validation.Metrics["seg"]["miou"]));
            }
        }
    }

    [Test]
    public void Times_are_those_of_the_log_and_steps_only_rise()
    {
        Event[] events = [.. Read(Path.Combine(Live, "search"))];
        Assert.That(events[0].FileVersion, Is.EqualTo("brain.Event:2"));
        LoggedStep first = Run.History.Steps.First(static step => step.Position.Phase == "search");
        Event written = events.First(e => e.Step == first.Position.Step);
        Assert.That(written.WallTime, Is.EqualTo(first.Time.Time!.Value.ToUnixTimeMilliseconds() / 1000.0).Within(1e-3));
    }

    [Test]
    public void The_folder_has_results_hyper_parameters_and_pictures()
    {
        Dictionary<(string Tag, long Step), float> found = Scalars(Live);
        Assert.That(found[("test/seg/miou", Run.Metrics!.FinalSteps)], Is.EqualTo((float)Run.Metrics.Final.Metrics["seg"]["miou"]));
        Summary.Types.Value[] values = [.. Read(Live).Where(static e => e.Summary is not null).SelectMany(static e => e.Summary.Value)];
        Assert.That(values.Where(static value => value.Metadata?.PluginData?.PluginName == "hparams").Select(static value => value.Tag), Is.EqualTo(new[] { "_hparams_/experiment", "_hparams_/session_start_info", "_hparams_/session_end_info" }));
        Dictionary<string, Value> settings = Settings(values.Single(static value => value.Tag == "_hparams_/session_start_info").Metadata.PluginData.Content);
        Assert.That(settings["method"].StringValue, Is.EqualTo("adashare"));
        Assert.That(settings["train.lr"].NumberValue, Is.EqualTo(Run.Config.Train.Lr));
        Assert.That(settings["train.batch_size"].NumberValue, Is.EqualTo(2));
        Assert.That(settings["plain"].BoolValue);

        Summary.Types.Value[] pictures = [.. values.Where(static value => value.Image is not null)];
        Assert.That(pictures.Select(static value => value.Tag).Distinct().Count(), Is.EqualTo(3 * 2), "three tasks, two images");
        foreach (Summary.Types.Image image in pictures.Select(static value => value.Image))
        {
            using var png = new MemoryStream(image.EncodedImageString.ToByteArray());
            ByteImage decoded = Png.Read(png, "picture");
            Assert.That((decoded.Height, decoded.Width, decoded.Channels), Is.EqualTo((image.Height, image.Width, 3)));
        }
    }

    [Test]
    public void A_search_shows_its_policy_as_a_picture()
    {
        Summary.Types.Image image = Read(Path.Combine(Live, "search")).Where(static e => e.Summary is not null).SelectMany(static e => e.Summary.Value).Last(static value => value.Tag == "policy").Image;
        using var png = new MemoryStream(image.EncodedImageString.ToByteArray());
        ByteImage decoded = Png.Read(png, "policy");
        LoggedValidation last = Run.History.Validations.Last(static validation => validation.Position.Phase == "search");
        double p = last.Probability![1][7];
        Assert.That(decoded.Pixels[(((18 + 10) * decoded.Width) + (7 * 18) + 10) * 3], Is.EqualTo((byte)Math.Round(255 * p)), "the cell of the second task and the eighth block");
    }

    [Test]
    public void What_is_written_later_is_what_was_written_on_the_way()
    {
        using (RunEvents events = Begin())
        {
            events.Add(Run.History);
            events.Finish(Run.Metrics!);
        }

        foreach ((string phase, int index, _) in Run.History.Phases)
        {
            string name = Name(phase, index);
            Assert.That(Keyed(Path.Combine(_folder, name)), Is.EqualTo(Keyed(Path.Combine(Live, name))));
        }

        static string[] Keyed(string folder) => [.. Read(folder).Skip(1).Select(static e => e.ToString()).Order(StringComparer.Ordinal)];
    }

    [Test]
    public void Only_files_of_ours_are_replaced()
    {
        Begin().Dispose();
        Directory.CreateDirectory(Path.Combine(_folder, "gone_phase"));
        string old = Path.Combine(_folder, "gone_phase", "events.out.tfevents.1.x.adashare"), foreign = Path.Combine(_folder, Foreign);
        File.WriteAllText(old, "x");
        File.WriteAllText(foreign, "x");
        Begin().Dispose();
        Assert.That(File.Exists(old), Is.False);
        Assert.That(File.ReadAllText(foreign), Is.EqualTo("x"));
        Assert.That(Directory.GetFiles(_folder).Length, Is.EqualTo(2));
    }

    [Test]
    public void What_can_not_be_written_is_said_once_and_training_goes_on()
    {
        Directory.CreateDirectory(_folder);
        File.WriteAllText(Path.Combine(_folder, RunEvents.FolderName), "in the way");
        var inner = new Noticing();
        using var observer = new EventObserver(inner, new RunFolder(_folder), Run.Tasks, new Dictionary<string, object>(), 1);
        var phase = new PhaseInfo("search", 0, "search", 3);
        observer.PhaseStarted(phase, 0);
        observer.Validated(phase, 1, new MetricTable());
        Assert.That(inner.Notices, Has.Count.EqualTo(1));
        Assert.That(inner.Notices[0], Does.Contain("could not be written").And.Contain("adashare export"));
        Assert.That(inner.Calls, Is.EqualTo(2));
    }

    private static string Name(string phase, int index) => index > 0 ? $"{phase}_{index}" : phase;

    private RunEvents Begin() => RunEvents.Begin(_folder, Run.Tasks, new Dictionary<string, object> { ["seed"] = 88L });

    private static Dictionary<(string Tag, long Step), float> Scalars(string folder) => Read(folder).Where(static e => e.Summary is not null)
        .SelectMany(static e => e.Summary.Value.Where(static value => value.ValueCase == Summary.Types.Value.ValueOneofCase.SimpleValue).Select(value => (Key: (value.Tag, e.Step), value.SimpleValue)))
        .ToDictionary(static pair => pair.Key, static pair => pair.SimpleValue);

    // SessionStartInfo is field 3 of HParamsPluginData, its map of values field 1.
    private static Dictionary<string, Value> Settings(ByteString content)
    {
        var values = new Dictionary<string, Value>();
        foreach (ByteString entry in Fields(Fields(content, 3).Single(), 1))
        {
            values[Fields(entry, 1).Single().ToStringUtf8()] = Value.Parser.ParseFrom(Fields(entry, 2).Single());
        }

        return values;
    }

    private static List<ByteString> Fields(ByteString message, int field)
    {
        var found = new List<ByteString>();
        CodedInputStream input = message.CreateCodedInput();
        for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            if (tag == WireFormat.MakeTag(field, WireFormat.WireType.LengthDelimited))
            {
                found.Add(input.ReadBytes());
            }
            else
            {
                input.SkipLastField();
            }
        }

        return found;
    }

    private static IEnumerable<Event> Read(string folder)
    {
        byte[] bytes = File.ReadAllBytes(Directory.GetFiles(folder, "events.out.tfevents.*.adashare").Single());
        for (int at = 0; at < bytes.Length;)
        {
            int length = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at)));
            Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 8)), Is.EqualTo(Masked(bytes.AsSpan(at, 8))), "check value of the length");
            Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 12 + length)), Is.EqualTo(Masked(bytes.AsSpan(at + 12, length))), "check value of the event");
            yield return Event.Parser.ParseFrom(bytes, at + 12, length);
            at += 16 + length;
        }
    }

    // CRC-32C bit by bit from its polynomial, and the mask as TensorFlow's crc32c.h has it.
    private static uint Masked(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0xffffffff;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0x82f63b78 : crc >> 1;
            }
        }

        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
    }

    private sealed class Noticing : IRunObserver
    {
        public List<string> Notices { get; } = [];

        public int Calls { get; private set; }

        public void Notice(string text) => Notices.Add(text);

        public void PhaseStarted(PhaseInfo phase, long step) => Calls++;

        public void StepDone(StepRecord record) => Calls++;

        public void Validated(PhaseInfo phase, long step, MetricTable metrics) => Calls++;

        public void CheckpointSaved(string path) => Calls++;
    }
}
