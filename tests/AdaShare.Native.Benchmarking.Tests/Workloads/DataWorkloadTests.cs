using AdaShare.Native.Benchmarking.Measurement;
using AdaShare.Native.Benchmarking.Workloads;
using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Data.Scenes;
using AdaShare.Native.Learning.Configuration;

namespace AdaShare.Native.Benchmarking.Tests.Workloads;

/// <summary>The loader by itself.</summary>
[TestFixture]
public sealed class DataWorkloadTests
{
    private static readonly BatchShape Shape = new(3, 16, 24, 2, 3);

    [Test]
    public void A_pass_takes_whole_batches_of_the_first_images()
    {
        using var workload = new DataWorkload(Config(), Shape, Scenes(100), workers: 2);
        Assert.That(workload.Images, Is.EqualTo(24));
        workload.Pass();
        workload.Pass();
        using var small = new DataWorkload(Config(), Shape, Scenes(4), workers: 2);
        Assert.That(small.Images, Is.EqualTo(3), "what does not fill a batch is left out");
        small.Pass();
    }

    [Test]
    public void The_bytes_are_those_that_a_step_copies()
    {
        using var cpu = new CpuBackend();
        using var workload = new DataWorkload(Config(), Shape, Scenes(10), workers: 1);
        const int Whole = 20 * 30 * 3, Pixels = 2 * 3, Targets = (Pixels * sizeof(int)) + (Pixels * (sizeof(float) + 1));

        // Of an image cross the stored bytes that its random window reads.
        double image = workload.UploadBytes(cpu) - Targets;
        Assert.That(image, Is.GreaterThan(Whole / 8).And.LessThanOrEqualTo(Whole));
        Assert.That(image * Shape.Count % 3, Is.Zero, "pixels have three bytes");
        Assert.That(cpu.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void The_input_of_a_network_is_made_where_that_is_asked_for()
    {
        using var cpu = new CpuBackend();
        using var workload = new DataWorkload(Config(), Shape, Scenes(10), workers: 1, cpu);
        workload.Pass();
        Assert.That(cpu.Memory.PeakBytes, Is.GreaterThanOrEqualTo(3 * 16 * 24 * 3 * sizeof(float)));
        Assert.That(cpu.Memory.LiveBuffers, Is.Zero);
    }

    /// <summary>Labels that speak of the image as a whole have one prediction an image.</summary>
    [Test]
    public void Bytes_of_labels_of_images_are_counted()
    {
        RunConfig config = Config();
        (config.Tasks, config.TaskKinds, config.TasksNumClass, config.Lambdas) = (["kind"], ["class"], [2], [1]);
        using var cpu = new CpuBackend();
        using var workload = new DataWorkload(config, Shape, new Kinds(), workers: 1);
        Assert.That(workload.UploadBytes(cpu), Is.GreaterThan(sizeof(int)).And.LessThanOrEqualTo((20 * 30 * 3) + (2 * sizeof(int)) + sizeof(float) + 1));
        Assert.That(cpu.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void Every_number_of_workers_is_measured()
    {
        var opened = new List<IDataset>();
        IReadOnlyList<DataMeasurement> rows = DataMeasurement.Of(
            Config(), Shape,
            () =>
            {
                opened.Add(Scenes(24));
                return opened[^1];
            },
            [1, 3], new Sampling(5, LeastMilliseconds: 0));
        Assert.That(rows.Select(static row => row.Workers), Is.EqualTo(new[] { 1, 3 }));
        Assert.That(rows.SelectMany(static row => row.First.Samples.Concat(row.Later.Samples).Concat(row.OfCore.Samples)), Has.Exactly(30).Items.And.All.GreaterThan(0));
        Assert.That(opened, Has.Count.EqualTo(12), "a first pass needs a data set that has nothing in memory");
        Assert.That(rows[0].Rows("x").Select(static row => row.Name), Is.EqualTo(new[] { "data x: workers 1, first pass", "data x: workers 1, later passes", "data x: workers 1, a core" }));
    }

    private static RunConfig Config()
    {
        var config = new RunConfig { Tasks = ["seg", "depth"], TasksNumClass = [13, 1], Lambdas = [1, 1] };
        (config.Dataload.CropH, config.Dataload.CropW, config.Train.BatchSize) = (Shape.Height, Shape.Width, Shape.Count);
        return config;
    }

    private static ProceduralScenes Scenes(int count) => new(new ProceduralSceneOptions { Height = 20, Width = 30, TrainWeights = count, TrainPolicy = 0, Validation = 1, Test = 1 });

    /// <summary>Pictures with a class each.</summary>
    private sealed class Kinds : IDataset
    {
        public string Name => "kinds";

        public IReadOnlyList<Label> Labels { get; } = [Label.Of(LabelKind.Class, "kind")];

        public int ClassesOf(Label label) => 2;

        public IReadOnlyList<string> ClassNamesOf(Label label) => ["a", "b"];

        public int Count(Split split) => 6;

        public string Id(Split split, int index) => $"{split} {index}";

        public Sample Load(Split split, int index, IReadOnlyList<Label> labels) =>
            new(Id(split, index), new BgrImage(20, 30, new byte[20 * 30 * 3]), labels.ToDictionary(static label => label, _ => new Plane(1, 1, 1, [index % 2])));
    }
}
