using AdaShare.Native.Data.Scenes;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.AdaShare;
using AdaShare.Native.Methods.Den;
using AdaShare.Native.Methods.SpotTune;

namespace AdaShare.Native.Cuda.Tests;

/// <summary>A whole run, of AdaShare (warm-up, search and retraining) or another method, of a very small network with two tasks on procedural scenes.</summary>
/// <param name="Steps">What each step recorded.</param>
/// <param name="Weights">The last checkpoint's bytes.</param>
internal sealed record TinyRun(IReadOnlyList<StepRecord> Steps, byte[] Weights)
{
    /// <summary>Runs it on a backend; nothing stays on the disk.</summary>
    /// <param name="backend">Where.</param>
    /// <param name="numerics">How it rounds.</param>
    /// <param name="weighting">How losses are weighed.</param>
    /// <param name="searchSteps">Steps of the search.</param>
    public static TinyRun On(Backend backend, string numerics = "fast", string weighting = "static", int searchSteps = 8) =>
        On(backend, Config(numerics, weighting, searchSteps), new AdaShareMethod(), "retrain_0");

    /// <summary>Runs another method, for fewer steps.</summary>
    public static TinyRun On(Backend backend, IMethod method, string numerics, Action<RunConfig>? change = null)
    {
        RunConfig config = Config(numerics);
        (config.Method, config.Train.TotalIters, config.Train.RetrainTotalIters) = (method.Name, 4, 2);
        AdaShareOptions options = config.Options<AdaShareOptions>();
        (options.WarmUpIters, options.WeightIterAlternate, options.AlphaIterAlternate) = (1, 1, 1);
        config.Options<DenOptions>().SelectorIters = 1;
        config.Options<SpotTuneOptions>().WarmUpIters = 1;
        change?.Invoke(config);
        return On(backend, config, method, "final");
    }

    private static RunConfig Config(string numerics, string weighting = "static", int searchSteps = 8)
    {
        var config = new RunConfig { Tasks = ["seg", "sn"], TasksNumClass = [13, 3], Lambdas = [1, 1], Seed = [88, 45], Numerics = numerics };
        config.Weighting.Method = weighting;
        AdaShareOptions options = config.Options<AdaShareOptions>();
        (options.CurriculumSpeed, options.WarmUpIters, options.WeightIterAlternate, options.AlphaIterAlternate, options.Policies) = (1, 4, 4, 4, 1);
        config.Model.Width = 0.125;
        config.Model.HeadWidth = 1.0 / 128;
        config.Dataload.CropH = 24;
        config.Dataload.CropW = 32;
        config.Train.BatchSize = 2;
        config.Train.TotalIters = 4 + searchSteps;
        config.Train.RetrainTotalIters = 4;
        config.Train.PrintFreq = 1;
        config.Train.ValFreq = 100;
        config.Train.DecayLrFreq = 2;
        return config;
    }

    private static TinyRun On(Backend backend, RunConfig config, IMethod method, string checkpoint)
    {
        var folder = new RunFolder(Directory.CreateTempSubdirectory("adashare-test-").FullName);
        try
        {
            var scenes = new ProceduralScenes(new ProceduralSceneOptions { Height = 28, Width = 36, TrainWeights = 6, TrainPolicy = 3, Validation = 2, Test = 2 });
            var observer = new Recorder();
            Trainer.Run(method, config, backend, scenes, folder, observer, resume: false, CancellationToken.None);
            return new TinyRun(observer.Steps, File.ReadAllBytes(folder.Checkpoint(checkpoint)));
        }
        finally
        {
            Directory.Delete(folder.Path, recursive: true);
        }
    }

    private sealed class Recorder : IRunObserver
    {
        public List<StepRecord> Steps { get; } = [];

        public void Notice(string text) => TestContext.Out.WriteLine(text);

        public void PhaseStarted(PhaseInfo phase, long step) => TestContext.Out.WriteLine($"{phase.Title}: {phase.Steps} steps");

        public void StepDone(StepRecord record) => Steps.Add(record);

        public void Validated(PhaseInfo phase, long step, MetricTable metrics)
        {
        }

        public void CheckpointSaved(string path)
        {
        }
    }
}
