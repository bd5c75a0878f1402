using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Scenes;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Methods.Tests.Runs;

/// <summary>Runs of very small networks on a few scenes, and their files.</summary>
internal static partial class SmallRun
{
    private static readonly Dictionary<string, int> Channels = new() { ["seg"] = 13, ["sn"] = 3, ["depth"] = 1, ["keypoint"] = 1, ["edge"] = 1 };

    public static RunConfig Config(string method, params string[] tasks)
    {
        var config = new RunConfig { Method = method, Tasks = [.. tasks], TasksNumClass = [.. tasks.Select(static t => Channels[t])], Lambdas = [.. tasks.Select(static t => t == "sn" ? 20.0 : 1.0)], Seed = [88] };
        config.Model.Width = 0.125;
        config.Model.HeadWidth = 1.0 / 128;
        config.Dataload.CropH = 32;
        config.Dataload.CropW = 40;
        config.Train.BatchSize = 2;
        config.Train.RetrainTotalIters = 5;
        config.Train.PrintFreq = 1;
        config.Train.ValFreq = 2;
        config.Train.CheckpointFreq = 3;
        config.Train.DecayLrFreq = 2;
        return config;
    }

    public static IDataset Scenes(ulong seed = 1) =>
        new ProceduralScenes(new ProceduralSceneOptions { Seed = seed, Height = 36, Width = 48, TrainWeights = 6, TrainPolicy = 3, Validation = 2, Test = 2 });

    /// <summary>The size of a configuration's networks, with heads that drop nothing.</summary>
    public static NetworkSpec Spec(RunConfig config) => NetworkSpec.Of(config) with { Dropout = 0 };

    public static MetricsFile Train(
        CpuBackend backend, RunConfig config, RunFolder folder, IDataset? dataset = null, bool resume = false, Action<StepRecord>? onStep = null, CancellationToken stop = default) =>
        Learning.Methods.Trainer.Run(MethodRegistry.Get(config.Method), config, backend, dataset ?? Scenes(), folder, new StepObserver(onStep), resume, stop);

    /// <summary>metrics.json without the times.</summary>
    public static string UntimedMetrics(RunFolder folder)
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(folder.Metrics))!;
        foreach ((string _, JsonNode? spent) in root["budget"]!.AsObject())
        {
            Assert.That(spent!.AsObject().Remove("seconds"), "a budget says how long it took");
        }

        return root.ToJsonString();
    }

    /// <summary>log.jsonl without the times.</summary>
    public static string[] UntimedLog(RunFolder folder) => [.. File.ReadLines(folder.Log).Select(static line => Speed().Replace(line, string.Empty))];

    /// <summary>A tensor of a network's type with normal numbers.</summary>
    public static double[] Normal(long count, ulong seed)
    {
        var stream = Engine.Random.RandomStream.For(seed, "test", 0);
        return [.. Enumerable.Range(0, (int)count).Select(i => stream.Normal((ulong)i))];
    }

    /// <summary>The shape of a batch of images.</summary>
    public static Shape Images(int count, int side) => new(count, side, side, 3);

    [GeneratedRegex(",\"(images_per_second|elapsed|time)\":[^,}]*")]
    private static partial Regex Speed();

    private sealed class StepObserver(Action<StepRecord>? onStep) : IRunObserver
    {
        public void Notice(string text)
        {
        }

        public void PhaseStarted(PhaseInfo phase, long step)
        {
        }

        public void StepDone(StepRecord record) => onStep?.Invoke(record);

        public void Validated(PhaseInfo phase, long step, MetricTable metrics)
        {
        }

        public void CheckpointSaved(string path)
        {
        }
    }
}
