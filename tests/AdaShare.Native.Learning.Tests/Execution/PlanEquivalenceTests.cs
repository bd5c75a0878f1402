using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using FsCheck;
using FsCheck.Fluent;

namespace AdaShare.Native.Learning.Tests.Execution;

/// <summary>The plan computes what K passes compute, to rounding.</summary>
public sealed class PlanEquivalenceTests
{
    private const double Tolerance = 1e-10;
    private static readonly Shape Images = new(2, 17, 25, 3), Texts = new(2, 1, 75, 1);

    [Test]
    public void PlanAndNaiveExecutionAgree()
    {
        using var backend = new CpuBackend();
        Arbitrary<PlanScenario> scenarios = Arb.From(Gen.Choose(0, int.MaxValue).Select(PlanScenario.Of), static scenario => scenario.Shrink());
        Prop.ForAll(scenarios, scenario =>
        {
            string? difference = Difference(backend, scenario);
            return (difference is null).Label(difference ?? "equal");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100).WithReplay(20201, 7));
        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void PlanAndNaiveExecutionAgreeWhereEachTaskHasItsOwnBatchNorms()
    {
        using var backend = new CpuBackend();
        Arbitrary<PlanScenario> scenarios = Arb.From(Gen.Choose(0, int.MaxValue).Select(static seed => PlanScenario.Of(seed) with { TaskNorms = true }), static scenario => scenario.Shrink());
        Prop.ForAll(scenarios, scenario =>
        {
            string? difference = Difference(backend, scenario);
            return (difference is null).Label(difference ?? "equal");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(50).WithReplay(811, 3));
        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void PlanAndNaiveExecutionAgreeOnBottlenecks([Values] bool taskNorms)
    {
        using var backend = new CpuBackend();
        foreach (PlanScenario scenario in Enumerable.Range(0, 40).Select(PlanScenario.Of).Where(static scenario => scenario.Backbone == "ResNet34").Take(4))
        {
            Assert.That(Difference(backend, scenario with { Backbone = "ResNet50", TaskNorms = taskNorms }), Is.Null, scenario.ToString());
        }

        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void PlanAndNaiveExecutionAgreeOnTextsAndOnWideNetworks([Values("VDCNN17", "WideResNet34_2")] string backbone, [Values] bool taskNorms)
    {
        using var backend = new CpuBackend();
        int blocks = BackboneSpec.Of(backbone).BlockCount;
        string like = blocks == 8 ? "ResNet18" : "ResNet34";
        foreach (PlanScenario scenario in Enumerable.Range(0, 80).Select(PlanScenario.Of).Where(scenario => scenario.Backbone == like).Take(6))
        {
            PlanScenario other = scenario with { Backbone = backbone, TaskNorms = taskNorms, Decisions = [.. scenario.Decisions.Select(row => row[..blocks])] };
            Assert.That(Difference(backend, other), Is.Null, other.ToString());
        }

        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }

    // At block 2 the tasks' passes alternate between a stream that runs and streams that only move statistics, so that a stream's turn comes twice.
    [TestCase("########", "#.s#####", "########")]
    [TestCase("#.s#####", "########", "#.######", "##s#####")]
    [TestCase("#.#s####", "#s.#####", "#.#s####", "#s.s####")]
    public void InterleavedSilentStreamsKeepTheOrderOfTheUpdates(params string[] rows)
    {
        using var backend = new CpuBackend();
        GateKind[][] decisions = [.. rows.Select(row => row.Select(c => c switch { '#' => GateKind.On, 's' => GateKind.Silent, _ => GateKind.Off }).ToArray())];
        Assert.That(Difference(backend, new PlanScenario("ResNet18", decisions, 0, true, true, true, true, false, false, false)), Is.Null);
    }

    private static string? Difference(CpuBackend backend, PlanScenario scenario)
    {
        Dictionary<string, double[]> naive = Run(backend, scenario, NaiveExecution.Forward);
        Dictionary<string, double[]> planned = Run(backend, scenario, static (step, network, images, gates, training) =>
            [.. network.Forward(step, new InputGroup(images, [.. Enumerable.Range(0, network.Tasks.Count)]), new ForwardContext(gates, training))]);

        // A shift before a convolution 1x1 and a batch norm changes nothing: its gradient is zero, and what is found there is the rounding of terms that cancel.
        double least = 1e-5 * naive.Where(static pair => pair.Key.EndsWith("weight", StringComparison.Ordinal)).SelectMany(static pair => pair.Value).Select(Math.Abs).Max();
        foreach ((string name, double[] expected) in naive)
        {
            double scale = expected.Select(Math.Abs).Append(name.EndsWith("bias", StringComparison.Ordinal) ? least : 1e-30).Max();
            double worst = expected.Zip(planned[name], static (a, b) => Math.Abs(a - b)).Append(0).Max();
            if (!(worst <= Tolerance * scale))
            {
                return $"{name}: differs by {worst:g3}, its largest entry is {scale:g3}";
            }
        }

        return null;
    }

    /// <summary>Everything that a step makes: predictions, gradients (zero where there is none), running statistics, counters.</summary>
    private static Dictionary<string, double[]> Run(
        CpuBackend backend, PlanScenario scenario, Func<Step, SharedNetwork, Tensor, GateTable, bool, Tensor[]> forward)
    {
        using LogitNetwork network = LogitNetwork.Of(backend, scenario.Backbone, scenario.Tasks, skipLayer: scenario.SkipLayer, type: DType.Float64, taskNorms: scenario.TaskNorms);
        Prepare(network, scenario);
        var results = new Dictionary<string, double[]>();
        using (var step = new Step(backend))
        {
            var noise = RandomStream.For(7, "images");
            Tensor images = network.Spec.Backbone.Inputs == InputKind.Text
                ? step.FromHost<byte>(Texts, [.. Enumerable.Range(0, (int)Texts.Count).Select(static i => (byte)(i * 29 % TextAlphabet.Count))])
                : step.FromDoubles(Images, DType.Float64, [.. Enumerable.Range(0, (int)Images.Count).Select(i => 50 * noise.Normal((ulong)i))]);
            Tensor[] outputs = forward(step, network, images, scenario.Gates(step, network), scenario.Training);
            Tensor loss = step.Sum(step.Square(outputs[0]));
            for (int t = 0; t < outputs.Length; t++)
            {
                results[$"prediction {t}"] = outputs[t].ToDoubles();
                loss = t == 0 ? loss : step.Add(loss, step.Scale(step.Sum(step.Square(outputs[t])), t + 0.5));
            }

            if (loss.RequiresGradient)
            {
                step.Backward(loss);
            }
        }

        foreach (Parameter parameter in network.Store.Parameters)
        {
            results[parameter.Name] = parameter.Group.IsBuffer ? parameter.Value.ToDoubles()
                : parameter.HasGradient ? parameter.Gradient.ToDoubles() : new double[parameter.Count];
        }

        foreach (Counter counter in network.Store.Counters)
        {
            results[counter.Name] = [counter.Value];
        }

        return results;
    }

    private static void Prepare(LogitNetwork network, PlanScenario scenario)
    {
        network.Store.Initialize(11);
        foreach (Parameter parameter in network.Store.Parameters.Where(static p => p.Shape.Rank == 1 || p.Name.EndsWith("logits", StringComparison.Ordinal)))
        {
            // Scales, shifts, logits and running statistics that differ from channel to channel and from layer to layer.
            var noise = RandomStream.For(13, parameter.Name);
            parameter.Value.CopyFromDoubles([.. parameter.Value.ToDoubles().Select((v, i) => v + (0.4 * noise.UniformDouble((ulong)i)))]);
        }

        network.BackboneGroup.Trainable = scenario.BackboneTrains;
        network.HeadGroup.Trainable = scenario.HeadsTrain;
        network.LogitGroup.Trainable = scenario.LogitsTrain;
        foreach (BatchNormLayer norm in scenario.NormsFrozen ? network.Backbone.NormsOfBlocksAndStem : [])
        {
            norm.Gamma.Trainable = norm.Beta.Trainable = false;
        }
    }
}
