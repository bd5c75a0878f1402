using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Methods;
using AdaShare.Native.Methods.CrossStitch;
using AdaShare.Native.Methods.Routing;
using AdaShare.Native.Methods.Sluice;
using AdaShare.Native.Reports.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace AdaShare.Native.Reports.Tests.Onnx;

/// <summary>Networks of every method and with every head, as ONNX Runtime computes them and as they compute themselves.</summary>
[TestFixture]
public sealed class MethodExportTests
{
    private const int Blocks = 8;

    // Tasks part at different blocks, skip different ones, and one of them has a block for itself.
    private static readonly GateTable Policy = BlockPolicy.Parse("seg:3,5;sn:1,3,6,7;depth:3", ["seg", "sn", "depth"], Blocks).ToGates();

    private static readonly GateTable Mixed = GateTable.PerTask(
    [
        [.. Enumerable.Range(0, Blocks).Select(static b => Gate.Constant(1 - (0.1 * b)))],
        [.. Enumerable.Range(0, Blocks).Select(static b => b % 3 == 0 ? Gate.Off : Gate.Constant(0.5))],
        [.. Enumerable.Range(0, Blocks).Select(static b => b < 4 ? Gate.On : Gate.Constant(1 - (0.1 * b)))],
    ]);

    private static readonly IReadOnlyList<(string, string, int)> OfImages = [("breed", "class", 5), ("worn", "attributes", 4), ("angle", "values", 2), ("seg", "seg", 7), ("edge", "edge", 1), ("keypoint", "keypoint", 1)];

    private static IEnumerable<SmallNetwork> Exported =>
    [
        new("adashare", "under a policy") { Gates = Policy },
        new("adashare", "under a policy, norms per task") { Gates = Policy, Change = static config => config.Model.BatchNorm = ModelConfig.PerTask },
        new("adashare", "under a policy, bottlenecks") { Gates = BlockPolicy.Parse("seg:3,5;sn:1,3,6,15;depth:3", ["seg", "sn", "depth"], 16).ToGates(), Change = static config => config.Backbone = "ResNet50" },
        new("adashare", "mixed") { Gates = Mixed },
        new("single_task"),
        new("hard_sharing"),
        new("hard_sharing", "norms per task") { Change = static config => config.Model.BatchNorm = ModelConfig.PerTask },
        new("hard_sharing", "every kind of head") { Tasks = OfImages },
        new("fixed_policy") { Gates = Policy },
        new("random_policy") { Gates = Policy },
        new("stochastic_depth", "mixed for all tasks alike") { Gates = GateTable.Common([.. Enumerable.Range(0, Blocks).Select(static b => Gate.Constant(1 - (0.05 * b)))]) },
        new("cross_stitch"),
        new("cross_stitch", "scalar") { Change = static config => config.Options<CrossStitchOptions>().Units = "scalar" },
        new("nddr"),
        new("adashare_rl") { Gates = Policy },
        new("sluice"),
        new("sluice", "with beta") { Change = static config => (config.Options<SluiceOptions>().Init, config.Options<SluiceOptions>().Beta) = (SluiceOptions.Balanced, SluiceOptions.Imbalanced) },
        new("mtan"),
        new("mtan_stage"),
        new("ltb"),
        new("routing") { Gates = GateTable.Decided },
    ];

    // Networks that look at an image before they decide what is computed for it.
    private static IEnumerable<SmallNetwork> Refused =>
    [
        new("adashare_instance") { Gates = GateTable.Decided },
        new("blockdrop") { Gates = GateTable.Decided },
        new("spottune") { Gates = GateTable.Decided },
        new("den") { Gates = GateTable.Decided },
        new("routing", "agents that look") { Gates = GateTable.Decided, Change = static config => config.Options<RoutingOptions>().Agent = "mlp" },
    ];

    [Test]
    public void Every_method_is_here() =>
        Assert.That(Exported.Concat(Refused).Select(static network => network.Method).Distinct(), Is.EquivalentTo(MethodRegistry.Names));

    [TestCaseSource(nameof(Exported))]
    public void ONNX_Runtime_says_what_the_network_says(SmallNetwork small)
    {
        ArgumentNullException.ThrowIfNull(small);
        using var backend = new CpuBackend();
        OnnxModel model = small.Export(backend);
        using InferenceSession session = Runtime.Open(model);
        using TrainedNetwork network = small.Load(backend);
        Assert.That(model.Outputs, Is.EqualTo(small.Tasks.Select(static task => task.Name)));

        // Any number of images of any size, odd ones among them.
        foreach ((int count, int height, int width) in ((int, int, int)[])[(1, 64, 96), (3, 65, 91), (2, 71, 32)])
        {
            DenseTensor<float> images = Runtime.Images(count, height, width);
            Dictionary<string, (float[] Values, int[] Shape)> theirs = Runtime.Run(session, images);
            foreach (((float[] values, int[] shape), (string name, string kind, _)) in Runtime.Ours(network, Runtime.AsInput(images), count, height, width).Zip(small.Tasks))
            {
                Assert.That(theirs[name].Shape, Is.EqualTo(kind is "class" or "attributes" or "values" ? shape[..2] : shape), name);
                Runtime.RequireEqual(theirs[name].Values, values, $"{name}, {count} of {height}x{width}");
            }
        }
    }

    [TestCaseSource(nameof(Refused))]
    public void A_network_that_decides_by_the_image_is_refused_in_a_sentence(SmallNetwork small)
    {
        ArgumentNullException.ThrowIfNull(small);
        using var backend = new CpuBackend();
        Assert.That(
            Assert.Throws<DataException>(() => small.Export(backend))!.Message,
            Is.EqualTo($"{MethodRegistry.Get(small.Method).Title}: its network is not one graph for all images, since it decides by what it sees in an image what it computes for that image; export a run whose network computes the same for every image"));
        Assert.That(backend.Memory.LiveBuffers, Is.Zero, "a refusal leaves nothing behind");
    }
}
