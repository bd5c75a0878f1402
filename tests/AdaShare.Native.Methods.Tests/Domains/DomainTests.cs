using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Augmentation;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.AdaShare;

namespace AdaShare.Native.Methods.Tests.Domains;

/// <summary>Tasks whose images are their own: each step has a batch of each, each task is measured on its own, and an interrupted run gives the same bytes.</summary>
[TestFixture("hard_sharing", "train", "shared")]
[TestFixture("adashare", "warm_up", "shared")]
[TestFixture("hard_sharing", "train", "per_task")]
[TestFixture("adashare", "warm_up", "per_task")]
public sealed class DomainTests(string name, string firstOrder, string batchNorm)
{
    private const int NoClass = 255;
    private const double Tolerance = 1e-5;

    private readonly List<string> _folders = [];
    private readonly IMethod _method = MethodRegistry.Get(name);

    [TearDown]
    public void RemoveFolders()
    {
        foreach (string folder in _folders.Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void TheFirstStepsLossesAreThoseOfAPassOfEachTaskOverItsOwnImages()
    {
        using var backend = new CpuBackend();
        var observer = new Recorder();
        Train(backend, NewFolder(), observer, resume: false, default);

        RunConfig config = Config();
        var data = new TwoDomains();
        using var network = (SharedNetwork)_method.Build(config, backend);
        network.Store.Initialize((ulong)config.Seed[0]);
        BatchShape shape = TrainingLoader.Shape(config, network);
        double segmentation = ByHand(network, data.Segmentation, shape, task: 0, CrossEntropy), depth = ByHand(network, data.Depth, shape, task: 1, AbsoluteError);
        StepRecord first = observer.Steps[0];
        Assert.That(first.Losses.Keys, Is.EqualTo(new[] { "seg", "depth" }));
        Assert.That(first.Losses["seg"], Is.EqualTo(segmentation).Within(Tolerance));
        Assert.That(first.Losses["depth"], Is.EqualTo(depth).Within(Tolerance));
        Assert.That(first.Total, Is.EqualTo(segmentation + (3 * depth)).Within(3 * Tolerance), "weighted by lambda");
        Assert.That(first.Images, Is.EqualTo(2 * config.Train.BatchSize), "a batch of each");

        network.Store.Initialize((ulong)config.Seed[0]);
        using TrainingLoader loader = TrainingLoader.Open(config, data, Split.Train, shape, (ulong)config.Seed[0], firstOrder);
        using TrainingBatch batch = loader.Next();
        Assert.That(batch.Groups.Select(static group => group.Tasks), Is.EqualTo(new int[][] { [0], [1] }));
        using var optimizer = WeightOptimizers.Adam(network, config.Train);
        using var step = new Step(backend);
        StepLosses losses = TrainingStep.Forward(step, network, batch, new StepPlan(firstOrder, optimizer, (ulong)config.Seed[0], 0));
        Assert.That(losses.OfTasks.Select(static loss => (double)loss.Item()), Is.EqualTo(new[] { first.Losses["seg"], first.Losses["depth"] }), "to the bit");
        Assert.That(losses.Total.Item(), Is.EqualTo(first.Total));
    }

    [Test]
    public void GatesOfATaskHoldForItsOwnImages()
    {
        using var backend = new CpuBackend();
        RunConfig config = Config();
        var data = new TwoDomains();
        using var network = (SharedNetwork)_method.Build(config, backend);
        network.Store.Initialize(5);
        BatchShape shape = TrainingLoader.Shape(config, network);
        using var optimizer = WeightOptimizers.Adam(network, config.Train);
        using TrainingLoader loader = TrainingLoader.Open(config, data, Split.Train, shape, (ulong)config.Seed[0], firstOrder);
        using TrainingBatch batch = loader.Next();
        using var step = new Step(backend);
        GateTable gates = BlockPolicy.Parse("depth:1,4", config.Tasks, 8).ToGates();
        StepLosses losses = TrainingStep.Forward(step, network, batch, new StepPlan("gated", optimizer, (ulong)config.Seed[0], 0) { Gates = _ => gates });
        double[] expected =
        [
            ByHand(network, data.Segmentation, shape, task: 0, CrossEntropy),
            ByHand(network, data.Depth, shape, task: 1, AbsoluteError, skipped: [1, 4]),
        ];
        Assert.That(losses.OfTasks.Select(static loss => (double)loss.Item()), Is.EqualTo(expected).Within(Tolerance));
        Assert.That(Math.Abs(ByHand(network, data.Depth, shape, task: 1, AbsoluteError) - expected[1]), Is.GreaterThan(10 * Tolerance), "to skip blocks makes a difference");
    }

    [Test]
    public void RunningStatisticsAreThoseOfTheTasksOwnImagesWhereNormsAreItsOwn()
    {
        using var backend = new CpuBackend();
        RunConfig config = Config();
        using var network = (SharedNetwork)_method.Build(config, backend);
        network.Store.Initialize(5);
        using var optimizer = WeightOptimizers.Adam(network, config.Train);
        using TrainingLoader loader = TrainingLoader.Open(config, new TwoDomains(), Split.Train, TrainingLoader.Shape(config, network), 1, firstOrder);
        for (int i = 0; i < 3; i++)
        {
            using TrainingBatch batch = loader.Next();
            using var step = new Step(backend);
            TrainingStep.Run(step, network, batch, new StepPlan(firstOrder, optimizer, 1, i));
        }

        string[] names = batchNorm == "shared" ? ["backbone.bn1"] : ["backbone.task0_bn1", "backbone.task1_bn1"];
        long[] seen = [.. names.Select(norm => network.Store.Counters.Single(counter => counter.Name == norm + ".num_batches_tracked").Value)];
        Assert.That(seen, Is.All.EqualTo(batchNorm == "shared" ? 6 : 3), "a batch of each task in every step");
        double[][] means = [.. names.Select(norm => network.Store[norm + ".running_mean"].Value.ToDoubles())];
        Assert.That(means, Is.Unique);
        Assert.That(means, Has.All.Some.Not.Zero);
    }

    [Test]
    public void EachTaskIsMeasuredOnItsOwnImages()
    {
        using var backend = new CpuBackend();
        RunFolder folder = NewFolder();
        var observer = new Recorder();
        MetricsFile results = Train(backend, folder, observer, resume: false, default);
        RunConfig config = Config();
        var data = new TwoDomains();
        using TrainedNetwork trained = _method.Networks(folder, config)[^1].Load(_method, config, backend);
        MetricTable ByHand(IDataset forSegmentation, IDataset forDepth) =>
            MetricTable.Of([("seg", Measure(trained, 0, forSegmentation, Label.Segmentation)), ("depth", Measure(trained, 1, forDepth, Label.Depth))]);
        Assert.That(results.Final.Metrics, Is.EqualTo(ByHand(data.Segmentation, data.Depth).Copy()));
        Assert.That(results.Final.Metrics, Is.Not.EqualTo(ByHand(data.Depth, data.Segmentation).Copy()), "the images of the other task give other numbers");
        Assert.That(trained.Evaluate(data, Split.Test).Copy(), Is.EqualTo(results.Final.Metrics));
        Assert.That(results.Provenance.TestImages, Is.EqualTo(data.Segmentation.Count(Split.Test) + data.Depth.Count(Split.Test)));
        Assert.That(observer.Validations.Select(static v => string.Join(',', v.Metrics.Tasks)), Is.Not.Empty.And.All.EqualTo("seg,depth"));
    }

    [Test]
    public void AnInterruptedRunGivesTheSameBytes()
    {
        using var backend = new CpuBackend();
        RunFolder whole = NewFolder(), broken = NewFolder();
        Train(backend, whole, new Recorder(), resume: false, default);
        bool resume = false, done = false;
        for (int stops = 0; !done; stops++)
        {
            Assert.That(stops, Is.LessThan(50), "the run must come to an end");
            using var source = new CancellationTokenSource();
            int left = 1 + (stops % 2);
            var stopper = new Recorder { OnStep = _ => { if (--left == 0) { source.Cancel(); } } };
            try
            {
                Train(backend, broken, stopper, resume, source.Token);
                done = true;
            }
            catch (OperationCanceledException)
            {
                resume = true;
            }
        }

        string[] checkpoints = [.. Directory.GetFiles(Path.GetDirectoryName(whole.Latest)!).Select(Path.GetFileName).Where(static file => file != "latest.safetensors").Order(StringComparer.Ordinal)!];
        Assert.That(checkpoints, Is.Not.Empty);
        foreach (string checkpoint in checkpoints)
        {
            Assert.That(File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(broken.Latest)!, checkpoint)), Is.EqualTo(File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(whole.Latest)!, checkpoint))), checkpoint);
        }

        Assert.That(Untimed.Metrics(broken.Metrics), Is.EqualTo(Untimed.Metrics(whole.Metrics)));
        Assert.That(Untimed.Log(broken.Log), Is.EqualTo(Untimed.Log(whole.Log)));
        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }

    /// <summary>The loss of one task over the first batch of its own images: the backbone block by block, the task's head, and the loss from the numbers of both.</summary>
    private double ByHand(SharedNetwork network, IDataset data, BatchShape shape, int task, Func<float[], Target, double> loss, int[]? skipped = null)
    {
        RunConfig config = Config();
        DataConfig options = config.Dataload;
        Label label = network.Tasks[task].Label;
        var augmentation = new AugmentationOptions(options.CropH, options.CropW, options.ScaleMin, options.ScaleMax, options.Mirror, decodedNormals: true);
        using var loader = new BatchLoader(data, Split.Train, [label], shape, augmentation, (ulong)config.Seed[0], $"{firstOrder}/{task}", workers: 1);
        using Batch batch = loader.Next();
        using var step = new Step(network.Backend, recordGradients: false);
        Tensor x = network.Backbone.Stem.Forward(step, NetworkInput.Of(step, batch, network.Input, DType.Float32), training: true, task: task);
        for (int b = 0; b < network.Backbone.Blocks.Count; b++)
        {
            (_, Projection? projection) = network.Backbone.Blocks[b];
            x = skipped?.Contains(b) != true ? network.Backbone.Stages.RunBlock(step, b, x, training: true, task: task)
                : projection is null ? x : projection.Forward(step, x, training: true, task: task);
        }

        return loss(network.Heads[task].Forward(step, x, training: true, (ulong)config.Seed[0], 0).ToArray<float>(), batch.Targets[label]);
    }

    private static double CrossEntropy(float[] logits, Target target)
    {
        int classes = logits.Length / target.Classes.Length;
        double sum = 0;
        int counted = 0;
        for (int p = 0; p < target.Classes.Length; p++)
        {
            if (target.Classes[p] != NoClass)
            {
                double[] pixel = [.. logits.AsSpan(p * classes, classes).ToArray().Select(static v => (double)v)];
                sum += Math.Log(pixel.Sum(Math.Exp)) - pixel[target.Classes[p]];
                counted++;
            }
        }

        return sum / counted;
    }

    private static double AbsoluteError(float[] values, Target target)
    {
        int[] known = [.. Enumerable.Range(0, values.Length).Where(p => target.Mask[p] != 0)];
        return known.Average(p => Math.Abs((double)values[p] - target.Values[p]));
    }

    private static TaskMetrics Measure(TrainedNetwork trained, int task, IDataset data, Label label)
    {
        TaskMetrics metrics = trained.Model.Tasks[task].CreateMetrics(decodedNormals: true);
        for (int i = 0; i < data.Count(Split.Test); i++)
        {
            Sample sample = data.Load(Split.Test, i, [label]);
            Plane prediction = Evaluator.Predict(trained.Model, trained.Gates, sample.Image)[task];
            metrics.Add(prediction.Values, prediction.Height, prediction.Width, sample.Labels[label]);
        }

        return metrics;
    }

    private RunConfig Config()
    {
        var config = new RunConfig { Method = _method.Name, Tasks = ["seg", "depth"], TasksNumClass = [13, 1], Lambdas = [1, 3], Seed = [88] };
        AdaShareOptions options = config.Options<AdaShareOptions>();
        (options.CurriculumSpeed, options.WarmUpIters, options.WeightIterAlternate, options.AlphaIterAlternate, options.Policies) = (1, 2, 1, 1, 1);
        config.Model.BatchNorm = batchNorm;
        config.Model.Width = 0.125;
        config.Model.HeadWidth = 1.0 / 128;
        config.Dataload.CropH = 32;
        config.Dataload.CropW = 40;
        config.Train.BatchSize = 2;
        config.Train.TotalIters = 6;
        config.Train.RetrainTotalIters = 4;
        config.Train.PrintFreq = 1;
        config.Train.ValFreq = 2;
        config.Train.CheckpointFreq = 1;
        return config;
    }

    private MetricsFile Train(CpuBackend backend, RunFolder folder, Recorder observer, bool resume, CancellationToken stop) =>
        Trainer.Run(_method, Config(), backend, new TwoDomains(), folder, observer, resume, stop);

    private RunFolder NewFolder()
    {
        string path = Path.Combine(Path.GetTempPath(), $"adashare-test-{Guid.NewGuid():N}");
        _folders.Add(path);
        return new RunFolder(path);
    }
}
