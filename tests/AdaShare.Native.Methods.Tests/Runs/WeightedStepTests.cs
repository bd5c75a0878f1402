using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Learning.Weightings;

namespace AdaShare.Native.Methods.Tests.Runs;

/// <summary>Single steps under weightings: what is compared, what is weighed, and what stays as it was.</summary>
public sealed class WeightedStepTests
{
    private static readonly string[] Tasks = ["seg", "sn", "depth"];

    private static string[] Sharing { get; } = [.. MethodRegistry.All.Where(static method => method.SharesWeights).Select(static method => method.Name)];

    [TestCaseSource(nameof(Sharing))]
    public void InnerProductsAreThoseOfWholeGradientsOfSharedWeights(string method)
    {
        using var scene = new Scene(method);
        InnerProductsAreThoseOfWholeGradients(scene);
    }

    [Test]
    public void WhereTasksHaveNormsOfTheirOwnTheBackboneIsComparedAndWeighedAsAWhole()
    {
        using var scene = new Scene("hard_sharing", batchNorm: ModelConfig.PerTask);
        Parameter norm = scene.Model.Store["backbone.blocks.2.0.task1_bn1.weight"];
        Assert.That(scene.Model.IsShared(norm));
        Assert.That(scene.Gradients([1, 0, 1], parameter => parameter == norm), Is.All.Zero, "no other task reaches them");
        InnerProductsAreThoseOfWholeGradients(scene);
        FactorsReachSharedWeightsAndNothingElse(scene);
    }

    private static void InnerProductsAreThoseOfWholeGradients(Scene scene)
    {
        var probe = new Probe(3, WeightingNeeds.SharedWeights);
        double[][] whole = [.. Enumerable.Range(0, 3).Select(t => scene.Gradients(Of(t), scene.Model.IsShared))];
        scene.Step(probe);
        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < 3; j++)
            {
                // In single precision, through so many batch norms.
                double bound = 1e-4 * Math.Sqrt(Dot(whole[i], whole[i]) * Dot(whole[j], whole[j]));
                Assert.That(probe.View!.Gram![i, j], Is.EqualTo(Dot(whole[i], whole[j])).Within(bound), $"{i}, {j}");
            }
        }
    }

    [Test]
    public void TheLastCommonLayerOfHardSharingIsTheLastFilter()
    {
        using var scene = new Scene("hard_sharing");
        var probe = new Probe(3, WeightingNeeds.LastLayer);
        double[][] gradients = [.. Enumerable.Range(0, 3).Select(t => scene.Gradients(Of(t), static parameter => parameter.Name == "backbone.blocks.3.1.conv2.weight"))];
        scene.Step(probe);
        for (int t = 0; t < 3; t++)
        {
            double[] whole = gradients[t];
            Assert.That(probe.View!.Gram![t, t], Is.EqualTo(Dot(whole, whole)).Within(1e-4 * Dot(whole, whole)));
        }
    }

    /// <summary>What a weighting of gradients asks of a model: factors reach everything that tasks share, and nothing that is a task's own.</summary>
    [TestCaseSource(nameof(Sharing))]
    public void FactorsOfSharedWeightsReachThemAllAndNothingElse(string method)
    {
        using var scene = new Scene(method);
        FactorsReachSharedWeightsAndNothingElse(scene);
    }

    private static void FactorsReachSharedWeightsAndNothingElse(Scene scene)
    {
        static bool Every(Parameter parameter) => true;
        double[] Of(double[]? factors, Func<Parameter, bool> which) => scene.Gradients([1, 1, 1], which, factors);
        bool Own(Parameter parameter) => !scene.Model.IsShared(parameter);
        Assert.That(Of([0, 0, 0], scene.Model.IsShared), Is.All.Zero, "no way around");
        Assert.That(Of([0, 0, 0], Own), Is.EqualTo(Of(null, Own)), "own weights learn as ever");
        Assert.That(Of([-1, 0.5, 3], Own), Is.EqualTo(Of(null, Own)));

        // And the sum is linear in the factors.
        double[] one = Of([1, 0, 0], scene.Model.IsShared), two = Of([0, 1, 0], scene.Model.IsShared), three = Of([0, 0, 1], scene.Model.IsShared), mixed = Of([-1, 0.5, 3], scene.Model.IsShared);
        double size = Math.Sqrt(Dot(mixed, mixed));
        double[] difference = [.. mixed.Select((g, i) => g - ((3 * three[i]) + (0.5 * two[i]) - one[i]))];
        Assert.That(Math.Sqrt(Dot(difference, difference)), Is.LessThan(1e-4 * size));
        Assert.That(Of(null, Every), Has.Some.Not.Zero);
    }

    [TestCase(WeightingNeeds.LastLayer)]
    [TestCase(WeightingNeeds.SharedWeights)]
    public void LookingMovesNeitherStatisticsNorCountersNorDropout(WeightingNeeds needs)
    {
        using Scene plain = new("hard_sharing", dropout: 0.5), looked = new("hard_sharing", dropout: 0.5);
        double[] expected = plain.Step(null), found = looked.Step(new Probe(3, needs) { Also = true });
        Assert.That(found, Is.EqualTo(expected), "the losses of the step, dropout included");
        foreach ((Parameter a, Parameter b) in plain.Model.Store.Parameters.Zip(looked.Model.Store.Parameters).Where(static pair => pair.First.Group.IsBuffer))
        {
            Assert.That(b.Value.ToDoubles(), Is.EqualTo(a.Value.ToDoubles()), a.Name);
        }

        Assert.That(looked.Model.Store.Counters.Select(static counter => counter.Value), Is.EqualTo(plain.Model.Store.Counters.Select(static counter => counter.Value)));
        Assert.That(looked.Model.Store.Parameters.Select(static p => (p.Name, p.Trainable)), Is.EqualTo(plain.Model.Store.Parameters.Select(static p => (p.Name, p.Trainable))), "what was frozen is free again");
    }

    [Test]
    public void LossesAfterTheUpdateAreThoseOfTheSameBatch()
    {
        using var scene = new Scene("hard_sharing");
        var probe = new Probe(3, WeightingNeeds.Losses) { WatchesUpdate = true };
        StepWeights weights = scene.Weights(probe)!;
        double[] again = scene.Losses();
        Assert.That(weights.After, Is.EqualTo(again).Within(1e-6), "with the moved weights, lambdas included");
        Assert.That(weights.View.Losses, Is.Not.EqualTo(weights.After).Within(1e-6));
    }

    [Test]
    public void AStepUnderFactorsIsTheStepUnderLambdasTimesThem()
    {
        using Scene weighted = new("hard_sharing"), scaled = new("hard_sharing", lambdas: [2, 10, 6]);
        weighted.Step(new Probe(3, WeightingNeeds.Losses) { Factors = [2, 0.5, 2] });
        scaled.Step(null);
        foreach ((Parameter a, Parameter b) in weighted.Model.Store.Parameters.Zip(scaled.Model.Store.Parameters))
        {
            Assert.That(a.Value.ToDoubles(), Is.EqualTo(b.Value.ToDoubles()).Within(1e-6), a.Name);
        }
    }

    /// <summary>Factors that let one task alone learn.</summary>
    private static double[] Of(int task) => [.. Enumerable.Range(0, 3).Select(t => t == task ? 1.0 : 0)];

    private static double Dot(double[] a, double[] b) => a.Zip(b, static (x, y) => x * y).Sum();

    /// <summary>A weighting that remembers what it saw.</summary>
    private sealed class Probe(int tasks, WeightingNeeds needs) : Weighting(tasks)
    {
        public WeightingView? View { get; private set; }

        public bool WatchesUpdate { get; init; }

        public bool Also { get; init; }

        public double[] Factors { get; init; } = [1, 1, 1];

        public override WeightingNeeds Needs => needs;

        public override bool WeighsSharedOnly => Also || base.WeighsSharedOnly;

        public override bool LearnsFromUpdate => WatchesUpdate;

        public override double[] Weigh(WeightingView view)
        {
            View = view;
            return Factors;
        }
    }

    /// <summary>A small network with a batch, and plain gradient descent on it.</summary>
    private sealed class Scene : IDisposable
    {
        private readonly CpuBackend _backend = new();
        private readonly GateTable _gates;
        private readonly TrainingLoader _loader;
        private readonly TrainingBatch _batch;
        private readonly Sgd _optimizer;

        public Scene(string method, double dropout = 0, double[]? lambdas = null, string batchNorm = "shared")
        {
            RunConfig config = SmallRun.Config(method, Tasks);
            (config.Model.Dropout, config.Model.BatchNorm) = (dropout, batchNorm);
            config.Lambdas = [.. lambdas ?? [1, 20, 3]];
            Model = MethodRegistry.Get(method).Build(config, _backend);
            Model.Store.Initialize(88);

            // These train nothing under gates from outside, or take none.
            _gates = method is "spottune" or "routing" ? GateTable.Decided : GateTable.Shared;
            WeightOptimizers.Train(Model, weights: true);
            config.Train.Lr = config.Train.BackboneLr = 1e-3;
            _optimizer = new Sgd(Model.Store, WeightOptimizers.Groups(Model, config.Train), WeightOptimizers.Elsewhere(Model));
            _loader = TrainingLoader.Open(config, SmallRun.Scenes(), Split.Train, TrainingLoader.Shape(config, Model), 88, "test");
            _batch = _loader.Next();
        }

        public IModel Model { get; }

        /// <summary>Runs a step and gives its losses.</summary>
        public double[] Step(Weighting? weighting)
        {
            using var step = new Step(_backend);
            return [.. TrainingStep.Run(step, Model, _batch, Plan(weighting)).OfTasks.Select(static loss => loss.Item())];
        }

        public StepWeights? Weights(Weighting weighting)
        {
            using var step = new Step(_backend);
            return TrainingStep.Run(step, Model, _batch, Plan(weighting)).Weights;
        }

        /// <summary>The losses, times lambda, of a pass that changes nothing.</summary>
        public double[] Losses()
        {
            using var step = new Step(_backend, recordGradients: false, hasEffects: false);
            return [.. TrainingStep.Forward(step, Model, _batch, Plan(null)).OfTasks.Select((loss, t) => Model.Tasks[t].Lambda * loss.Item())];
        }

        /// <summary>Whole gradients of the sum of factor, lambda and loss, one parameter after another.</summary>
        public double[] Gradients(double[] factors, Func<Parameter, bool> which, double[]? ofShared = null)
        {
            using var step = new Step(_backend, hasEffects: false);
            BatchGroup group = _batch.Groups[0];
            Tensor images = Learning.Networks.NetworkInput.Of(step, group.Data, ImageInput.Default, DType.Float32);
            var context = new ForwardContext(_gates, Training: true, 88, 0)
            {
                Samples = true,
                SharedFactors = ofShared is null ? null : [.. ofShared.Select(factor => step.FromDoubles(Shape.Scalar, DType.Float32, [factor]))],
            };
            IReadOnlyList<Tensor> outputs = Model.Forward(step, new InputGroup(images, group.Tasks), context);
            Tensor? sum = null;
            for (int t = 0; t < outputs.Count; t++)
            {
                Tensor loss = step.Scale(Model.Tasks[t].Kind.Loss(step, outputs[t], group.Data.Targets[Model.Tasks[t].Label]), factors[t] * Model.Tasks[t].Lambda);
                sum = sum is null ? loss : step.Add(sum, loss);
            }

            _optimizer.ClearGradients();
            step.Backward(sum!);
            double[] gradients = [.. Model.Store.Parameters.Where(p => p.Trainable && which(p)).SelectMany(static p => p.HasGradient ? p.Gradient.ToDoubles() : new double[p.Count])];
            _optimizer.ClearGradients();
            return gradients;
        }

        public void Dispose()
        {
            _batch.Dispose();
            _loader.Dispose();
            _optimizer.Dispose();
            Model.Dispose();
            Assert.That(_backend.Memory.LiveBuffers, Is.Zero);
            _backend.Dispose();
        }

        private StepPlan Plan(Weighting? weighting) => new("test", _optimizer, 88, 0) { Gates = _ => _gates, Weighting = weighting is null ? null : new WeightingRun(weighting) };
    }
}
