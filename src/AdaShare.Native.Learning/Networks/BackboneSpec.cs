using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Learning.Networks;

/// <summary>The form of a Deeplab-ResNet backbone of basic blocks.</summary>
/// <param name="Name">For example <c>ResNet18</c>.</param>
/// <param name="Blocks">Residual blocks of each stage.</param>
/// <param name="StemChannels">Channels after the stem.</param>
/// <param name="Channels">Channels of each stage.</param>
/// <param name="Strides">The stride of each stage's first block.</param>
/// <param name="Dilations">The dilation of each stage's convolutions.</param>
public sealed record BackboneSpec(
    string Name, IReadOnlyList<int> Blocks, int StemChannels, IReadOnlyList<int> Channels, IReadOnlyList<int> Strides, IReadOnlyList<int> Dilations)
{
    private const int FullWidth = 64;

    /// <summary>The number of residual blocks, L.</summary>
    public int BlockCount => Blocks.Sum();

    /// <summary>Channels of the features.</summary>
    public int FeatureChannels => Channels[^1];

    /// <summary>The backbone of a name (strides 1, 2, 1, 1; dilations 1, 1, 2, 4; output stride 8).</summary>
    /// <param name="name"><c>ResNet18</c> or <c>ResNet34</c>.</param>
    /// <param name="width">The factor on 64, 128, 256, 512 channels.</param>
    /// <exception cref="ConfigurationException">Another name.</exception>
    public static BackboneSpec Of(string name, double width = 1)
    {
        int[] blocks = name switch
        {
            "ResNet18" => [2, 2, 2, 2],
            "ResNet34" => [3, 4, 6, 3],
            _ => throw new ConfigurationException($"backbone: {name} is not built here; use ResNet18 or ResNet34"),
        };
        int[] channels = [.. Enumerable.Range(0, 4).Select(s => Scale(FullWidth << s, width))];
        return new BackboneSpec(name, blocks, channels[0], channels, [1, 2, 1, 1], [1, 1, 2, 4]);
    }

    /// <summary>A channel count times a factor, rounded to a multiple of 8, at least 8.</summary>
    public static int Scale(int channels, double width) => Math.Max(8, (int)Math.Round(channels * width / 8) * 8);
}
