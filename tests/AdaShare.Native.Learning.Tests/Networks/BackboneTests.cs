using System.Globalization;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Learning.Tests.Networks;

/// <summary>The backbones' sizes: what is published of torchvision's, and what follows from strides and dilations.</summary>
public sealed class BackboneTests
{
    private static readonly Shape Published = new(1, 224, 224, 3), PublishedText = new(1, 1, 1024, 1);

    private static IReadOnlyList<string> Names => BackboneRegistry.Names;

    // torchvision publishes parameters, and multiply-adds at 224x224 in thousand millions with two decimals, with the last layer: a thousand outputs of 512 or 2048 channels.
    [TestCase("PlainResNet18", 512, 11689512, 1.81)]
    [TestCase("PlainResNet34", 512, 21797672, 3.66)]
    [TestCase("PlainResNet50", 2048, 25557032, 4.09)]
    [TestCase("PlainResNet101", 2048, 44549160, 7.80)]
    [TestCase("PlainWideResNet50_2", 2048, 68883240, 11.40)]
    public void PlainNetworksAreTorchvisions(string name, int channels, long parameters, double giga)
    {
        (Backbone backbone, ParameterGroup weights) = Declare(BackboneSpec.Of(name));
        const int Outputs = 1000;
        Assert.That(backbone.Spec.FeatureChannels, Is.EqualTo(channels));
        Assert.That(weights.Parameters.Sum(static p => p.Count) + (Outputs * (channels + 1)), Is.EqualTo(parameters));
        Assert.That(Math.Round((backbone.MultiplyAdds(Published) + (Outputs * channels)) / 1e9, 2), Is.EqualTo(giga));
        Assert.That(backbone.FeatureShape(Published), Is.EqualTo(new Shape(1, 7, 7, channels)));
    }

    [TestCase("ResNet18", 9856548864)]
    [TestCase("ResNet34", 18528804864)]
    [TestCase("ResNet50", 20427472896)]
    [TestCase("ResNet101", 36355932160)]
    public void DilatedNetworksHaveTheWeightsOfPlainOnesAtAnEighthOfTheSize(string name, long multiplyAdds)
    {
        (Backbone dilated, ParameterGroup weights) = Declare(BackboneSpec.Of(name));
        (_, ParameterGroup plain) = Declare(BackboneSpec.Of("Plain" + name));
        Assert.That(weights.Parameters.Select(static p => (p.Name, p.Shape)), Is.EqualTo(plain.Parameters.Select(static p => (p.Name, p.Shape))), "so that weights of one fit the other");
        Assert.That(dilated.MultiplyAdds(Published), Is.EqualTo(multiplyAdds).And.EqualTo(ByHand(dilated.Spec)));
        Assert.That((dilated.FeatureShape(Published)[1], dilated.Spec.OutputStride), Is.EqualTo((29, 8)));
    }

    // With padding 1 the last of the three windows' rows lies inside or begins in the padding: floor pooling has ceil(n / 2) rows, ceil pooling floor(n / 2) + 1.
    [TestCase("PlainResNet18", 65, 97, 3, 4)]
    [TestCase("PlainResNet50", 321, 321, 11, 11)]
    [TestCase("PlainResNet34", 16, 16, 1, 1)]
    [TestCase("ResNet50", 321, 321, 41, 41)]
    [TestCase("ResNet101", 480, 640, 61, 81)]
    public void FeaturesHaveTheirSizes(string name, int height, int width, int rows, int columns)
    {
        Shape shape = Declare(BackboneSpec.Of(name, 0.125)).Backbone.FeatureShape(new Shape(2, height, width, 3));
        Assert.That((shape[1], shape[2]), Is.EqualTo((rows, columns)));
    }

    [TestCaseSource(nameof(Names))]
    public void AGateForEachResidualBlock(string name)
    {
        (Backbone backbone, _) = Declare(BackboneSpec.Of(name, 0.125));
        Assert.That(backbone.Blocks, Has.Count.EqualTo(backbone.Spec.BlockCount));
        Assert.That(backbone.Blocks.Select(static b => b.Body.Norms.Count()), Is.All.EqualTo(backbone.Spec.Block.Convolutions()));
        BackboneSpec spec = backbone.Spec;
        Assert.That(backbone.Blocks.Count(static b => b.Projection is not null), Is.EqualTo(spec.Blocks.Count - 1 + (spec.StemChannels == spec.Channels[0] ? 0 : 1)), "where a stage strides, or widens what the stem gives");
    }

    // Published with 36,479,194 parameters for CIFAR-10: the last layer has 640 x 10 + 10. Batch norms before the convolutions have 8,976 channels there, behind them and in the projections 10,096 here.
    [Test]
    public void WideNetworksAreZagoruykosButForTheOrderInABlock()
    {
        (Backbone backbone, ParameterGroup weights) = Declare(BackboneSpec.Of("WideResNet28_10"));
        Assert.That(weights.Parameters.Sum(static p => p.Count) + 6410 - (2 * (10096 - 8976)), Is.EqualTo(36479194));
        Assert.That(backbone.FeatureShape(new Shape(1, 32, 32, 3)), Is.EqualTo(new Shape(1, 8, 8, 640)));
        Assert.That((BackboneSpec.Of("WideResNet34_2").BlockCount, string.Join(' ', BackboneSpec.Of("WideResNet34_2").Channels)), Is.EqualTo((15, "32 64 128")));
        var store = new ParameterStore();
        _ = new PolicyNetwork(new NetworkBuilder(store), BackboneSpec.Of("WideResNet28_10"), 2);
        Assert.That(store.Parameters.Where(static p => !p.Group.IsBuffer).Sum(static p => p.Count), Is.EqualTo(1208352 + (2 * 257)), "what decides is as small as beside a ResNet");
    }

    // The embedding, then as many layers of convolutions as the name says; each stage halves the text.
    [TestCase("VDCNN9", 4)]
    [TestCase("VDCNN17", 8)]
    [TestCase("VDCNN29", 14)]
    [TestCase("VDCNN49", 24)]
    public void NetworksOfTextsHaveFiltersAlongTheText(string name, int blocks)
    {
        (Backbone backbone, ParameterGroup weights) = Declare(BackboneSpec.Of(name));
        Assert.That((backbone.Spec.BlockCount, $"VDCNN{1 + (2 * blocks)}"), Is.EqualTo((blocks, name)));
        Assert.That(weights.Parameters[0].Shape, Is.EqualTo(new Shape(72, 16)));
        Assert.That(weights.Parameters.Where(static p => p.Shape.Rank == 4).Select(static p => p.Shape[2]), Is.All.EqualTo(1));
        Assert.That(backbone.FeatureShape(new Shape(2, 1, 1024, 1)), Is.EqualTo(new Shape(2, 1, 128, 512)));
        Assert.That(backbone.FeatureShape(new Shape(2, 1, 57, 1)), Is.EqualTo(new Shape(2, 1, 8, 512)));
        long stem = backbone.Stem.MultiplyAdds(new Shape(1, 1, 1024, 1));
        Assert.That(stem, Is.EqualTo(1024 * 64 * 16 * 3), "a table has parameters and no multiply-adds");
        Assert.That(() => new Backbone(new NetworkBuilder(new ParameterStore()), backbone.Spec), Throws.ArgumentException.With.Message.Contains("makes layers for Image, the network reads Text"));
    }

    [Test]
    public void WidthsScaleWhatPoliciesSee()
    {
        BackboneSpec half = BackboneSpec.Of("PlainResNet50", 0.5);
        Assert.That((half.StemChannels, half.Width(0), half.Channels[0], half.FeatureChannels), Is.EqualTo((32, 32, 128, 1024)));
        var store = new ParameterStore();
        _ = new PolicyNetwork(new NetworkBuilder(store), BackboneSpec.Of("ResNet50"), 2);

        // The policy network of a bottleneck network is that of a basic one: 1,208,352 parameters and the linear layer of 256 inputs.
        Assert.That(store.Parameters.Where(static p => !p.Group.IsBuffer).Sum(static p => p.Count), Is.EqualTo(1208352 + (2 * 257)));
    }

    [Test]
    public void AnUnknownNameListsThoseThatThereAre() => Assert.That(
        static () => BackboneSpec.Of("ResNet152"),
        Throws.TypeOf<ConfigurationException>().With.Message.EqualTo("backbone: ResNet152 is not built here; use one of ResNet18, ResNet34, ResNet50, ResNet101, PlainResNet18, PlainResNet34, PlainResNet50, PlainResNet101, PlainWideResNet50_2, WideResNet28_10, WideResNet34_2, VDCNN9, VDCNN17, VDCNN29, VDCNN49"));

    /// <summary>The numbers of docs/backbones.md are those that are counted. The message of a failure is the table as it has to be.</summary>
    [Test]
    public void ThePageSaysWhatIsCounted()
    {
        string page = File.ReadAllText(Path.Combine(Repository(), "docs", "backbones.md"));
        string[] rows = [.. BackboneRegistry.All.Select(static form => Row(form))];
        Assert.That(rows.Where(row => !page.Contains(row + " ", StringComparison.Ordinal)), Is.Empty, string.Join(Environment.NewLine, rows));
        Assert.That(page.Split('\n').Count(static line => line.StartsWith("| `", StringComparison.Ordinal)), Is.EqualTo(rows.Length), "no other backbones");
    }

    private static string Row(BackboneForm form)
    {
        BackboneSpec spec = form.WithWidth(1);
        (Backbone backbone, ParameterGroup weights) = Declare(spec);
        Shape input = form.Inputs == InputKind.Text ? PublishedText : Published, features = backbone.FeatureShape(input);
        return string.Create(CultureInfo.InvariantCulture,
            $"| `{form.Name}` | {(form.Block == BlockKind.Basic ? "basic" : "bottleneck")} {string.Join(" + ", form.Blocks)} = {spec.BlockCount} | {spec.OutputStride} | {features[1]}x{features[2]}x{features[3]} | {weights.Parameters.Sum(static p => p.Count):N0} | {backbone.MultiplyAdds(input) / 1e9:0.000} G |");
    }

    /// <summary>Multiply-adds from the sizes alone: pixels of each convolution's output times its weights.</summary>
    private static long ByHand(BackboneSpec spec)
    {
        // 224 pixels: 112 after the convolution of the stem, 57 after ceil pooling, 29 where the second stage strides.
        long sum = 112L * 112 * 64 * 3 * 49, side = 57;
        int inputs = 64;
        for (int stage = 0; stage < 4; stage++)
        {
            int width = 64 << stage, outputs = spec.Block == BlockKind.Basic ? width : 4 * width;
            for (int block = 0; block < spec.Blocks[stage]; block++)
            {
                long before = side;
                side = stage > 0 ? 29 : 57;
                long pixels = side * side;
                sum += spec.Block == BlockKind.Basic ? pixels * 9 * width * (inputs + width) : (before * before * inputs * width) + (pixels * ((9 * width * width) + (width * outputs)));
                sum += block == 0 && (stage > 0 || inputs != outputs) ? pixels * inputs * outputs : 0;
                inputs = outputs;
            }
        }

        return sum;
    }

    private static (Backbone Backbone, ParameterGroup Weights) Declare(BackboneSpec spec)
    {
        var builder = new NetworkBuilder(new ParameterStore(), spec.Inputs);
        return (new Backbone(builder, spec), builder.Backbone);
    }

    private static string Repository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "AdaShare.Native.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new FileNotFoundException($"AdaShare.Native.sln is not above {AppContext.BaseDirectory}; run the tests inside the repository");
    }
}
