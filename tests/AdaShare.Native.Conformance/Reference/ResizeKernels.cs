using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Reference;

/// <summary>
/// Resizing as a sum of weighted source pixels for each target pixel; the gradients send each target's gradient back with the same weights.
/// Coordinates follow PyTorch's <c>interpolate</c> (aten/src/ATen/native/UpSample.h: <c>area_pixel_compute_source_index</c>, <c>nearest_neighbor_compute_source_index</c>).
/// </summary>
internal sealed class ResizeKernels(ReferenceBackend backend) : IResizeKernels
{
    private delegate (int Source, double Weight)[] Sampler(int target, int sourceSize, int targetSize);

    /// <inheritdoc/>
    public void Nearest(Tensor input, Tensor output)
    {
        backend.Count(nameof(backend.Resize));
        Forward(input, output, NearestSource);
    }

    /// <inheritdoc/>
    public void NearestBackward(Tensor gradOutput, Tensor gradInput, bool accumulate)
    {
        backend.Count(nameof(backend.Resize));
        Backward(gradOutput, gradInput, NearestSource, accumulate);
    }

    /// <inheritdoc/>
    public void Bilinear(Tensor input, Tensor output, bool alignCorners)
    {
        backend.Count(nameof(backend.Resize));
        Forward(input, output, alignCorners ? AlignedSources : HalfPixelSources);
    }

    /// <inheritdoc/>
    public void BilinearBackward(Tensor gradOutput, Tensor gradInput, bool alignCorners, bool accumulate)
    {
        backend.Count(nameof(backend.Resize));
        Backward(gradOutput, gradInput, alignCorners ? AlignedSources : HalfPixelSources, accumulate);
    }

    private static (int Source, double Weight)[] NearestSource(int target, int sourceSize, int targetSize)
    {
        float scale = (float)sourceSize / targetSize;
        return [(Math.Min((int)MathF.Floor(target * scale), sourceSize - 1), 1.0)];
    }

    private static (int Source, double Weight)[] AlignedSources(int target, int sourceSize, int targetSize) =>
        Between(targetSize == 1 ? 0 : target * (sourceSize - 1.0) / (targetSize - 1.0), sourceSize);

    private static (int Source, double Weight)[] HalfPixelSources(int target, int sourceSize, int targetSize) =>
        Between(Math.Max(((target + 0.5) * sourceSize / targetSize) - 0.5, 0), sourceSize);

    private static (int Source, double Weight)[] Between(double position, int size)
    {
        int before = Math.Min((int)position, size - 1);
        double fraction = position - before;
        return [(before, 1 - fraction), (Math.Min(before + 1, size - 1), fraction)];
    }

    private static void Forward(Tensor input, Tensor output, Sampler sampler)
    {
        double[] x = input.Load(), y = new double[output.Count];
        VisitSamples(input.Shape, output.Shape, sampler, (source, target, weight) => y[target] += weight * x[source]);
        output.Store(y);
    }

    private static void Backward(Tensor gradOutput, Tensor gradInput, Sampler sampler, bool accumulate)
    {
        double[] dy = gradOutput.Load(), dx = new double[gradInput.Count];
        VisitSamples(gradInput.Shape, gradOutput.Shape, sampler, (source, target, weight) => dx[source] += weight * dy[target]);
        gradInput.Store(dx, accumulate);
    }

    private static void VisitSamples(Shape input, Shape output, Sampler sampler, Action<int, int, double> visit)
    {
        for (int target = 0; target < output.Count; target++)
        {
            int c = target % output[3], x = target / output[3] % output[2], y = target / output[3] / output[2] % output[1], n = target / output[3] / output[2] / output[1];
            foreach ((int sy, double wy) in sampler(y, input[1], output[1]))
            {
                foreach ((int sx, double wx) in sampler(x, input[2], output[2]))
                {
                    visit((((((n * input[1]) + sy) * input[2]) + sx) * input[3]) + c, target, wy * wx);
                }
            }
        }
    }
}
