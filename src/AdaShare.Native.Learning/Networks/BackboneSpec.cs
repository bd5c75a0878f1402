using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Learning.Networks;

/// <summary>The form of a residual backbone: the stem, then stages of residual blocks.</summary>
/// <param name="Name">For example <c>ResNet18</c>.</param>
/// <param name="Blocks">Residual blocks of each stage.</param>
/// <param name="StemChannels">Channels after the stem.</param>
/// <param name="Channels">Channels of each stage's output.</param>
/// <param name="Strides">The stride of each stage's first block.</param>
/// <param name="Dilations">The dilation of each stage's convolutions.</param>
public sealed record BackboneSpec(
    string Name, IReadOnlyList<int> Blocks, int StemChannels, IReadOnlyList<int> Channels, IReadOnlyList<int> Strides, IReadOnlyList<int> Dilations)
{
    /// <summary>The body of the blocks.</summary>
    public BlockKind Block { get; init; }

    /// <summary>What comes before the blocks.</summary>
    public StemKind Stem { get; init; }

    /// <summary>What the network reads.</summary>
    public InputKind Inputs => Stem.Inputs();

    /// <summary>The widths of the small networks that look at an input and decide for this one, stage by stage; null for the widths of its own stages.</summary>
    public IReadOnlyList<int>? DecisionWidths { get; init; }

    /// <summary>Whether the pooling of the stem counts a last, partial window (PyTorch's ceil_mode).</summary>
    public bool PoolsPartialWindows { get; init; } = true;

    /// <summary>The number of residual blocks, L.</summary>
    public int BlockCount => Blocks.Sum();

    /// <summary>Channels of the features.</summary>
    public int FeatureChannels => Channels[^1];

    /// <summary>Pixels of the image, or characters of the text, from one of the features to the next.</summary>
    public int OutputStride => Strides.Aggregate(Stem.Stride(), static (product, stride) => product * stride);

    /// <summary>The width of a stage's blocks: the channels of their 3x3 convolutions.</summary>
    /// <param name="stage">The stage, from 0.</param>
    public int Width(int stage) => Channels[stage] / Block.Expansion();

    /// <summary>The shape of stored inputs: [N, H, W, 3] of images, [N, 1, L, 1] of texts.</summary>
    /// <param name="height">Rows of an image; 1 of a text.</param>
    /// <param name="width">Columns of an image; of a text its characters.</param>
    /// <param name="count">How many.</param>
    public Shape InputShape(int height, int width, int count = 1) => new(count, height, width, Inputs == InputKind.Text ? 1 : 3);

    /// <summary>The backbone of a name.</summary>
    /// <param name="name">One of <see cref="BackboneRegistry.Names"/>.</param>
    /// <param name="width">The factor on 64, 128, 256, 512 channels.</param>
    /// <exception cref="ConfigurationException">Another name.</exception>
    public static BackboneSpec Of(string name, double width = 1) => BackboneRegistry.Get(name).WithWidth(width);

    /// <summary>A channel count times a factor, rounded to a multiple of 8, at least 8.</summary>
    public static int Scale(int channels, double width) => Math.Max(8, (int)Math.Round(channels * width / 8) * 8);
}
