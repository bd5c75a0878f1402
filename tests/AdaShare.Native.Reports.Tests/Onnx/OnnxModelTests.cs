using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Execution;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Reports.Onnx;
using AdaShare.Native.Reports.Onnx.Graphs;
using AdaShare.Native.Tests;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Tensor = AdaShare.Native.Engine.Tensors.Tensor;

namespace AdaShare.Native.Reports.Tests.Onnx;

/// <summary>What stands in an exported file, and what is made for fixed sizes and other inputs.</summary>
[TestFixture]
public sealed class OnnxModelTests
{
    private const int HeadConvolutions = 4 * 3;

    private static readonly SmallNetwork Hard = new("hard_sharing");
    private static readonly SmallNetwork Ada = new("adashare") { Gates = BlockPolicy.Parse("seg:3,5;sn:1,3,6,7;depth:3", ["seg", "sn", "depth"], 8).ToGates() };

    // What ONNX itself says of a file: types, shapes, order, names.
    private const string Check = """
        import onnx, sys
        for path in sys.argv[1:]:
            model = onnx.load(path)
            onnx.checker.check_model(model, full_check=True)
            assert (model.ir_version, [(o.domain, o.version) for o in model.opset_import]) == (8, [('', 17)])
            print(model.producer_name, len(model.graph.node), [o.name for o in model.graph.output])
        """;

    [Test]
    public void Shared_parts_are_there_once_and_skipped_blocks_not_at_all()
    {
        using var backend = new CpuBackend();
        using TrainedNetwork network = Ada.Load(backend);
        var shared = (SharedNetwork)network.Model;
        ExecutionPlan plan = shared.Plan(network.Gates, training: false);
        int bodies = plan.Blocks.Sum(static block => block.BodyCount);
        int projections = plan.Blocks.Sum(block => shared.Backbone.Blocks[block.Index].Projection is null ? 0 : block.Streams.Count);
        OnnxModel model = Ada.Export(backend);
        string[] layers = [.. model.Graph.Nodes.Select(static node => node.Name)];
        Assert.Multiple(() =>
        {
            Assert.That(bodies, Is.LessThan(3 * 8 - 7), "tasks must have something in common for the test to say something");
            Assert.That(model.Operators["Conv"], Is.EqualTo(1 + (2 * bodies) + projections + (3 * HeadConvolutions)));
            Assert.That(layers, Has.None.StartsWith("backbone.blocks.1.1."), "every task skips block 3");
            Assert.That(layers, Has.Exactly(1).EqualTo("backbone.conv1").And.Exactly(1).EqualTo("backbone.blocks.1.0.conv1@seg+depth").And.Exactly(1).EqualTo("backbone.blocks.1.0.conv1@sn"));
            Assert.That(model.Operators.Keys, Has.None.EqualTo("BatchNormalization").And.None.EqualTo(OnnxOperators.ChannelMap));
            Assert.That(model.Operators.GetValueOrDefault("Mul"), Is.Zero, "batch norms are in the convolutions");
        });
    }

    [Test]
    public void Weights_that_streams_share_are_in_the_file_once()
    {
        using var backend = new CpuBackend();
        using TrainedNetwork network = Ada.Load(backend);
        using var file = new MemoryStream();
        Ada.Export(backend).Write(file);
        long used = 4 * network.Model.Store.ParameterCount;
        Assert.That(file.Length, Is.LessThan(used + 40_000), "weights once, and some room for names");
    }

    [Test]
    public void The_file_says_what_it_is()
    {
        using var backend = new CpuBackend();
        OnnxModel model = OnnxModel.Of(
            Ada.Load, backend, new OnnxDescription("adashare", "AdaShare", new Dictionary<string, IReadOnlyList<string>> { ["seg"] = ["wall", "Tür"] }, true) { Resize = (48, 64) }, new OnnxOptions { Batch = 2, Size = (48, 64) });
        using InferenceSession session = Runtime.Open(model);
        IReadOnlyDictionary<string, string> properties = session.ModelMetadata.CustomMetadataMap;
        Assert.Multiple(() =>
        {
            Assert.That((session.ModelMetadata.ProducerName, session.ModelMetadata.Description), Is.EqualTo(("AdaShare.Native", "AdaShare: seg, sn, depth")));
            Assert.That(properties["adashare.policy"], Is.EqualTo("""{"seg":"###.#.##","sn":"#.#.##..","depth":"###.####"}"""));
            Assert.That(properties["adashare.names.seg"], Is.EqualTo("""["wall","Tür"]"""));
            Assert.That(properties["adashare.tasks"], Is.EqualTo("""["seg","sn","depth"]"""));
            Assert.That((properties["adashare.resize"], properties["adashare.kind.sn"], properties["adashare.normals"]), Is.EqualTo(("48x64", "sn", "decoded")));
            Assert.That(properties["adashare.input"], Is.EqualTo("RGB, 0 to 255"));
            Assert.That((properties["adashare.order"], properties["adashare.deviation"]), Is.EqualTo(("BGR", "1 1 1")));
            Assert.That(session.InputMetadata["image"].Dimensions, Is.EqualTo(new[] { 2, 3, 48, 64 }));
            Assert.That(session.OutputMetadata["sn"].Dimensions, Is.EqualTo(new[] { 2, 3, 7, 9 }));
        });
    }

    [Test]
    public void Free_sizes_have_names()
    {
        using var backend = new CpuBackend();
        using InferenceSession session = Runtime.Open(Hard.Export(backend));
        Assert.That(session.InputMetadata["image"].SymbolicDimensions, Is.EqualTo(new[] { "batch", "", "height", "width" }));
        Assert.That(session.OutputMetadata["seg"].SymbolicDimensions, Is.EqualTo(new[] { "batch", "", "seg_height", "seg_width" }));
    }

    [Test]
    public void A_fixed_size_is_the_only_one()
    {
        using var backend = new CpuBackend();
        using InferenceSession session = Runtime.Open(Hard.Export(backend, new OnnxOptions { Batch = 2, Size = (50, 67) }));
        using TrainedNetwork network = Hard.Load(backend);
        DenseTensor<float> images = Runtime.Images(2, 50, 67);
        Runtime.RequireEqual(Runtime.Run(session, images)["sn"].Values, Runtime.Ours(network, Runtime.AsInput(images), 2, 50, 67)[1].Values, "sn");
        Assert.That(() => Runtime.Run(session, Runtime.Images(1, 50, 67)), Throws.TypeOf<OnnxRuntimeException>());
    }

    [Test]
    public void The_networks_own_input_is_taken_on_request()
    {
        using var backend = new CpuBackend();
        using InferenceSession session = Runtime.Open(Hard.Export(backend, new OnnxOptions { Input = OnnxInput.Network }));
        using TrainedNetwork network = Hard.Load(backend);
        DenseTensor<float> images = Runtime.Images(1, 40, 56);
        float[] input = Runtime.AsInput(images);
        using var step = new Step(backend, recordGradients: false);
        var moved = new DenseTensor<float>(Runtime.ChannelsFirst(step.FromHost<float>(new Shape(1, 40, 56, 3), input)).Values, [1, 3, 40, 56]);
        Runtime.RequireEqual(Runtime.Run(session, moved)["seg"].Values, Runtime.Ours(network, input, 1, 40, 56)[0].Values, "seg");
    }

    [TestCase(48, 64)]
    [TestCase(51, 77)]
    public void Outputs_of_pixels_are_brought_to_the_images_size_on_request(int height, int width)
    {
        using var backend = new CpuBackend();
        var small = new SmallNetwork("hard_sharing") { Tasks = [("seg", "seg", 7), ("breed", "class", 5)] };
        using InferenceSession session = Runtime.Open(small.Export(backend, new OnnxOptions { EnlargesOutputs = true }));
        using TrainedNetwork network = small.Load(backend);
        DenseTensor<float> images = Runtime.Images(2, height, width);
        using var step = new Step(backend, recordGradients: false);
        var group = new InputGroup(step.FromHost<float>(new Shape(2, height, width, 3), Runtime.AsInput(images)), [0, 1]);
        IReadOnlyList<Tensor> ours = network.Model.Forward(step, group, ForwardContext.Evaluation(network.Gates));
        Dictionary<string, (float[] Values, int[] Shape)> theirs = Runtime.Run(session, images);
        Assert.That(theirs["seg"].Shape, Is.EqualTo(new[] { 2, 7, height, width }));
        Assert.That(theirs["breed"].Shape, Is.EqualTo(new[] { 2, 5 }));
        Runtime.RequireEqual(theirs["seg"].Values, Runtime.ChannelsFirst(step.ResizeBilinear(ours[0], height, width)).Values, "seg");
        Runtime.RequireEqual(theirs["breed"].Values, Runtime.ChannelsFirst(ours[1]).Values, "breed");
    }

    [Test]
    public void A_task_may_be_called_as_the_input_is()
    {
        using var backend = new CpuBackend();
        var small = new SmallNetwork("hard_sharing") { Tasks = [("image", "class", 5)] };
        using InferenceSession session = Runtime.Open(small.Export(backend));
        Assert.That((session.InputNames[0], session.OutputNames[0]), Is.EqualTo(("image.2", "image")));
    }

    [Test]
    public void ONNX_itself_finds_nothing_wrong()
    {
        DebianPython.Require("onnx", "python3-onnx");
        string folder = Directory.CreateTempSubdirectory("adashare-onnx-").FullName;
        try
        {
            using var backend = new CpuBackend();
            SmallNetwork[] networks = [Ada, Ada with { Gates = GateTable.Shared, Change = static config => config.Model.BatchNorm = "per_task" }, new("sluice"), new("mtan"), new("cross_stitch")];
            var files = new List<string>();
            foreach (OnnxOptions options in (OnnxOptions[])[new(), new() { Size = (50, 67), Batch = 2 }, new() { EnlargesOutputs = true }, new() { EnlargesOutputs = true, Size = (64, 64), Input = OnnxInput.Network }])
            {
                foreach (SmallNetwork network in networks)
                {
                    files.Add(Path.Combine(folder, $"{files.Count}.onnx"));
                    network.Export(backend, options).Save(files[^1], overwrite: false);
                }
            }

            string[] lines = DebianPython.Run(Check, folder, [.. files]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.That(lines, Has.Length.EqualTo(files.Count).And.All.StartsWith("AdaShare.Native ").And.All.EndsWith("['seg', 'sn', 'depth']"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void A_file_is_replaced_only_on_request()
    {
        string path = Path.Combine(Path.GetTempPath(), $"adashare-{Guid.NewGuid():N}.onnx");
        using var backend = new CpuBackend();
        OnnxModel model = Hard.Export(backend);
        try
        {
            File.WriteAllText(path, "somebody else's");
            Assert.That(() => model.Save(path, overwrite: false), Throws.TypeOf<DataException>().With.Message.Contains(path));
            Assert.That(File.ReadAllText(path), Is.EqualTo("somebody else's"));
            model.Save(path, overwrite: true);
            using var session = new InferenceSession(path);
            Assert.That(session.OutputNames, Is.EqualTo(new[] { "seg", "sn", "depth" }));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Test]
    public void More_than_a_file_may_have_is_refused()
    {
        using var backend = new CpuBackend();
        var head = new ModelHead("p", "1", "r", [], null, false);
        using var file = new MemoryStream();
        ModelWriter.Write(file, Hard.Export(backend).Graph, head);
        Assert.That(() => ModelWriter.Write(Stream.Null, Hard.Export(backend).Graph, head, limit: file.Length - 10), Throws.TypeOf<DataException>().With.Message.Contains("model.width"));
    }

    [Test]
    public void The_export_leaves_nothing_behind()
    {
        using var backend = new CpuBackend();
        Ada.Export(backend);
        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }
}
