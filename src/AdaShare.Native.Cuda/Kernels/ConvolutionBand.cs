using System.Runtime.InteropServices;
using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>Outputs that follow one another along one dimension and whose windows have the same taps inside the input: <c>Band</c> in kernels/convolution.cu.</summary>
/// <param name="First">The first output.</param>
/// <param name="Count">How many outputs.</param>
/// <param name="Tap">The first tap.</param>
/// <param name="Taps">How many taps.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct ConvolutionBand(int First, int Count, int Tap, int Taps)
{
    /// <summary>No band: it begins beyond every output.</summary>
    public static readonly ConvolutionBand None = new(-1, 0, 0, 0);

    /// <summary>All rows of the output with all taps, those in the padding too.</summary>
    public static ConvolutionBand AllRows(in Conv2dGeometry g) => new(0, g.OutputHeight, 0, g.KernelHeight);

    /// <summary>All columns of the output with all taps, those in the padding too.</summary>
    public static ConvolutionBand AllColumns(in Conv2dGeometry g) => new(0, g.OutputWidth, 0, g.KernelWidth);

    /// <summary>The rows of the output in as few bands as there are.</summary>
    public static List<ConvolutionBand> Rows(in Conv2dGeometry g) =>
        Of(g.InputHeight, g.OutputHeight, g.KernelHeight, g.Options.StrideHeight, g.Options.PadHeight, g.Options.DilationHeight);

    /// <summary>The columns of the output in as few bands as there are.</summary>
    public static List<ConvolutionBand> Columns(in Conv2dGeometry g) =>
        Of(g.InputWidth, g.OutputWidth, g.KernelWidth, g.Options.StrideWidth, g.Options.PadWidth, g.Options.DilationWidth);

    private static List<ConvolutionBand> Of(int input, int output, int kernel, int stride, int pad, int dilation)
    {
        var bands = new List<ConvolutionBand>();
        for (int o = 0; o < output; o++)
        {
            // Taps move one way, so those inside follow one another.
            int start = (o * stride) - pad, tap = 0, taps = 0;
            for (int k = 0; k < kernel; k++)
            {
                if ((uint)(start + (k * dilation)) < (uint)input)
                {
                    (tap, taps) = (taps == 0 ? k : tap, taps + 1);
                }
            }

            if (bands.Count > 0 && (bands[^1].Tap, bands[^1].Taps) == (tap, taps))
            {
                bands[^1] = bands[^1] with { Count = bands[^1].Count + 1 };
            }
            else
            {
                bands.Add(new ConvolutionBand(o, 1, tap, taps));
            }
        }

        return bands;
    }
}
