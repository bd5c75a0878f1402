using AdaShare.Native.Campaigns.Fuzzing;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Checkpoints.Onnx;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Engine.Tests.Checkpoints.Onnx;

/// <summary>Small ONNX models, written by hand.</summary>
[TestFixture]
public sealed class OnnxFileTests
{
    private string _path = null!;

    [SetUp]
    public void SetUp() => _path = Path.Combine(Directory.CreateTempSubdirectory("onnx").FullName, "model.onnx");

    [TearDown]
    public void TearDown() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    [Test]
    public void Initialisers_under_torchvisions_names_stay_as_they_are()
    {
        Dictionary<string, WeightTensor> tensors = Read(OnnxBytes.Model([], [Tensor("conv1.weight", 1, 2, 3), OnnxBytes.Tensor("bn1.running_mean", [1, 2], [4, 5], isRaw: false)]), out bool fromGraph);
        Assert.That(fromGraph, Is.False);
        Assert.That(tensors["conv1.weight"].Read(), Is.EqualTo(new double[] { 1, 2, 3 }));
        Assert.That(tensors["bn1.running_mean"].Shape, Is.EqualTo(new long[] { 1, 2 }));
        Assert.That(tensors["bn1.running_mean"].Read(), Is.EqualTo(new double[] { 4, 5 }));
    }

    [Test]
    public void A_graph_gives_names_and_other_epsilons_and_biases_go_where_they_belong()
    {
        // A stem with a bias and an epsilon of 1e-3 behind it, a block with batch norms folded into its convolutions, one with a shortcut.
        byte[][] nodes =
        [
            OnnxBytes.Node("Conv", "image 1 2", "3"), OnnxBytes.Node("BatchNormalization", "3 4 5 6 7", "8", 1e-3f), OnnxBytes.Node("Relu", "8", "9"), OnnxBytes.Node("MaxPool", "9", "10"),
            OnnxBytes.Node("Conv", "10 w1 s1", "11"), OnnxBytes.Node("Relu", "11", "12"), OnnxBytes.Node("Conv", "12 w2 s2", "13"), OnnxBytes.Node("Add", "13 10", "14"), OnnxBytes.Node("Relu", "14", "15"),
            OnnxBytes.Node("Conv", "15 w3 s3", "16"), OnnxBytes.Node("Relu", "16", "17"), OnnxBytes.Node("Conv", "17 w4 s4", "18"), OnnxBytes.Node("Conv", "15 w5 s5", "19"), OnnxBytes.Node("Add", "19 18", "20"),
            OnnxBytes.Node("Gemm", "20 fc", "21"),
        ];
        string[] names = ["1", "2", "4", "5", "6", "7", "w1", "s1", "w2", "s2", "w3", "s3", "w4", "s4", "w5", "s5", "fc"];
        Dictionary<string, WeightTensor> tensors = Read(OnnxBytes.Model(nodes, names.Select(static (name, i) => Tensor(name, i + 1))), out bool fromGraph);
        Assert.Multiple(() =>
        {
            Assert.That(fromGraph);
            Assert.That(tensors["conv1.weight"].Read(), Is.EqualTo(new double[] { 1 }));
            Assert.That(tensors["bn1.weight"].Read(), Is.EqualTo(new double[] { 3 }));
            Assert.That(tensors["bn1.running_mean"].Read(), Is.EqualTo(new double[] { 5 - 2 }), "what the bias adds, the mean takes");
            Assert.That(tensors["bn1.running_var"].Read()[0], Is.EqualTo(6 + 1e-3 - 1e-5).Within(1e-9));
            Assert.That(tensors["layer1.0.conv1.weight"].Read(), Is.EqualTo(new double[] { 7 }));
            Assert.That(tensors["layer1.0.bn2.bias"].Read(), Is.EqualTo(new double[] { 10 }));
            Assert.That(tensors["layer1.0.bn2.running_var"].Read()[0] + 1e-5, Is.EqualTo(1).Within(1e-12), "a folded batch norm only adds");
            Assert.That(tensors["layer2.0.conv2.weight"].Read(), Is.EqualTo(new double[] { 13 }));
            Assert.That(tensors["layer2.0.downsample.0.weight"].Read(), Is.EqualTo(new double[] { 15 }));
            Assert.That(tensors["layer2.0.downsample.1.bias"].Read(), Is.EqualTo(new double[] { 16 }));
            Assert.That(tensors["fc"].Read(), Is.EqualTo(new double[] { 17 }));
            Assert.That(tensors, Has.Count.EqualTo((6 * 5) + 1));
        });
    }

    [Test]
    public void What_is_damaged_or_elsewhere_is_one_sentence()
    {
        byte[] external = [.. OnnxBytes.Number(1, 2), .. OnnxBytes.Number(2, 1), .. OnnxBytes.Text(8, "conv1.weight"), .. OnnxBytes.Number(14, 1)];
        byte[] whole = OnnxBytes.Model([], [Tensor("conv1.weight", 1, 2), Tensor("bn1.running_mean", 1)]);
        Assert.Multiple(() =>
        {
            Assert.That(Refusal(OnnxBytes.Model([], [external, Tensor("bn1.running_mean", 1)])), Does.Contain("lies in another file"));
            Assert.That(Refusal(OnnxBytes.Model([], [OnnxBytes.Tensor("conv1.weight", [3], [1], isRaw: true), Tensor("bn1.running_mean", 1)])), Does.Contain("has 1 elements"));
            Assert.That(Refusal(OnnxBytes.Model([], [OnnxBytes.Tensor("conv1.weight", [long.MaxValue, 4], [1], isRaw: true), Tensor("bn1.running_mean", 1)])), Does.Contain("has 1 elements"));
            Assert.That(Refusal(whole[..^3]), Does.Contain("bytes should follow"));
            Assert.That(Refusal([8, 7]), Does.Contain("no graph"));
            Assert.That(Refusal(OnnxBytes.Model([OnnxBytes.Node("Conv", "image weight", "a")], [Tensor("weight", 1)])), Does.Contain("neither a batch norm nor a bias"));
            Assert.That(Refusal(whole), Is.Null);
        });
    }

    [Test]
    public void Mutated_models_are_read_or_refused_in_a_sentence()
    {
        byte[][] nodes = [OnnxBytes.Node("Conv", "image 1 2", "3"), OnnxBytes.Node("Relu", "3", "4"), OnnxBytes.Node("Conv", "4 5 6", "7"), OnnxBytes.Node("Conv", "7 8 9", "10"), OnnxBytes.Node("Add", "10 4", "11")];
        byte[] model = OnnxBytes.Model(nodes, ((string[])["1", "2", "5", "6", "8", "9"]).Select(static name => Tensor(name, 1, 2, 3)));
        var random = new System.Random(2);
        int read = 0;
        for (int i = 0; i < 3000; i++)
        {
            byte[] changed = [.. model];
            for (int changes = 1 + random.Next(3); changes > 0; changes--)
            {
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            }

            read += Refusal(changed) is null ? 1 : 0;
        }

        Assert.That(read, Is.InRange(100, 2900));
    }

    private static byte[] Tensor(string name, params float[] values) => OnnxBytes.Tensor(name, [values.Length], values, isRaw: true);

    private Dictionary<string, WeightTensor> Read(byte[] model, out bool fromGraph)
    {
        File.WriteAllBytes(_path, model);
        return OnnxFile.Read(_path, out fromGraph).ToDictionary(static tensor => tensor.Name);
    }

    private string? Refusal(byte[] model)
    {
        File.WriteAllBytes(_path, model);
        try
        {
            foreach (WeightTensor tensor in OnnxFile.Read(_path, out _))
            {
                tensor.Read();
            }

            return null;
        }
        catch (DataException error)
        {
            Assert.That(error.Message, Does.StartWith(_path + ": ").And.Not.Contains("\n"));
            return error.Message;
        }
    }
}
