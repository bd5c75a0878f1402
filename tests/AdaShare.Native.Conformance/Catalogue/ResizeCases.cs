using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>Cases of nearest and bilinear resize, up, down and degenerate.</summary>
internal static class ResizeCases
{
    private static readonly (string Name, int[] Input, int Height, int Width)[] Sizes =
    [
        ("twice as large", [2, 3, 4, 3], 6, 8),
        ("half as large", [2, 6, 8, 3], 3, 4),
        ("by odd factors, up in one direction and down in the other", [2, 5, 7, 3], 8, 3),
        ("up by odd factors", [1, 4, 5, 17], 11, 13),
        ("down by odd factors", [1, 13, 11, 2], 4, 5),
        ("from one pixel", [2, 1, 1, 3], 3, 4),
        ("to one pixel", [2, 4, 5, 3], 1, 1),
        ("same size", [2, 3, 5, 4], 3, 5),
        ("channels of whole vectors", [2, 5, 6, 32], 9, 10),
    ];

    internal static IEnumerable<OpCase> All =>
    [
        .. Sizes.Select(s => Nearest(s.Name, s.Input, s.Height, s.Width)),
        Nearest("labels of an output stride of 8", [1, 41, 41, 1], 321, 321) with { GradientSamples = 4 },
        .. Sizes.Select(s => Bilinear(s.Name, s.Input, s.Height, s.Width, alignCorners: false)),
        .. Sizes.Select(s => Bilinear(s.Name + ", corners aligned", s.Input, s.Height, s.Width, alignCorners: true)),
    ];

    private static OpCase Nearest(string name, int[] shape, int height, int width) => new(
        "Resize",
        nameof(ResizeOps.ResizeNearest),
        name,
        [OpInput.Float("input", shape)],
        (step, x, _) => [step.ResizeNearest(x[0], height, width)],
        x => [HostArray.From(new Shape(shape[0], height, width, shape[3]), at => x[0][at[0], NearestSource(at[1], shape[1], height), NearestSource(at[2], shape[2], width), at[3]])])
    {
        GradientSamples = 24,
        IsPointwise = true,
    };

    private static OpCase Bilinear(string name, int[] shape, int height, int width, bool alignCorners) => new(
        "Resize",
        nameof(ResizeOps.ResizeBilinear),
        name,
        [OpInput.Float("input", shape)],
        (step, x, _) => [step.ResizeBilinear(x[0], height, width, alignCorners)],
        x => [HostArray.From(new Shape(shape[0], height, width, shape[3]), at => Interpolate(x[0], at, height, width, alignCorners))])
    {
        GradientSamples = 24,
    };

    /// <summary>PyTorch multiplies by the single-precision ratio, which is not always the exact quotient's floor; the definition is that product.</summary>
    private static int NearestSource(int target, int source, int size) => Math.Min((int)(target * ((float)source / size)), source - 1);

    /// <summary>The sum over all pixels of the product of two tent functions around the sampled position, clamped to the image.</summary>
    private static double Interpolate(HostArray image, int[] at, int height, int width, bool alignCorners)
    {
        double y = Position(at[1], image.Shape[1], height, alignCorners), x = Position(at[2], image.Shape[2], width, alignCorners), sum = 0;
        for (int i = 0; i < image.Shape[1]; i++)
        {
            for (int j = 0; j < image.Shape[2]; j++)
            {
                sum += Math.Max(0, 1 - Math.Abs(y - i)) * Math.Max(0, 1 - Math.Abs(x - j)) * image[at[0], i, j, at[3]];
            }
        }

        return sum;
    }

    private static double Position(int target, int source, int size, bool alignCorners)
    {
        double position = !alignCorners ? ((target + 0.5) * source / size) - 0.5
            : size > 1 ? (double)target * (source - 1) / (size - 1) : 0;
        return Math.Clamp(position, 0, source - 1);
    }
}
