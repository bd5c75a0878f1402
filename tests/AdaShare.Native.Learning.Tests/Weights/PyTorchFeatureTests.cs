using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Execution;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Weights;
using AdaShare.Native.Tests;

namespace AdaShare.Native.Learning.Tests.Weights;

/// <summary>A network with torchvision's names that PyTorch makes, computes on torchvision's images, and saves or exports: our backbone computes the same on ours.</summary>
public sealed class PyTorchFeatureTests
{
    private const int Height = 72;
    private const int Width = 88;

    // A ResNet-18 of width 1/8 in the Deeplab form, with statistics of its own: it reads pixels of 0 to 255, R, G, B, and prepares them as torchvision does.
    private const string Program = """
        import sys, numpy as np, torch
        from torch import nn
        torch.manual_seed(3)
        class Block(nn.Module):
            def __init__(self, inputs, outputs, stride, dilation):
                super().__init__()
                self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, dilation, dilation, bias=False)
                self.bn1 = nn.BatchNorm2d(outputs)
                self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, dilation, dilation, bias=False)
                self.bn2 = nn.BatchNorm2d(outputs)
                if inputs != outputs:
                    self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
                self.relu = nn.ReLU()
            def forward(self, x):
                y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
                return self.relu(y + (self.downsample(x) if hasattr(self, 'downsample') else x))
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv1 = nn.Conv2d(3, 8, 7, 2, 3, bias=False)
                self.bn1 = nn.BatchNorm2d(8)
                self.relu = nn.ReLU()
                self.maxpool = nn.MaxPool2d(3, 2, 1, ceil_mode=True)
                self.layer1 = nn.Sequential(Block(8, 8, 1, 1), Block(8, 8, 1, 1))
                self.layer2 = nn.Sequential(Block(8, 16, 2, 1), Block(16, 16, 1, 1))
                self.layer3 = nn.Sequential(Block(16, 32, 1, 2), Block(32, 32, 1, 2))
                self.layer4 = nn.Sequential(Block(32, 64, 1, 4), Block(64, 64, 1, 4))
            def forward(self, x):
                x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
                return self.layer4(self.layer3(self.layer2(self.layer1(x))))
        net = Net()
        pixels = torch.from_numpy(np.fromfile('pixels.raw', dtype=np.float32)).reshape(1, 3, int(sys.argv[1]), int(sys.argv[2]))
        x = (pixels / 255 - torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1)) / torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1)
        with torch.no_grad():
            for name, value in net.named_parameters():
                if 'bn' in name or 'downsample.1' in name:
                    value.copy_(1 + 0.2 * torch.randn_like(value) if name.endswith('weight') else 0.1 * torch.randn_like(value))
            net.train()
            for step in range(30):
                net(x)
            net.eval()
            net(x).numpy().tofile('features.raw')
        torch.save(net.state_dict(), 'net.pth')
        torch.save(net.state_dict(), 'older.pth', _use_new_zipfile_serialization=False)
        torch.onnx.export(net, x, 'folded.onnx', opset_version=13)
        torch.onnx.export(net, x, 'named.onnx', opset_version=13, do_constant_folding=False, training=torch.onnx.TrainingMode.PRESERVE, keep_initializers_as_inputs=False)
        ours = (torch.tensor([122.67891434, 116.66876762, 104.00698793]) / 255 - torch.tensor([0.485, 0.456, 0.406])) / torch.tensor([0.229, 0.224, 0.225])
        net.conv1.padding = (0, 0)
        with torch.no_grad():
            net(torch.cat([nn.functional.pad(x[:, c:c + 1], (3, 3, 3, 3), value=float(ours[c])) for c in range(3)], 1)).numpy().tofile('padded.raw')
        """;

    private string _folder = null!;
    private float[] _pixels = null!;
    private float[] _features = null!;
    private float[] _padded = null!;

    [OneTimeSetUp]
    public void Compute()
    {
        DebianPython.RequireTorch();
        _folder = Directory.CreateTempSubdirectory("features").FullName;
        _pixels = [.. Enumerable.Range(0, 3 * Height * Width).Select(static i => (float)Math.Floor(128 + (70 * Math.Sin((i / Width / 7.0) + (i / (Height * Width)))) + (50 * Math.Cos(i % Width / 5.0))))];
        File.WriteAllBytes(Path.Combine(_folder, "pixels.raw"), [.. _pixels.SelectMany(BitConverter.GetBytes)]);
        DebianPython.Run(Program, _folder, $"{Height}", $"{Width}");
        (_features, _padded) = (Numbers("features.raw"), Numbers("padded.raw"));
    }

    [OneTimeTearDown]
    public void Remove()
    {
        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [TestCase("net.pth", null)]
    [TestCase("older.pth", null)]
    [TestCase("folded.onnx", InputConvention.Torchvision)]
    [TestCase("named.onnx", null)]
    public void Features_are_PyTorchs(string file, InputConvention? input)
    {
        using var backend = new CpuBackend();
        using var network = new SharedNetwork(new NetworkSpec(BackboneSpec.Of("ResNet18", 0.125), [TaskSpec.Of("depth", 1, 1)], 8, 0), backend);
        network.Store.Initialize(1);
        using (StartingWeights weights = StartingWeights.Of(Path.Combine(_folder, file), network.Store, input))
        {
            weights.Apply();
            Assert.That(weights.Record.Missing, Is.Empty);
        }

        // Zeros at the border stand for two colours that differ by 1 of 255, which dilated filters carry to every place. Where PyTorch pads with our colour there is no difference.
        float[] found = Features(network);
        double scale = _features.Max(Math.Abs), difference = found.Zip(_features, static (a, b) => Math.Abs(a - b)).Max();
        TestContext.Out.WriteLine($"largest feature {scale:0.00}, largest difference {difference:0.0e0}, {found.Zip(_padded, static (a, b) => Math.Abs(a - b)).Max():0.0e0} where both pad alike");
        Assert.That(difference, Is.LessThan(0.02 * scale));
        Assert.That(found, Is.EqualTo(_padded).Within(1e-4));
    }

    [Test]
    public void Features_of_torchvisions_input_are_PyTorchs_to_the_border()
    {
        using var backend = new CpuBackend();
        var torchvision = new ImageInput(new(123.675f, 116.28f, 103.53f), new(58.395f, 57.12f, 57.375f), ChannelOrder.Rgb);
        using var network = new SharedNetwork(new NetworkSpec(BackboneSpec.Of("ResNet18", 0.125), [TaskSpec.Of("depth", 1, 1)], 8, 0) { Input = torchvision }, backend);
        network.Store.Initialize(1);
        using (StartingWeights weights = StartingWeights.Of(Path.Combine(_folder, "net.pth"), network.Store, target: network.Input))
        {
            weights.Apply();
        }

        Assert.That(Features(network), Is.EqualTo(_features).Within(1e-4));
    }

    private float[] Numbers(string file)
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(_folder, file));
        return [.. Enumerable.Range(0, bytes.Length / sizeof(float)).Select(i => BitConverter.ToSingle(bytes, i * sizeof(float)))];
    }

    private float[] Features(SharedNetwork network)
    {
        using var step = new Step(network.Backend, recordGradients: false);
        var values = new float[_pixels.Length];
        for (int i = 0; i < Height * Width; i++)
        {
            for (int c = 0; c < 3; c++)
            {
                int colour = network.Input.Order == ChannelOrder.Rgb ? c : 2 - c;
                values[(i * 3) + c] = (_pixels[(colour * Height * Width) + i] - network.Input.Mean[c]) / network.Input.Deviation[c];
            }
        }

        Tensor images = step.FromHost<float>(new Shape(1, Height, Width, 3), values);
        using TaskFeatures features = network.Backbone.Forward(step, images, network.Plan(GateTable.Shared, training: false), GateTable.Shared);
        Tensor last = features.Of(0);
        float[] found = last.ToArray<float>();
        (int rows, int columns, int channels) = (last.Shape[1], last.Shape[2], last.Shape[3]);
        return [.. Enumerable.Range(0, found.Length).Select(i => found[(i % (rows * columns) * channels) + (i / (rows * columns))])];
    }
}
