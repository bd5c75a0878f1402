using System.Numerics;
using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.Data.Datasets;

/// <summary>The order of a pixel's channels.</summary>
public enum ChannelOrder
{
    /// <summary>Blue, green, red: as images are stored in memory.</summary>
    Bgr,

    /// <summary>Red, green, blue.</summary>
    Rgb,
}

/// <summary>How stored pictures become the numbers that a network sees: (p - mean) / deviation of bytes p of 0 … 255, in some order of channels. Padding is p = 0.</summary>
/// <param name="Mean">What is subtracted, in the order of the channels, on the scale 0 … 255.</param>
/// <param name="Deviation">What the difference is divided by, in the order of the channels, on the scale 0 … 255; above 0.</param>
/// <param name="Order">The order of the channels.</param>
/// <remarks>torchvision's <c>Normalize(mean, std)</c> behind <c>ToTensor()</c> is Mean = 255 mean, Deviation = 255 std, order RGB.</remarks>
public sealed record ImageInput(Vector3 Mean, Vector3 Deviation, ChannelOrder Order)
{
    /// <summary>The input of the official networks: B, G, R, ImageNet's mean colour subtracted, divided by nothing.</summary>
    /// <remarks>Source: github.com/sunxm2357/AdaShare, dataloaders/nyu_v2_dataloader.py (IMG_MEAN).</remarks>
    public static ImageInput Default { get; } = new(new Vector3(104.00698793f, 116.66876762f, 122.67891434f), Vector3.One, ChannelOrder.Bgr);

    /// <summary>ImageNet's mean colour in an order of channels.</summary>
    public static Vector3 MeanOf(ChannelOrder order) => order == ChannelOrder.Bgr ? Default.Mean : new(Default.Mean.Z, Default.Mean.Y, Default.Mean.X);

    /// <summary>The same for the op that crops.</summary>
    public PixelNormalization Normalization => new(Mean, Vector3.One / Deviation, Order == ChannelOrder.Rgb);
}
