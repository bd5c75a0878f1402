using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Reference;

/// <summary>
/// The sum over taps, as the documentation of PyTorch's <c>Conv2d</c> defines it (cross-correlation); both gradients visit the same products.
/// </summary>
internal sealed class ConvolutionKernels(ReferenceBackend backend) : IConvolutionKernels
{
    private delegate void Tap(int input, int filter, int output);

    /// <inheritdoc/>
    public void Forward(in Conv2dGeometry geometry, Tensor input, Tensor filter, Tensor? bias, Tensor output)
    {
        backend.Count(nameof(backend.Convolution));
        double[] x = input.Load(), w = filter.Load(), b = bias?.Load() ?? new double[geometry.OutputChannels];
        var y = new double[output.Count];
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = b[i % geometry.OutputChannels];
        }

        VisitTaps(geometry, (i, f, o) => y[o] += x[i] * w[f]);
        output.Store(y);
    }

    /// <inheritdoc/>
    public void BackwardInput(in Conv2dGeometry geometry, Tensor gradOutput, Tensor filter, Tensor gradInput, bool accumulate)
    {
        backend.Count(nameof(backend.Convolution));
        double[] dy = gradOutput.Load(), w = filter.Load(), dx = new double[gradInput.Count];
        VisitTaps(geometry, (i, f, o) => dx[i] += dy[o] * w[f]);
        gradInput.Store(dx, accumulate);
    }

    /// <inheritdoc/>
    public void BackwardFilter(in Conv2dGeometry geometry, Tensor input, Tensor gradOutput, Tensor gradFilter, bool accumulate)
    {
        backend.Count(nameof(backend.Convolution));
        double[] x = input.Load(), dy = gradOutput.Load(), dw = new double[gradFilter.Count];
        VisitTaps(geometry, (i, f, o) => dw[f] += dy[o] * x[i]);
        gradFilter.Store(dw, accumulate);
    }

    /// <summary>Visits every product of an input element and a filter element, with the output element that it is part of.</summary>
    private static void VisitTaps(Conv2dGeometry g, Tap tap)
    {
        for (int n = 0; n < g.Batch; n++)
        {
            for (int oy = 0; oy < g.OutputHeight; oy++)
            {
                for (int ox = 0; ox < g.OutputWidth; ox++)
                {
                    for (int ky = 0; ky < g.KernelHeight; ky++)
                    {
                        for (int kx = 0; kx < g.KernelWidth; kx++)
                        {
                            int iy = (oy * g.Options.StrideHeight) - g.Options.PadHeight + (ky * g.Options.DilationHeight);
                            int ix = (ox * g.Options.StrideWidth) - g.Options.PadWidth + (kx * g.Options.DilationWidth);
                            if (iy >= 0 && iy < g.InputHeight && ix >= 0 && ix < g.InputWidth)
                            {
                                int pixel = ((n * g.InputHeight) + iy) * g.InputWidth + ix;
                                int position = ((n * g.OutputHeight) + oy) * g.OutputWidth + ox;
                                VisitChannels(g, pixel, (ky * g.KernelWidth) + kx, position, tap);
                            }
                        }
                    }
                }
            }
        }
    }

    private static void VisitChannels(in Conv2dGeometry g, int pixel, int window, int position, Tap tap)
    {
        int windowSize = g.KernelHeight * g.KernelWidth;
        for (int oc = 0; oc < g.OutputChannels; oc++)
        {
            for (int ic = 0; ic < g.InputChannels; ic++)
            {
                tap((pixel * g.InputChannels) + ic, (((oc * g.InputChannels) + ic) * windowSize) + window, (position * g.OutputChannels) + oc);
            }
        }
    }
}
