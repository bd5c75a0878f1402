using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.Tests.Runs;

namespace AdaShare.Native.Methods.Tests.Decisions;

/// <summary>What learns by rewards: the loss, and a task's loss for each image.</summary>
public sealed class ReinforceTests
{
    // Of all sixteen outcomes of four decisions the rewards are known, so the expectation's gradient is too.
    [Test]
    public void OnAverageTheGradientIsMinusThatOfTheExpectedReward()
    {
        using var backend = new CpuBackend();
        using var store = new ParameterStore();
        Parameter logits = store.Group("logits").Add("logits", new Shape(1, 4), Initializers.Normal(0, 1));
        store.Allocate(backend, DType.Float64);
        store.Initialize(3);
        double[] start = logits.Value.ToDoubles(), rewards = SmallRun.Normal(16, 5), mean = new double[4];
        double[] Probabilities(double[] z, int outcome) => [.. z.Select((v, d) => (outcome >> d & 1) == 1 ? 1 / (1 + Math.Exp(-v)) : 1 / (1 + Math.Exp(v)))];
        double Probability(double[] z, int outcome) => Probabilities(z, outcome).Aggregate(1.0, static (product, p) => product * p);
        for (int outcome = 0; outcome < 16; outcome++)
        {
            store.Group("logits").ClearGradients();
            using var step = new Step(backend);
            Tensor select = step.Sigmoid(logits.Value);
            Tensor both = step.Concat([step.Reshape(select, new Shape(1, 4, 1)), step.Reshape(step.Scale(select, -1, 1), new Shape(1, 4, 1))], 2);
            double[] taken = [.. Enumerable.Range(0, 4).SelectMany(d => (outcome >> d & 1) == 1 ? new[] { 1.0, 0 } : [0, 1])];
            step.Backward(Reinforce.Loss(step, both, taken, [rewards[outcome]]));
            double[] gradient = logits.Gradient.ToDoubles();
            for (int d = 0; d < 4; d++)
            {
                mean[d] += Probability(start, outcome) * gradient[d];
            }
        }

        for (int d = 0; d < 4; d++)
        {
            const double Distance = 1e-5;
            double Expected(double by) => Enumerable.Range(0, 16).Sum(o => rewards[o] * Probability([.. start.Select((v, i) => i == d ? v + by : v)], o));
            Assert.That(mean[d], Is.EqualTo(-(Expected(Distance) - Expected(-Distance)) / (2 * Distance)).Within(1e-8));
        }
    }

    [Test]
    public void DecisionsThatDoNotFitAreOneSentence()
    {
        using var backend = new CpuBackend();
        using var step = new Step(backend);
        Tensor probability = step.FromDoubles(new Shape(2, 2), DType.Float64, [0.5, 0.5, 0.5, 0.5]);
        Assert.That(() => Reinforce.Loss(step, probability, [1, 0, 1], [1, 1]), Throws.ArgumentException.With.Message.Contains("3 decisions and 2 advantages for probabilities [2, 2]"));
        Assert.That(() => Reinforce.Loss(step, probability, [1, 0, 1, 0], [1]), Throws.ArgumentException.With.Message.Contains("4 decisions and 1 advantages"));
    }

    [Test]
    public void TheLossOfABatchIsTheMeanOfItsImagesWeighedByTheirPixels()
    {
        using var backend = new CpuBackend();
        RunConfig config = SmallRun.Config("hard_sharing", "seg", "sn", "depth", "keypoint", "edge");
        var shape = new BatchShape(3, 32, 40, 5, 6);
        IReadOnlyList<TaskSpec> tasks = TaskSpec.Of(config);
        using var loader = TrainingLoader.Open(config, SmallRun.Scenes(), Split.Train, shape, 1, "test");
        using TrainingBatch batch = loader.Next();
        using var step = new Step(backend);
        foreach (TaskSpec task in tasks)
        {
            Target target = batch.Groups[0].Data.Targets[task.Label];
            Tensor prediction = step.FromDoubles(new Shape(3, 5, 6, task.Channels), DType.Float32, SmallRun.Normal(90 * task.Channels, 4));
            double[] ofImages = ImageLosses.Of(step, task, prediction, target);
            double[] pixels = [.. Enumerable.Range(0, 3).Select(i => (double)Enumerable.Range(i * 30, 30).Count(p => task.Name == "seg" ? target.Classes[p] != SegmentationTask.IgnoreLabel : target.Mask[p] == 1))];
            double weighed = ofImages.Zip(pixels, static (loss, count) => loss * count).Sum() / pixels.Sum();
            Assert.That(ofImages, Is.Unique, task.Name);
            Assert.That(task.Kind.Loss(step, prediction, target).Item(), Is.EqualTo(weighed).Within(1e-5), task.Name);
        }
    }
}
