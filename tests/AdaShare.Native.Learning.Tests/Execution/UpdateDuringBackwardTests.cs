using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using FsCheck;
using FsCheck.Fluent;

namespace AdaShare.Native.Learning.Tests.Execution;

/// <summary>Parameters that move during the backward pass, and bodies that are computed again there, end where the flat update puts them, to the bit.</summary>
public sealed class UpdateDuringBackwardTests
{
    private const int Steps = 3;
    private static readonly Shape Images = new(2, 17, 25, 3);

    private enum Update
    {
        Flat,
        DuringBackward,
        DuringBackwardRecomputing,
    }

    [Test]
    public void AllWaysToMoveGiveTheSameBits([Values] bool adam)
    {
        using var backend = new CpuBackend();
        Arbitrary<PlanScenario> scenarios = Arb.From(Gen.Choose(0, int.MaxValue).Select(PlanScenario.Of), static scenario => scenario.Shrink());
        Prop.ForAll(scenarios, scenario =>
        {
            Dictionary<string, double[]> flat = Run(backend, scenario, adam, Update.Flat);
            string? difference = Difference(flat, Run(backend, scenario, adam, Update.DuringBackward)) ?? Difference(flat, Run(backend, scenario, adam, Update.DuringBackwardRecomputing));
            return (difference is null).Label(difference ?? "equal");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40).WithReplay(4021, 9));
        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void AStepOfTheSearchNeedsNoBufferOfAllGradients()
    {
        using var backend = new CpuBackend();
        var scenario = new PlanScenario("ResNet18", [[.. Enumerable.Repeat(GateKind.Soft, 8)], [.. Enumerable.Repeat(GateKind.Soft, 8)]], 0, true, true, true, true, false, false, false);
        long Peak(Update update)
        {
            long peak = 0;
            Run(backend, scenario, adam: false, update, width: 0.5, measured: bytes => peak = bytes);
            return peak;
        }

        using LogitNetwork network = Network(backend, scenario, 0.5);
        long gradients = sizeof(float) * (network.BackboneGroup.Values.Count + network.HeadGroup.Values.Count);
        long largest = sizeof(float) * network.Store.Parameters.Max(static p => p.Count);
        long flat = Peak(Update.Flat), during = Peak(Update.DuringBackward), recomputing = Peak(Update.DuringBackwardRecomputing);
        Assert.That(during, Is.LessThanOrEqualTo(flat - gradients + (2 * largest)));
        Assert.That(recomputing, Is.LessThan(during));
    }

    private static LogitNetwork Network(CpuBackend backend, PlanScenario scenario, double width) =>
        LogitNetwork.Of(backend, scenario.Backbone, scenario.Tasks, width, dropout: 0.25, scenario.SkipLayer, taskNorms: scenario.TaskNorms);

    private static string? Difference(Dictionary<string, double[]> expected, Dictionary<string, double[]> actual)
    {
        foreach ((string name, double[] values) in expected)
        {
            if (!values.AsSpan().SequenceEqual(actual[name]))
            {
                return $"{name}: {values.Zip(actual[name]).Count(static pair => !pair.First.Equals(pair.Second))} of {values.Length} elements differ";
            }
        }

        return null;
    }

    /// <summary>Trains for some steps; returns parameters, buffers, optimiser state and counters.</summary>
    private static Dictionary<string, double[]> Run(CpuBackend backend, PlanScenario scenario, bool adam, Update update, double width = 0.125, Action<long>? measured = null)
    {
        using LogitNetwork network = Network(backend, scenario, width);
        network.RecomputesBlocks = update == Update.DuringBackwardRecomputing;
        network.Store.Initialize(11);
        network.BackboneGroup.Trainable = scenario.BackboneTrains;
        network.HeadGroup.Trainable = scenario.HeadsTrain;
        network.LogitGroup.Trainable = scenario.LogitsTrain;
        foreach (BatchNormLayer norm in scenario.NormsFrozen ? network.Backbone.NormsOfBlocksAndStem : [])
        {
            norm.Gamma.Trainable = norm.Beta.Trainable = false;
        }

        OptimizerGroup[] groups = [new(network.HeadGroup, 1e-3), new(network.BackboneGroup, 1e-3)];
        using Optimizer weights = adam ? new Adam(network.Store, groups, [network.LogitGroup], weightDecay: 1e-2) : new Sgd(network.Store, groups, [network.LogitGroup], 0.9, 1e-2);
        using var logits = new Sgd(network.Store, [new OptimizerGroup(network.LogitGroup, 1e-2)], [network.HeadGroup, network.BackboneGroup], 0.9, 1e-2);
        backend.ResetPeak();
        for (int s = 0; s < Steps; s++)
        {
            RunStep(backend, scenario, network, weights, logits, update, s);
        }

        measured?.Invoke(backend.Memory.PeakBytes);
        var results = network.Store.Parameters.ToDictionary(static p => p.Name, static p => p.Value.ToDoubles());
        foreach (NamedBuffer buffer in weights.State.Concat(logits.State))
        {
            results[$"{buffer.Name} {buffer.Group.Name}"] = buffer.Tensor.ToDoubles();
        }

        foreach (Counter counter in network.Store.Counters)
        {
            results[counter.Name] = [counter.Value];
        }

        return results;
    }

    private static void RunStep(CpuBackend backend, PlanScenario scenario, LogitNetwork network, Optimizer weights, Optimizer logits, Update update, int time)
    {
        using var step = new Step(backend);
        var noise = RandomStream.For(7, "images", time);
        Tensor images = step.FromDoubles(Images, DType.Float32, [.. Enumerable.Range(0, (int)Images.Count).Select(i => noise.Normal((ulong)i))]);
        var group = new InputGroup(images, [.. Enumerable.Range(0, scenario.Tasks)]);
        IReadOnlyList<Tensor> outputs = network.Forward(step, group, new ForwardContext(scenario.Gates(step, network), scenario.Training, 3, time));
        Tensor loss = outputs.Select(output => step.Mean(step.Square(output))).Aggregate((a, b) => step.Add(a, b));
        weights.ClearGradients();
        logits.ClearGradients();
        if (!loss.RequiresGradient)
        {
            return;
        }

        // The logits' gradients go to their flat buffer either way: another optimiser moves them.
        if (update == Update.Flat)
        {
            step.Backward(loss);
            weights.Step();
        }
        else
        {
            weights.BackwardAndStep(step, loss);
        }

        logits.Step();
    }
}
