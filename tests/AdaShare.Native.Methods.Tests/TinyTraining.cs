using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Scenes;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.AdaShare;

namespace AdaShare.Native.Methods.Tests;

/// <summary>Runs of a very small ResNet18 (8, 16, 32, 64 channels, 32x40 pixels, two tasks), whose folders go with it.</summary>
internal sealed class TinyTraining : IDisposable
{
    /// <summary>Multiply-adds of the body of each block at 32x40: 9 taps, inputs, outputs, pixels (9x11 in the first stage, 5x6 behind it) of both convolutions.</summary>
    public static readonly long[] Bodies = [114048, 114048, 103680, 138240, 414720, 552960, 1658880, 2211840];

    /// <summary>Multiply-adds of the projections before the bodies of blocks 2, 4 and 6: inputs, outputs, 5x6 pixels.</summary>
    public static readonly long[] Projections = [0, 0, 3840, 0, 15360, 0, 61440, 0];

    /// <summary>Multiply-adds of the stem: 49 taps, 3 inputs, 8 outputs, 16x20 pixels.</summary>
    public const long Stem = 376320;

    /// <summary>Multiply-adds of one pass: stem, bodies, projections.</summary>
    public const long Pass = 5765376;

    /// <summary>Multiply-adds of the heads of seg (13 classes) and sn (3): four branches 64 to 8 to 8 to outputs at 5x6 pixels.</summary>
    public const long Heads = 573120 + 563520;

    /// <summary>Parameters of the backbone, and of block 5 (two 3x3 convolutions of 32 channels, two batch norms).</summary>
    public const long BackboneParameters = 176712, BlockFiveParameters = 18560;

    /// <summary>Steps of the training that makes the final network.</summary>
    public const int Steps = 5;

    private readonly List<string> _folders = [];

    public CpuBackend Backend { get; } = new();

    /// <summary>Scenes for selection; 0 for runs that choose nothing.</summary>
    public int Validation { get; init; } = 2;

    public static RunConfig Config(string method)
    {
        var config = new RunConfig { Method = method, Tasks = ["seg", "sn"], TasksNumClass = [13, 3], Lambdas = [1, 1], Seed = [88, 45] };
        config.Model.Width = 0.125;
        config.Model.HeadWidth = 1.0 / 128;
        config.Dataload.CropH = 32;
        config.Dataload.CropW = 40;
        config.Train.BatchSize = 2;
        config.Train.TotalIters = 10;
        config.Train.RetrainTotalIters = Steps;
        config.Train.PrintFreq = 1;
        config.Train.ValFreq = 2;
        config.Train.CheckpointFreq = 2;
        config.Train.DecayLrFreq = 2;
        AdaShareOptions search = config.Options<AdaShareOptions>();
        search.WarmUpIters = 2;
        search.CurriculumSpeed = 1;
        search.WeightIterAlternate = search.AlphaIterAlternate = 2;
        search.Policies = 2;
        return config;
    }

    public RunFolder NewFolder()
    {
        string path = Path.Combine(Path.GetTempPath(), $"adashare-test-{Guid.NewGuid():N}");
        _folders.Add(path);
        Directory.CreateDirectory(path);
        return new RunFolder(path);
    }

    public MetricsFile Train(RunConfig config, RunFolder folder, Recorder? observer = null, bool resume = false, RunTerms? terms = null, CancellationToken stop = default)
    {
        var scenes = new ProceduralScenes(new ProceduralSceneOptions { Height = 36, Width = 48, TrainWeights = 6, TrainPolicy = 3, Validation = Validation, Test = 2 });
        IMethod method = MethodRegistry.Get(config.Method);
        method.Validate(config);
        return Trainer.Run(method, config, Backend, scenes, folder, observer ?? new Recorder(), resume, stop, terms);
    }

    /// <summary>Trains in pieces: the run is first killed, so that it loses what it did after its last checkpoint, then stopped again after one, two or three steps.</summary>
    public void TrainInPieces(RunConfig config, RunFolder folder, Action? between = null)
    {
        int left = 4;
        var killer = new Recorder { OnStep = _ => { if (--left == 0) { throw new TimeoutException(); } } };
        Assert.That(() => Train(config, folder, killer), Throws.TypeOf<TimeoutException>());
        between?.Invoke();
        for (int stops = 0; ; stops++)
        {
            Assert.That(stops, Is.LessThan(100), "the run must come to an end");
            using var source = new CancellationTokenSource();
            int steps = 1 + (stops % 3);
            try
            {
                Train(config, folder, new Recorder { OnStep = _ => { if (--steps == 0) { source.Cancel(); } } }, resume: true, stop: source.Token);
                break;
            }
            catch (OperationCanceledException)
            {
                // The next piece goes on from here.
            }
        }
    }

    /// <summary>Trains once in one go and once in pieces, and requires the same files.</summary>
    public void RequireExactResume(RunConfig config, IReadOnlyList<string> checkpoints, Action? between = null)
    {
        RunFolder whole = NewFolder(), pieces = NewFolder();
        Train(config, whole);
        TrainInPieces(config, pieces, between);
        foreach (string name in checkpoints)
        {
            Assert.That(File.ReadAllBytes(pieces.Checkpoint(name)), Is.EqualTo(File.ReadAllBytes(whole.Checkpoint(name))), name);
        }

        Assert.That(Untimed.Metrics(pieces.Metrics), Is.EqualTo(Untimed.Metrics(whole.Metrics)));
        Assert.That(Untimed.Log(pieces.Log), Is.EqualTo(Untimed.Log(whole.Log)));
        Assert.That(File.Exists(pieces.Policy), Is.EqualTo(File.Exists(whole.Policy)));
        Assert.That(File.Exists(whole.Policy) ? File.ReadAllText(pieces.Policy) : "", Is.EqualTo(File.Exists(whole.Policy) ? File.ReadAllText(whole.Policy) : ""));
        Assert.That(Backend.Memory.LiveBuffers, Is.Zero, "runs leave nothing behind");
    }

    /// <summary>Weights, running statistics and counters of a checkpoint, by name.</summary>
    public Dictionary<string, double[]> State(RunConfig config, string checkpoint)
    {
        using IModel model = MethodRegistry.Get(config.Method).Build(config, Backend);
        using SafeTensorsFile file = SafeTensorsFile.Open(checkpoint);
        StateEntries.Load(file, model.Store);
        var state = model.Store.Parameters.ToDictionary(static p => p.Name, static p => p.Value.ToDoubles());
        foreach (Counter counter in model.Store.Counters)
        {
            state[counter.Name] = [counter.Value];
        }

        return state;
    }

    public void Dispose()
    {
        foreach (string folder in _folders.Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
        }

        Backend.Dispose();
    }
}
