using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;

namespace AdaShare.Native.Methods.Tests.Runs;

/// <summary>Gradients through networks that are joined, or not, in double precision, and with activations in bfloat16.</summary>
public sealed class GradientTests
{
    // Relative to the largest weight: small enough that ReLU and pooling keep their choices, large enough for the rounding of sums.
    private const double RelativeDistance = 1e-7;

    // What every method is asked for that has a backbone a task.
    private static readonly string[] Parallel =
    [
        "seg.backbone.conv1.weight", "sn.backbone.bn1.bias", "sn.backbone.blocks.0.0.conv1.weight", "seg.backbone.ds.1.0.weight", "seg.backbone.blocks.3.1.conv2.weight",
        "sn.backbone.blocks.3.1.bn2.weight", "seg.head_c0.conv1.weight", "sn.head_c3.conv3.bias",
    ];

    // The same of methods that have one backbone.
    private static readonly string[] Attention =
    [
        "backbone.conv1.weight", "backbone.bn1.bias", "backbone.blocks.0.0.conv1.weight", "backbone.ds.1.0.weight", "backbone.blocks.3.1.conv2.weight", "backbone.blocks.3.1.bn2.weight",
        "seg.head_c0.conv1.weight", "sn.head_c3.conv3.bias",
    ];

    // The same of branches that belong to no task.
    private static readonly string[] Branches =
        [.. Parallel.Select(static name => name.Replace("seg.backbone", "branches.0", StringComparison.Ordinal).Replace("sn.backbone", "branches.1", StringComparison.Ordinal))];

    // The same where tasks share filters alone.
    private static readonly string[] TaskNorms =
    [
        "backbone.conv1.weight", "backbone.task1_bn1.bias", "backbone.blocks.0.0.conv1.weight", "backbone.ds.1.0.weight", "backbone.task0_ds.1.1.weight", "backbone.blocks.1.0.task1_bn1.weight",
        "backbone.blocks.3.1.conv2.weight", "backbone.blocks.3.1.task0_bn2.weight", "task1_fc1_c0.conv1.weight", "task2_fc1_c3.conv3.bias",
    ];

    /// <summary>Methods, and parameters whose gradients are checked: one of each kind that a method has, and one that gradients reach last.</summary>
    public static IEnumerable<TestCaseData> Cases { get; } =
    [
        Case(new("single_task"), Parallel),
        Case(new("cross_stitch"), [.. Parallel, "cross_stitch.0.seg.sn", "cross_stitch.1.sn.seg", "cross_stitch.3.sn.sn"]),
        Case(MethodCase.All.Single(static c => c.Label == "scalar"), [.. Parallel, "cross_stitch.0.seg.sn", "cross_stitch.2.seg.seg", "cross_stitch.3.sn.seg"]),
        Case(new("nddr"), [.. Parallel, "nddr.0.seg.conv.weight", "nddr.2.sn.conv.weight", "nddr.1.sn.bn.weight", "nddr.3.seg.bn.bias", "nddr.4.seg.conv.weight"]),
        Case(new("sluice"), [.. Parallel, "sluice.0.alpha", "sluice.3.alpha"]),
        Case(MethodCase.All.Single(static c => c.Label == "balanced with beta"), [.. Parallel, "sluice.1.alpha", "sluice.sn.projection.0.0.weight", "sluice.seg.projection.2.1.bias", "sluice.3.alpha", "sluice.seg.beta"]),
        Case(MethodCase.All.Single(static c => c.Label == "one subspace"), [.. Parallel, "sluice.0.alpha", "sluice.3.alpha"]),
        Case(new("mtan"), [.. Attention, "sn.attention.1.0.refine.weight", "seg.attention.0.0.conv2.weight", "seg.attention.1.0.conv1.weight", "seg.attention.3.1.refine_bn.weight"]),
        Case(new("mtan_stage"), [.. Attention, "refinement.0.conv2.weight", "refinement.1.ds.0.weight", "refinement.2.bn3.weight", "seg.attention.0.conv1.weight", "seg.attention.3.bn2.bias"]),
        Case(new("ltb"), Branches),
        Case(MethodCase.All.Single(static c => c.Label == "norms per task"), TaskNorms),
        Case(MethodCase.All.Single(static c => c.Label == "soft"), [.. Branches, "branches.logits"]),
    ];

    [TestCaseSource(nameof(Cases))]
    public void GradientsAreThoseOfCentralDifferences(MethodCase method, string[] names)
    {
        using var backend = new CpuBackend();
        using IModel model = Build(backend, DType.Float64, method);
        double[][] gradients = Gradients(backend, model, DType.Float64, names);
        for (int i = 0; i < names.Length; i++)
        {
            Parameter parameter = model.Store[names[i]];
            double[] start = parameter.Value.ToDoubles(), gradient = gradients[i];
            double[] direction = SmallRun.Normal(parameter.Count, (ulong)i);
            double length = RelativeDistance * (start.Any(static x => x != 0) ? start.Max(Math.Abs) : 1);
            double numeric = (At(length) - At(-length)) / (2 * length);
            double analytic = direction.Zip(gradient, static (d, g) => d * g).Sum();
            Assert.That(analytic, Is.EqualTo(numeric).Within(1e-5 * Math.Max(1e-2, Math.Abs(numeric))), names[i]);
            Assert.That(gradient, Has.Some.Not.Zero, names[i]);
            parameter.Value.CopyFromDoubles(start);

            double At(double distance)
            {
                parameter.Value.CopyFromDoubles([.. start.Zip(direction, (x, d) => x + (distance * d))]);
                using var step = new Step(backend, recordGradients: false);
                return Loss(step, model, DType.Float64).Item();
            }
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void ActivationsInBfloat16GiveNearlyTheSameGradients(MethodCase method, string[] names)
    {
        using var backend = new ReferenceBackend();
        using IModel single = Build(backend, DType.Float32, method), rounded = Build(backend, DType.Float32, method, "bfloat16");

        // Far from the heads, rounding has turned gradients through so many batch norms that nothing can be told from them.
        names = [names[^1], single.WeightGroups[0].Parameters.Parameters[^2].Name];
        double[][] expected = Gradients(backend, single, DType.Float32, names), found = Gradients(backend, rounded, DType.Float32, names);
        for (int i = 0; i < names.Length; i++)
        {
            // Through batch norms over few values, rounding to 8 bits turns the gradient a little; another op would turn it anywhere.
            double along = expected[i].Zip(found[i], static (a, b) => a * b).Sum() / Math.Sqrt(expected[i].Sum(static a => a * a) * found[i].Sum(static b => b * b));
            Assert.That(along, Is.GreaterThan(0.9), names[i]);
        }
    }

    private static TestCaseData Case(MethodCase method, string[] names) => new TestCaseData(method, names).SetArgDisplayNames(method.ToString());

    private static IModel Build(Backend backend, DType type, MethodCase method, string numerics = "fast")
    {
        RunConfig config = method.Config();
        (config.Model.Dropout, config.Numerics) = (0, numerics);
        IModel model = MethodRegistry.Get(method.Method).Build(config, backend, type);
        model.Store.Initialize(88);
        return model;
    }

    private static double[][] Gradients(Backend backend, IModel model, DType type, string[] names)
    {
        foreach (WeightGroup group in model.WeightGroups)
        {
            group.Parameters.ClearGradients();
        }

        using var step = new Step(backend);
        step.Backward(Loss(step, model, type));
        return [.. names.Select(name => model.Store[name].Gradient.ToDoubles())];
    }

    /// <summary>A loss that depends on every output with a weight of its own.</summary>
    private static Tensor Loss(Step step, IModel model, DType type)
    {
        Shape shape = SmallRun.Images(2, 24);
        Tensor images = step.FromDoubles(shape, type, [.. SmallRun.Normal(shape.Count, 7).Select(static x => 50 * x)]);
        IReadOnlyList<Tensor> outputs = model.Forward(step, new InputGroup(images, [0, 1]), new ForwardContext(GateTable.Shared, Training: true, Seed: 88));
        Tensor? sum = null;
        for (int t = 0; t < outputs.Count; t++)
        {
            Tensor weights = step.FromDoubles(outputs[t].Shape, type, SmallRun.Normal(outputs[t].Count, (ulong)(20 + t)));
            Tensor loss = step.Sum(step.Multiply(outputs[t], weights));
            sum = sum is null ? loss : step.Add(sum, loss);
        }

        return step.Keep(sum!);
    }
}
