using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Reference;

/// <summary>
/// A crop as a sum of four weighted pixels for each number. Positions are OpenCV's (modules/imgproc/src/resize.cpp, INTER_LINEAR), rounded to single precision as there; weights and sums are doubles.
/// </summary>
internal sealed class ImageKernels(ReferenceBackend backend) : IImageKernels
{
    /// <inheritdoc/>
    public void Crop(Tensor images, ReadOnlySpan<ImagePart> parts, ReadOnlySpan<CropWindow> windows, in PixelNormalization normalization, Tensor output)
    {
        backend.Count(nameof(backend.Image));
        double[] pixels = images.Load(), result = new double[output.Count];
        Shape to = output.Shape;
        for (int i = 0; i < result.Length; i++)
        {
            int c = i % to[3], x = i / to[3] % to[2], y = i / to[3] / to[2] % to[1], n = i / to[3] / to[2] / to[1];
            CropWindow window = windows[n];
            ImagePart part = parts[n];
            int channel = normalization.ReversesChannels ? to[3] - 1 - c : c;
            result[i] = -normalization.Mean[c];
            foreach ((int row, double rowWeight) in Sources(y + window.Top, window.ScaledHeight, window.SourceHeight, mirror: false))
            {
                foreach ((int column, double columnWeight) in Sources(x + window.Left, window.ScaledWidth, window.SourceWidth, window.Mirror))
                {
                    int pixel = ((row - part.Row) * part.Columns) + column - part.Column;
                    result[i] += rowWeight * columnWeight * pixels[part.Start + (pixel * to[3]) + channel];
                }
            }

            result[i] *= normalization.Scale[c];
        }

        output.Store(result);
    }

    /// <summary>The stored pixels of one dimension that make up a pixel of the mirrored, scaled image, none in the padding.</summary>
    private static (int Pixel, double Weight)[] Sources(int position, int scaled, int source, bool mirror)
    {
        if (position < 0 || position >= scaled)
        {
            return [];
        }

        double ratio = (double)scaled / source;
        float at = (float)((((mirror ? scaled - 1 - position : position) + 0.5) * (1 / ratio)) - 0.5);
        double inside = Math.Clamp(at, 0, source - 1);
        int before = (int)inside;
        return before == inside ? [(before, 1)] : [(before, 1 - (inside - before)), (before + 1, inside - before)];
    }
}
