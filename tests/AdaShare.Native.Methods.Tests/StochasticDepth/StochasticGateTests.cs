using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Execution;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Methods.StochasticDepth;

namespace AdaShare.Native.Methods.Tests.StochasticDepth;

/// <summary>The network under drawn gates and under their expectation, in double precision.</summary>
public sealed class StochasticGateTests
{
    private const int Tasks = 3;
    private const int Blocks = 8;
    private static readonly Shape Images = new(2, 17, 25, 3);
    private static readonly KeepSchedule Schedule = new(Tasks, Blocks, 0.3);

    [Test]
    public void GradientsUnderDrawnGatesAreCentralDifferences()
    {
        using var backend = new CpuBackend();
        using SharedNetwork network = Network(backend);

        // A draw in which nobody runs some block, all run some, and on others tasks differ.
        GateTable gates = Enumerable.Range(0, 1000).Select(time => Schedule.Draw(3, time)).First(static drawn =>
        {
            int[] runs = [.. Enumerable.Range(0, Blocks).Select(b => Enumerable.Range(0, Tasks).Count(t => drawn[t, b].Kind == GateKind.On))];
            return runs.Contains(0) && runs.Contains(1) && runs.Contains(2) && runs.Contains(Tasks);
        });
        double Loss(bool backward)
        {
            using var step = new Step(backend, backward);
            Tensor loss = LossOf(step, network, gates);
            if (backward)
            {
                step.Backward(loss);
            }

            return backward ? 0 : loss.ToDoubles()[0];
        }

        Loss(backward: true);
        int moving = 0;
        foreach (Parameter parameter in network.Store.Parameters.Where(static p => !p.Group.IsBuffer))
        {
            double[] gradient = parameter.HasGradient ? parameter.Gradient.ToDoubles() : new double[parameter.Count], values = parameter.Value.ToDoubles();
            int i = RandomStream.For(1, parameter.Name).Integer(0, values.Length);
            double center = values[i];
            double At(double value)
            {
                values[i] = value;
                parameter.Value.CopyFromDoubles(values);
                return Loss(backward: false);
            }

            // A wide step may cross the kink of a ReLU, a narrow one is lost in rounding: one of three has to fit.
            double difference = new[] { 1e-6, 1e-7, 1e-8 }.Select(epsilon => (At(center + epsilon) - At(center - epsilon)) / (2 * epsilon)).MinBy(d => Math.Abs(d - gradient[i]));
            At(center);
            Assert.That(gradient[i], Is.EqualTo(difference).Within(1e-5 + (1e-5 * Math.Abs(difference))), parameter.Name);
            moving += Math.Abs(difference) > 1e-3 ? 1 : 0;
        }

        Assert.That(moving, Is.GreaterThan(network.Store.Parameters.Count(static p => !p.Group.IsBuffer) / 2));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void ConstantGatesComputeOnceWhatSoftOnesComputeForEachTask(bool training)
    {
        using var backend = new CpuBackend();
        GateTable expectation = Schedule.Expectation();
        ExecutionPlan plan = ExecutionPlan.Of(expectation, training);
        Assert.That(plan.Blocks.Select(static block => block.BodyCount), Is.All.EqualTo(1), "the tasks have all gates in common");
        Dictionary<string, double[]> once = State(backend, training, _ => expectation);
        Dictionary<string, double[]> each = State(backend, training, step => GateTable.PerTask([.. Enumerable.Range(0, Tasks).Select(_ => Enumerable.Range(0, Blocks)
            .Select(b => Gate.Soft(step.FromDoubles(new Shape(1, 2), DType.Float64, [Schedule.Keep(b), 1 - Schedule.Keep(b)]))).ToArray())]));
        foreach ((string name, double[] values) in each)
        {
            double scale = values.Max(Math.Abs);
            Assert.That(once[name], Is.EqualTo(values).Within(1e-9 * Math.Max(scale, 1e-9)), name);
        }

        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void ConstantGatesThatDifferPartTheTasks()
    {
        Gate[] row = [Gate.Constant(0.5), Gate.Constant(0.5), Gate.On];
        ExecutionPlan plan = ExecutionPlan.Of(GateTable.PerTask([row, [Gate.Constant(0.5), Gate.Constant(0.25), Gate.On], row]), training: false);
        Assert.That(plan.Blocks.Select(static block => block.BodyCount), Is.EqualTo(new[] { 1, 1, 2 }));
        Assert.That(plan.FeatureStreams.Select(static tasks => string.Join(',', tasks)), Is.EquivalentTo(new[] { "0,2", "1" }));
        Assert.That(() => Gate.Constant(1.5), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void CertainGatesAreHardOnes()
    {
        using var backend = new CpuBackend();
        GateTable Hard(Gate gate) => GateTable.PerTask([.. Enumerable.Range(0, Tasks).Select(_ => Enumerable.Repeat(gate, Blocks).ToArray())]);
        foreach ((double select, Gate gate) in new[] { (1.0, Gate.On), (0.0, Gate.Off) })
        {
            Dictionary<string, double[]> soft = State(backend, training: false, _ => Hard(Gate.Constant(select))), hard = State(backend, training: false, _ => Hard(gate));
            Assert.That(soft["output 2"], Is.EqualTo(hard["output 2"]).Within(1e-12), $"{select}");
        }
    }

    private static SharedNetwork Network(CpuBackend backend)
    {
        TaskSpec[] tasks = [.. Enumerable.Range(0, Tasks).Select(static _ => TaskSpec.Of("depth", 1, 1))];
        var network = new SharedNetwork(new NetworkSpec(BackboneSpec.Of("ResNet18", 0.125), tasks, 8, 0), backend, DType.Float64);
        network.Store.Initialize(11);
        foreach (Parameter parameter in network.Store.Parameters.Where(static p => p.Shape.Rank == 1))
        {
            // Scales, shifts and running statistics that differ from channel to channel.
            var noise = RandomStream.For(13, parameter.Name);
            parameter.Value.CopyFromDoubles([.. parameter.Value.ToDoubles().Select((v, i) => v + (0.4 * noise.UniformDouble((ulong)i)))]);
        }

        return network;
    }

    private static IReadOnlyList<Tensor> Outputs(Step step, SharedNetwork network, GateTable gates, bool training)
    {
        var noise = RandomStream.For(7, "images");
        Tensor images = step.FromDoubles(Images, DType.Float64, [.. Enumerable.Range(0, (int)Images.Count).Select(i => 50 * noise.Normal((ulong)i))]);
        return network.Forward(step, new InputGroup(images, [0, 1, 2]), new ForwardContext(gates, training));
    }

    private static Tensor LossOf(Step step, SharedNetwork network, GateTable gates) =>
        Outputs(step, network, gates, training: true).Select((output, t) => step.Scale(step.Mean(step.Square(output)), 100 * (t + 1))).Aggregate((a, b) => step.Add(a, b));

    private static Dictionary<string, double[]> State(CpuBackend backend, bool training, Func<Step, GateTable> gates)
    {
        using SharedNetwork network = Network(backend);
        var state = new Dictionary<string, double[]>();
        using (var step = new Step(backend))
        {
            IReadOnlyList<Tensor> outputs = Outputs(step, network, gates(step), training);
            for (int t = 0; t < Tasks; t++)
            {
                state[$"output {t}"] = outputs[t].ToDoubles();
            }

            step.Backward(outputs.Select((output, t) => step.Scale(step.Sum(step.Square(output)), t + 0.5)).Aggregate((a, b) => step.Add(a, b)));
        }

        foreach (Parameter parameter in network.Store.Parameters)
        {
            state[parameter.Name] = parameter.Group.IsBuffer ? parameter.Value.ToDoubles() : parameter.Gradient.ToDoubles();
        }

        foreach (Counter counter in network.Store.Counters)
        {
            state[counter.Name] = [counter.Value];
        }

        return state;
    }
}
