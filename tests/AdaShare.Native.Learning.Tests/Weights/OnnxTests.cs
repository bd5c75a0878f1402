using System.Reflection;
using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Checkpoints.Weights;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Weights;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Tensor = AdaShare.Native.Engine.Tensors.Tensor;

namespace AdaShare.Native.Learning.Tests.Weights;

/// <summary>
/// A real residual network, trained on ImageNet, from an ONNX model whose names say nothing, beside ONNX Runtime. Its package calls it ResNet-18; it comes from CNTK and has a ninth block, in the last stage.
/// </summary>
public sealed class OnnxTests
{
    private const int Side = 224;

    private static readonly string Model = Path.Combine(
        typeof(OnnxTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static data => data.Key == "ResNet18Package").Value!, "tools", "DnnImageModels", "ResNet18Onnx", "ResNet18.onnx");

    [Test]
    public void Its_initialisers_get_torchvisions_names()
    {
        using var file = WeightFile.Open(Model);
        Dictionary<string, WeightTensor> tensors = file.Tensors.ToDictionary(static tensor => tensor.Name);
        Assert.Multiple(() =>
        {
            Assert.That((file.Format, file.HasNamesFromGraph), Is.EqualTo(("ONNX", true)));
            Assert.That(tensors, Has.Count.EqualTo(110), "22 convolutions, each with a batch norm of four");
            Assert.That(tensors["conv1.weight"].Shape, Is.EqualTo(new long[] { 64, 3, 7, 7 }));
            Assert.That(tensors["layer2.0.downsample.0.weight"].Shape, Is.EqualTo(new long[] { 128, 64, 1, 1 }));
            Assert.That(tensors["layer4.2.conv2.weight"].Shape, Is.EqualTo(new long[] { 512, 512, 3, 3 }));
            Assert.That(tensors["layer4.2.bn2.running_var"].Read(), Has.Length.EqualTo(512).And.All.Positive);
            Assert.That(tensors.Keys, Has.None.Contains("layer1.0.downsample"));
        });
    }

    [Test]
    public void Which_images_it_was_trained_with_must_be_said()
    {
        using var backend = new CpuBackend();
        using SharedNetwork network = Network(backend);
        Assert.That(Assert.Throws<ConfigurationException>(() => StartingWeights.Of(Model, network.Store))!.Message, Does.Contain("init_input").And.Contain("torchvision").And.Contain("bgr"));
    }

    [Test]
    public void Its_ninth_block_is_not_dropped_without_a_word()
    {
        using var backend = new CpuBackend();
        using var network = new SharedNetwork(new NetworkSpec(BackboneSpec.Of("ResNet18"), [TaskSpec.Of("depth", 1, 1)], 8, 0), backend);
        Assert.That(Assert.Throws<DataException>(() => StartingWeights.Of(Model, network.Store, InputConvention.Bgr))!.Message, Does.Contain("has 2, 2, 2, 3 blocks in its stages, and the network 2, 2, 2, 2"));
    }

    [Test]
    public void Our_features_are_those_of_ONNX_Runtime()
    {
        float[] pixels = Pixels();
        float[] expected = Runtime(pixels);
        using var backend = new CpuBackend();
        using SharedNetwork network = Network(backend);
        using (StartingWeights weights = StartingWeights.Of(Model, network.Store, InputConvention.Bgr))
        {
            weights.Apply();
            Assert.That((weights.Record.Loaded, weights.Record.Missing.Count, weights.Record.Left.Count), Is.EqualTo((110, 0, 0)));
        }

        float[] found = Features(network, pixels);
        double scale = expected.Max(Math.Abs);
        Assert.That(scale, Is.GreaterThan(0.5), "features of a trained network");
        TestContext.Out.WriteLine($"largest feature {scale:0.00}, largest difference {found.Zip(expected, static (a, b) => Math.Abs(a - b)).Max():0.0e0}");
        Assert.That(found, Is.EqualTo(expected).Within(1e-4));
    }

    /// <summary>The model's network: strides to 1/32, no dilation. It pools without the last, half window that the Deeplab form keeps.</summary>
    private static SharedNetwork Network(CpuBackend backend)
    {
        var plain = new BackboneSpec("CNTK's ResNet-18", [2, 2, 2, 3], 64, [64, 128, 256, 512], [1, 2, 2, 2], [1, 1, 1, 1]);
        var network = new SharedNetwork(new NetworkSpec(plain, [TaskSpec.Of("depth", 1, 1)], 8, 0), backend);
        network.Store.Initialize(1);
        return network;
    }

    private static float[] Features(SharedNetwork network, float[] pixels)
    {
        using var step = new Step(network.Backend, recordGradients: false);

        // From channels first to channels last.
        var values = new float[pixels.Length];
        for (int i = 0; i < Side * Side; i++)
        {
            for (int c = 0; c < 3; c++)
            {
                values[(i * 3) + c] = pixels[(c * Side * Side) + i];
            }
        }

        Tensor images = step.FromHost<float>(new Shape(1, Side, Side, 3), values);
        Conv2dLayer stem = network.Backbone.Stem.Convolution(images.Shape).Layer;
        Tensor x = network.Backbone.Stem.Norms.Of(0).Forward(step, stem.Forward(step, images), training: false, relu: true);
        x = step.MaxPool2d(x, 3, 2, 1, ceilMode: false);
        x = network.Backbone.Stages.Forward(step, x, training: false);
        return step.GlobalAveragePool(x).ToArray<float>();
    }

    private static float[] Runtime(float[] pixels)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var session = new InferenceSession(Model, options);
        string input = session.InputMetadata.Keys.Single();
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> outputs = session.Run([NamedOnnxValue.CreateFromTensor(input, new DenseTensor<float>(pixels, [1, 3, Side, Side]))]);
        return [.. outputs[0].AsEnumerable<float>()];
    }

    /// <summary>An image of smooth colours with noise, B, G, R, mean subtracted, channels first.</summary>
    private static float[] Pixels()
    {
        var stream = RandomStream.For(11, "image");
        return [.. Enumerable.Range(0, 3 * Side * Side).Select(i =>
        {
            int channel = i / (Side * Side), row = i / Side % Side, column = i % Side;
            return (float)((80 * Math.Sin((row / 17.0) + channel)) + (40 * Math.Cos(column / 9.0 * (channel + 1))) + (10 * stream.Normal((ulong)i)));
        })];
    }
}
