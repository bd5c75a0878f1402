using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Methods.Tests.Runs;

/// <summary>What holds for every method that trains once: runs that are stopped anywhere, recomputation, tasks with images of their own, memory.</summary>
public sealed class RunTests
{
    private readonly RunFolders _folders = new();

    public static IEnumerable<MethodCase> Methods => MethodCase.All;

    [OneTimeTearDown]
    public void RemoveFolders() => _folders.Dispose();

    [TestCaseSource(nameof(Methods))]
    public void ARunThatIsStoppedAnywhereGivesTheSameFiles(MethodCase method)
    {
        using var backend = new CpuBackend();
        RunFolder whole = _folders.New(), broken = _folders.New();
        SmallRun.Train(backend, method.Config(), whole);

        // Every step is a place to stop. Where it validates, the validation is cut short, and what came after the last checkpoint is done again.
        for (int stops = 0; ; stops++)
        {
            Assert.That(stops, Is.LessThan(20), "the run must come to an end");
            using var source = new CancellationTokenSource();
            int left = 1 + (stops % 3);
            void Stop()
            {
                if (--left == 0)
                {
                    source.Cancel();
                }
            }

            try
            {
                SmallRun.Train(backend, method.Config(), broken, resume: stops > 0, onStep: _ => Stop(), stop: source.Token);
                break;
            }
            catch (OperationCanceledException)
            {
                // The next round goes on.
            }
        }

        AssertSameRun(broken, whole);
    }

    [TestCaseSource(nameof(Methods))]
    public void AKilledRunGoesOnFromItsLastCheckpoint(MethodCase method)
    {
        using var backend = new CpuBackend();
        RunFolder whole = _folders.New(), killed = _folders.New();
        SmallRun.Train(backend, method.Config(), whole);

        // An exception out of the observer stops the run where no checkpoint is written: before the first one, and between two.
        foreach (int steps in new[] { 2, 4, 1 })
        {
            int left = steps;
            void Kill()
            {
                if (--left == 0)
                {
                    throw new TimeoutException();
                }
            }

            Assert.That(() => SmallRun.Train(backend, method.Config(), killed, resume: File.Exists(killed.Latest), onStep: _ => Kill()), Throws.TypeOf<TimeoutException>());
        }

        SmallRun.Train(backend, method.Config(), killed, resume: true);
        AssertSameRun(killed, whole);
    }

    [TestCaseSource(nameof(Methods))]
    public void RecomputedBlocksGiveTheSameRunInLessMemory(MethodCase method)
    {
        using var backend = new CpuBackend();
        RunFolder kept = _folders.New(), recomputed = _folders.New();
        MetricsFile keeping = SmallRun.Train(backend, method.Config(), kept);
        RunConfig config = method.Config();
        config.Train.Recompute = "blocks";
        MetricsFile recomputing = SmallRun.Train(backend, config, recomputed);
        Assert.That(File.ReadAllBytes(recomputed.Checkpoint("final")), Is.EqualTo(File.ReadAllBytes(kept.Checkpoint("final"))));
        Assert.That(recomputing.PeakBytes["train"], Is.LessThan(keeping.PeakBytes["train"]));
    }

    [TestCaseSource(nameof(Methods))]
    public void TasksMayHaveImagesOfTheirOwn(MethodCase method)
    {
        using var backend = new CpuBackend();
        RunConfig config = method.Config();
        var steps = new List<StepRecord>();
        MetricsFile results = SmallRun.Train(backend, config, _folders.New(), new TwoParts(), onStep: steps.Add);
        Assert.That(steps.Select(static s => s.Images), Is.All.EqualTo(2 * config.Train.BatchSize), "a batch of each part");
        Assert.That(steps.SelectMany(static s => s.Losses.Values), Is.All.GreaterThan(0));
        Assert.That(results.Final.Metrics.Keys, Is.EquivalentTo(config.Tasks));
        Assert.That(backend.Memory.LiveBuffers, Is.Zero, "a run leaves nothing behind");
    }

    [TestCaseSource(nameof(Methods))]
    public void TheFinalNetworkIsReadBackAndMeasuresTheSame(MethodCase method)
    {
        using var backend = new CpuBackend();
        RunConfig config = method.Config();
        RunFolder folder = _folders.New();
        MetricsFile results = SmallRun.Train(backend, config, folder);
        StoredNetwork network = MethodRegistry.Get(method.Method).Networks(folder, config).Single();
        Assert.That((network.IsFinal, network.Title), Is.EqualTo((true, MethodRegistry.Get(method.Method).Title)));
        using (TrainedNetwork trained = network.Load(MethodRegistry.Get(method.Method), config, backend))
        {
            foreach ((string task, Dictionary<string, double> metrics) in results.Final.Metrics)
            {
                Assert.That(trained.Evaluate(SmallRun.Scenes(), Split.Test)[task], Is.EqualTo(metrics), task);
            }
        }

        Assert.That(backend.Memory.LiveBuffers, Is.Zero, "a run leaves nothing behind");
    }

    [TestCaseSource(nameof(Methods))]
    public void StepsAfterTheFirstAskTheSystemForNoMemory(MethodCase method)
    {
        using var backend = new CpuBackend();
        RunConfig config = method.Config();
        config.Train.ValFreq = 0;
        var allocations = new List<long>();
        SmallRun.Train(backend, config, _folders.New(), onStep: _ => allocations.Add(backend.Memory.SystemAllocations));
        Assert.That(allocations[1..], Is.All.EqualTo(allocations[0]));
    }

    private static void AssertSameRun(RunFolder actual, RunFolder expected)
    {
        string[] checkpoints = [.. Directory.GetFiles(Path.GetDirectoryName(expected.Latest)!).Select(static path => Path.GetFileNameWithoutExtension(path)!).Where(static name => name != "latest")];
        Assert.That(checkpoints, Does.Contain("final"));
        foreach (string name in checkpoints)
        {
            Assert.That(File.ReadAllBytes(actual.Checkpoint(name)), Is.EqualTo(File.ReadAllBytes(expected.Checkpoint(name))), name);
        }

        Assert.That(SmallRun.UntimedMetrics(actual), Is.EqualTo(SmallRun.UntimedMetrics(expected)));
        Assert.That(SmallRun.UntimedLog(actual), Is.EqualTo(SmallRun.UntimedLog(expected)));
    }

    /// <summary>Scenes for one task and other scenes for another.</summary>
    private sealed class TwoParts : IDataset
    {
        public string Name => "two parts";

        public IReadOnlyList<Label> Labels => [];

        public int ClassesOf(Label label) => 0;

        public IReadOnlyList<string> ClassNamesOf(Label label) => [];

        public IReadOnlyList<DatasetPart> Parts { get; } = [new(SmallRun.Scenes(seed: 1), ["sn"]), new(SmallRun.Scenes(seed: 2), ["seg"])];

        public int Count(Split split) => throw new InvalidOperationException("whoever asks for images asks the parts");

        public string Id(Split split, int index) => throw new InvalidOperationException("whoever asks for images asks the parts");

        public Sample Load(Split split, int index, IReadOnlyList<Label> labels) => throw new InvalidOperationException("whoever asks for images asks the parts");
    }
}
