using System.Numerics;

namespace AdaShare.Native.Engine.Ops;

/// <summary>
/// What becomes of a pixel's three numbers of 0 … 255 on their way into a network: output[c] = (pixel[s] - <paramref name="Mean"/>[c]) * <paramref name="Scale"/>[c], where s is c, or 2 - c where the order of the
/// channels is turned round. Difference and product are rounded by themselves.
/// </summary>
/// <param name="Mean">What is subtracted, in the order of the output's channels.</param>
/// <param name="Scale">What the difference is multiplied by; a factor of 1 changes no bit.</param>
/// <param name="ReversesChannels">Whether the output's first channel is the pixel's last.</param>
/// <remarks>torchvision's <c>Normalize(mean, std)</c> behind <c>ToTensor()</c> is Mean = 255 mean, Scale = 1 / (255 std), of stored B, G, R with the channels turned round.</remarks>
public readonly record struct PixelNormalization(Vector3 Mean, Vector3 Scale, bool ReversesChannels)
{
    /// <summary>The mean is subtracted, and nothing else is done.</summary>
    public static PixelNormalization Minus(Vector3 mean) => new(mean, Vector3.One, ReversesChannels: false);
}
