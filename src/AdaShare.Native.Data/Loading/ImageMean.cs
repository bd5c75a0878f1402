namespace AdaShare.Native.Data.Loading;

/// <summary>The mean colour that every network input has subtracted: ImageNet's.</summary>
/// <remarks>Source: github.com/sunxm2357/AdaShare, dataloaders/nyu_v2_dataloader.py (IMG_MEAN). Padding is 0 before the mean is subtracted; nothing is divided by a deviation.</remarks>
public static class ImageMean
{
    /// <summary>In B, G, R order, on the scale 0 … 255.</summary>
    public static ReadOnlySpan<float> Bgr => [104.00698793f, 116.66876762f, 122.67891434f];
}
