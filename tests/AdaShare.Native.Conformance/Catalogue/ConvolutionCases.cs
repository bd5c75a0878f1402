using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>Cases of 2-D convolution.</summary>
internal static class ConvolutionCases
{
    internal static IEnumerable<OpCase> All =>
    [
        Case("1x1", [2, 5, 7, 3], OpInput.Filter(4, 3, 1, 1), bias: false, new Conv2dOptions(1)),
        Case("1x1 with stride 2 and bias", [2, 5, 7, 6], OpInput.Filter(5, 6, 1, 1), bias: true, new Conv2dOptions(2)),
        Case("3x3 with padding and bias", [2, 6, 5, 3], OpInput.Filter(5, 3, 3, 3), bias: true, new Conv2dOptions(1, 1)),
        Case("3x3 with stride 2, odd sizes", [3, 7, 9, 4], OpInput.Filter(3, 4, 3, 3), bias: false, new Conv2dOptions(2, 1)),
        Case("3x3 with stride 2, even sizes", [1, 8, 6, 2], OpInput.Filter(3, 2, 3, 3), bias: false, new Conv2dOptions(2, 1)),
        Case("3x3 without padding", [2, 5, 4, 2], OpInput.Filter(3, 2, 3, 3), bias: true, new Conv2dOptions(1)),
        Case("7x7 stem with stride 2", [2, 13, 11, 3], OpInput.Filter(4, 3, 7, 7), bias: false, new Conv2dOptions(2, 3)) with { GradientSamples = 16 },
        Case("dilation 2", [2, 7, 6, 3], OpInput.Filter(4, 3, 3, 3), bias: false, new Conv2dOptions(1, 2, 2)),
        Case("dilation 4, most taps in the padding", [2, 5, 6, 3], OpInput.Filter(2, 3, 3, 3), bias: true, new Conv2dOptions(1, 4, 4)),
        Case("dilation 6, only the centre taps meet the image", [1, 5, 4, 3], OpInput.Filter(2, 3, 3, 3), bias: true, new Conv2dOptions(1, 6, 6)),
        Case("dilation beyond half the image", [3, 7, 9, 8], OpInput.Filter(16, 8, 3, 3), bias: true, new Conv2dOptions(1, 5, 5)) with { GradientSamples = 8 },
        Case("dilation below half the image", [2, 11, 8, 5], OpInput.Filter(3, 5, 3, 3), bias: false, new Conv2dOptions(1, 4, 4)) with { GradientSamples = 16 },
        Case("dilation with stride, many taps in the padding", [2, 9, 11, 4], OpInput.Filter(6, 4, 3, 3), bias: false, new Conv2dOptions(2, 5, 5)) with { GradientSamples = 16 },
        Case("even kernel, many taps in the padding", [2, 6, 8, 3], OpInput.Filter(4, 3, 2, 3), bias: true, new Conv2dOptions(1, 1, 3, 5, 5, 5)) with { GradientSamples = 16 },
        Case("many rates of taps in the padding", [1, 7, 6, 2], OpInput.Filter(2, 2, 5, 5), bias: false, new Conv2dOptions(1, 6, 3)),
        Case("windows in the padding", [1, 4, 3, 2], OpInput.Filter(3, 2, 3, 3), bias: true, new Conv2dOptions(1, 4)),
        Case("dilation 2 with stride 2", [2, 9, 8, 2], OpInput.Filter(3, 2, 3, 3), bias: false, new Conv2dOptions(2, 2, 2)),
        Case("different sizes in height and width", [2, 8, 7, 3], OpInput.Filter(4, 3, 3, 2), bias: true, new Conv2dOptions(2, 1, 1, 0, 1, 2)),
        Case("stride beyond the kernel", [2, 8, 8, 2], OpInput.Filter(3, 2, 2, 2), bias: false, new Conv2dOptions(3)),
        Case("padding beyond the kernel", [1, 3, 3, 2], OpInput.Filter(2, 2, 1, 1), bias: true, new Conv2dOptions(1, 2)),
        Case("kernel as large as the image", [3, 4, 5, 2], OpInput.Filter(6, 2, 4, 5), bias: true, new Conv2dOptions(1)),
        Case("temporal: 1x3 along a sequence", [3, 1, 37, 16], OpInput.Filter(24, 16, 1, 3), bias: true, new Conv2dOptions(1, 1, 0, 1, 1, 1)) with { GradientSamples = 4 },
        Case("temporal: 1x3 with stride 2", [3, 1, 37, 16], OpInput.Filter(24, 16, 1, 3), bias: false, new Conv2dOptions(1, 2, 0, 1, 1, 1)) with { GradientSamples = 4 },
        Case("temporal: 1x3 with stride 2 from an even length", [2, 1, 30, 5], OpInput.Filter(7, 5, 1, 3), bias: true, new Conv2dOptions(1, 2, 0, 1, 1, 1)) with { GradientSamples = 16 },
        Case("temporal: 1x3 with dilation 4", [2, 1, 29, 8], OpInput.Filter(8, 8, 1, 3), bias: true, new Conv2dOptions(1, 1, 0, 4, 1, 4)) with { GradientSamples = 8 },
        Case("temporal: 1x7 without padding", [2, 1, 41, 6], OpInput.Filter(9, 6, 1, 7), bias: false, new Conv2dOptions(1)) with { GradientSamples = 8 },
        Case("temporal: sequences as long as the kernel", [3, 1, 3, 16], OpInput.Filter(24, 16, 1, 3), bias: true, new Conv2dOptions(1, 1, 0, 1, 1, 1)) with { GradientSamples = 8 },
        Case("one pixel", [2, 1, 1, 9], OpInput.Filter(7, 9, 3, 3), bias: true, new Conv2dOptions(1, 1)),
        Case("one channel to one channel", [2, 6, 6, 1], OpInput.Filter(1, 1, 3, 3), bias: true, new Conv2dOptions(1, 1)),
        Case("channels one above a vector", [2, 4, 5, 17], OpInput.Filter(33, 17, 3, 3), bias: true, new Conv2dOptions(1, 1)) with { GradientSamples = 6 },
        Case("channels of whole vectors", [2, 9, 10, 16], OpInput.Filter(32, 16, 3, 3), bias: true, new Conv2dOptions(1, 1)) with { GradientSamples = 2 },
        Case("wide and dilated", [1, 13, 14, 40], OpInput.Filter(24, 40, 3, 3), bias: false, new Conv2dOptions(1, 2, 2)) with { GradientSamples = 1 },
        Case("wide 1x1 on many pixels", [2, 17, 19, 64], OpInput.Filter(40, 64, 1, 1), bias: true, new Conv2dOptions(1)) with { GradientSamples = 1 },
        Case("wide stem", [1, 37, 33, 3], OpInput.Filter(16, 3, 7, 7), bias: false, new Conv2dOptions(2, 3)) with { GradientSamples = 1 },
    ];

    private static OpCase Case(string name, int[] input, OpInput filter, bool bias, Conv2dOptions options)
    {
        OpInput[] inputs = bias
            ? [OpInput.Float("input", input), filter, OpInput.Parameter("bias", filter.Shape[0])]
            : [OpInput.Float("input", input), filter];
        return new OpCase(
            "Convolution",
            nameof(ConvolutionOps.Conv2d),
            name,
            inputs,
            (step, x, _) => [step.Conv2d(x[0], x[1], bias ? x[2] : null, options)],
            x => [Define(x[0], x[1], bias ? x[2] : null, options)]);
    }

    /// <summary>y[n, h, w, o] = b[o] + the sum over i, a, c of the zero-padded input at (h s + a d - p, w s + c d - p) times filter[o, i, a, c].</summary>
    private static HostArray Define(HostArray input, HostArray filter, HostArray? bias, Conv2dOptions options)
    {
        int height = ((input.Shape[1] + (2 * options.PadHeight) - (options.DilationHeight * (filter.Shape[2] - 1)) - 1) / options.StrideHeight) + 1;
        int width = ((input.Shape[2] + (2 * options.PadWidth) - (options.DilationWidth * (filter.Shape[3] - 1)) - 1) / options.StrideWidth) + 1;
        return HostArray.From(new Shape(input.Shape[0], height, width, filter.Shape[0]), at =>
        {
            double sum = bias?[at[3]] ?? 0;
            for (int i = 0; i < filter.Shape[1]; i++)
            {
                for (int a = 0; a < filter.Shape[2]; a++)
                {
                    for (int c = 0; c < filter.Shape[3]; c++)
                    {
                        int y = (at[1] * options.StrideHeight) + (a * options.DilationHeight) - options.PadHeight;
                        int x = (at[2] * options.StrideWidth) + (c * options.DilationWidth) - options.PadWidth;
                        sum += input.Padded(at[0], y, x, i) * filter[at[3], i, a, c];
                    }
                }
            }

            return sum;
        });
    }
}
