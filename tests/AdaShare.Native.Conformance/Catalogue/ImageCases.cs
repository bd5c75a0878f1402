using System.Numerics;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>Cases of crops of stored images: windows that scale, mirror and pad, degenerate sizes, and tensors that hold only what windows read.</summary>
internal static class ImageCases
{
    private static readonly float[] Mean = [104.00698793f, 116.66876762f, 122.67891434f];

    // torchvision's, of stored B, G, R, and one that scales without turning the channels round.
    private static readonly PixelNormalization Torchvision = new(new Vector3(123.675f, 116.28f, 103.53f), Vector3.One / new Vector3(58.395f, 57.12f, 57.375f), ReversesChannels: true);
    private static readonly PixelNormalization Half = new(new Vector3(127.5f, 100, 30), new Vector3(1 / 127.5f, 0.5f, 3), ReversesChannels: false);
    private static readonly PixelNormalization Turned = PixelNormalization.Minus(new Vector3(Mean)) with { ReversesChannels = true };

    internal static IEnumerable<OpCase> All =>
    [
        Crop("as it is", [1, 5, 7], 5, 7, CropWindow.Unscaled(5, 7)),
        Crop("mirrored", [1, 4, 9], 4, 9, CropWindow.Unscaled(4, 9) with { Mirror = true }),
        Crop("from the middle of two", [2, 9, 11], 4, 5, CropWindow.Unscaled(9, 11, 3, 2), CropWindow.Unscaled(9, 11, 5, 6)),
        Crop("larger than the image", [2, 3, 4], 8, 9, CropWindow.Unscaled(3, 4, -2, -3), CropWindow.Unscaled(3, 4, -5, 0) with { Mirror = true }),
        Crop("enlarged by odd factors", [2, 5, 7], 9, 12, new CropWindow(5, 7, 8, 17, 0, 3, Mirror: false), new CropWindow(5, 7, 13, 12, 4, 0, Mirror: true)),
        Crop("shrunk by odd factors", [2, 13, 17], 5, 6, new CropWindow(13, 17, 5, 6, 0, 0, Mirror: false), new CropWindow(13, 17, 8, 11, 3, 4, Mirror: true)),
        Crop("up in one direction and down in the other", [1, 6, 15], 11, 7, new CropWindow(6, 15, 11, 7, 0, 0, Mirror: true)),
        Crop(
            "each image in its own way", [4, 10, 14], 9, 11, new CropWindow(10, 14, 5, 7, -2, -2, Mirror: true), new CropWindow(10, 14, 15, 21, 5, 9, Mirror: false),
            CropWindow.Unscaled(10, 14, 40, 0), new CropWindow(10, 14, 10, 13, 1, -4, Mirror: true)),
        Crop("from a row", [2, 1, 8], 3, 10, new CropWindow(1, 8, 3, 10, 0, 0, Mirror: false), new CropWindow(1, 8, 2, 5, -1, -1, Mirror: true)),
        Crop("from a column", [2, 8, 1], 10, 3, new CropWindow(8, 1, 10, 3, 0, 0, Mirror: false), new CropWindow(8, 1, 5, 2, -1, -1, Mirror: true)),
        Crop("from one pixel", [1, 1, 1], 4, 5, new CropWindow(1, 1, 3, 3, -1, -1, Mirror: true)),
        Crop("to one pixel", [2, 7, 9], 1, 1, new CropWindow(7, 9, 1, 1, 0, 0, Mirror: false), new CropWindow(7, 9, 6, 7, 2, 3, Mirror: true)),
        Crop("to a column", [1, 7, 9], 7, 1, new CropWindow(7, 9, 7, 9, 0, 8, Mirror: false)),
        Crop("nothing but padding", [1, 3, 3], 2, 4, CropWindow.Unscaled(3, 3, -7, 0)),
        Parts(
            "from parts of larger images", 400, 5, 6, (new ImagePart(0, 9, 12, 6, 7), CropWindow.Unscaled(20, 30, 9, 12)),
            (new ImagePart(126, 14, 26, 6, 4), new CropWindow(20, 30, 20, 30, 15, -3, Mirror: true)), (new ImagePart(199, 17, 27, 7, 7), new CropWindow(90, 70, 100, 80, 20, 31, Mirror: false))),
        Parts(
            "from images of several sizes", 250, 7, 7, (new ImagePart(1, 0, 0, 9, 4), CropWindow.Unscaled(9, 4)), (new ImagePart(109, 0, 0, 3, 8), CropWindow.Unscaled(3, 8, -2, 0)),
            (new ImagePart(181, 1, 0, 4, 5), new CropWindow(5, 5, 9, 8, 3, 1, Mirror: true))),
        Parts(
            "of one image in several ways", 162, 8, 6, (new ImagePart(0, 0, 0, 9, 6), CropWindow.Unscaled(9, 6, 1, 0)), (new ImagePart(0, 0, 0, 9, 6), CropWindow.Unscaled(9, 6) with { Mirror = true }),
            (new ImagePart(0, 0, 0, 9, 6), new CropWindow(9, 6, 12, 9, 3, 2, Mirror: false))),
        Parts("of parts without a pixel", 6, 2, 3, (new ImagePart(0, 0, 0, 0, 0), CropWindow.Unscaled(3, 3, 3, 0)), (new ImagePart(3, 0, 2, 1, 1), CropWindow.Unscaled(1, 3, 0, 2))),
        Crop("of many rows and columns", [2, 60, 75], 70, 91, new CropWindow(60, 75, 66, 82, -3, -5, Mirror: false), new CropWindow(60, 75, 99, 120, 17, 20, Mirror: true)),
        Crop("of no image", [0, 3, 4], 2, 2),
        Normalized("divided and turned round, as it is", Torchvision, [1, 5, 7], 5, 7, CropWindow.Unscaled(5, 7)),
        Normalized("divided and turned round, scaled and padded", Torchvision, [2, 13, 17], 12, 19, new CropWindow(13, 17, 9, 22, -2, 1, Mirror: true), new CropWindow(13, 17, 13, 17, 6, -4, Mirror: false)),
        Normalized("divided alone", Half, [2, 6, 5], 4, 11, new CropWindow(6, 5, 8, 9, 0, -1, Mirror: false), CropWindow.Unscaled(6, 5, 5, 0)),
        Normalized("turned round alone", Turned, [1, 3, 9], 3, 7, CropWindow.Unscaled(3, 9, 0, 1) with { Mirror = true }),
    ];

    private static OpCase Crop(string name, int[] stored, int height, int width, params CropWindow[] windows) => new(
        "Image",
        nameof(ImageOps.CropImages),
        name,
        [new OpInput("images", new Shape([.. stored, Mean.Length]), Fills.Integers(0, 256)) { Type = DType.UInt8 }],
        (step, x, type) => [step.CropImages(x[0], windows, Mean, height, width, type)],
        x => [HostArray.From(
            new Shape(stored[0], height, width, Mean.Length),
            at => Value(x[0], new ImagePart(at[0] * stored[1] * stored[2] * Mean.Length, 0, 0, stored[1], stored[2]), windows[at[0]], at) - Mean[at[3]])]);

    private static OpCase Normalized(string name, PixelNormalization pixel, int[] stored, int height, int width, params CropWindow[] windows)
    {
        ImagePart[] parts = [.. Enumerable.Range(0, stored[0]).Select(n => new ImagePart(n * stored[1] * stored[2] * Mean.Length, 0, 0, stored[1], stored[2]))];
        return new OpCase(
            "Image",
            nameof(ImageOps.CropImages),
            name,
            [new OpInput("images", new Shape([.. stored, Mean.Length]), Fills.Integers(0, 256)) { Type = DType.UInt8 }],
            (step, x, type) => [step.CropImages(x[0], parts, windows, pixel, height, width, type)],
            x => [HostArray.From(new Shape(stored[0], height, width, Mean.Length), at =>
            {
                int channel = pixel.ReversesChannels ? Mean.Length - 1 - at[3] : at[3];
                return (Value(x[0], parts[at[0]], windows[at[0]], [at[0], at[1], at[2], channel]) - pixel.Mean[at[3]]) * pixel.Scale[at[3]];
            })]);
    }

    private static OpCase Parts(string name, int bytes, int height, int width, params (ImagePart Part, CropWindow Window)[] images) => new(
        "Image",
        nameof(ImageOps.CropImages),
        name,
        [new OpInput("images", new Shape(bytes), Fills.Integers(0, 256)) { Type = DType.UInt8 }],
        (step, x, type) => [step.CropImages(x[0], [.. images.Select(static i => i.Part)], [.. images.Select(static i => i.Window)], Mean, height, width, type)],
        x => [HostArray.From(new Shape(images.Length, height, width, Mean.Length), at => Value(x[0], images[at[0]].Part, images[at[0]].Window, at) - Mean[at[3]])]);

    /// <summary>The sum over all pixels of a part of the product of two tent functions around the sampled position, 0 in the padding.</summary>
    private static double Value(HostArray images, ImagePart part, CropWindow w, int[] at)
    {
        int row = at[1] + w.Top, column = at[2] + w.Left;
        if (row < 0 || row >= w.ScaledHeight || column < 0 || column >= w.ScaledWidth)
        {
            return 0;
        }

        double y = Position(row, w.ScaledHeight, w.SourceHeight) - part.Row, sum = 0;
        double x = Position(w.Mirror ? w.ScaledWidth - 1 - column : column, w.ScaledWidth, w.SourceWidth) - part.Column;
        for (int i = 0; i < part.Rows; i++)
        {
            for (int j = 0; j < part.Columns; j++)
            {
                double pixel = images.Values[part.Start + (((i * part.Columns) + j) * Mean.Length) + at[3]];
                sum += Math.Max(0, 1 - Math.Abs(y - i)) * Math.Max(0, 1 - Math.Abs(x - j)) * pixel;
            }
        }

        return sum;
    }

    /// <summary>OpenCV's position, which is rounded to single precision, within the image.</summary>
    private static double Position(int target, int scaled, int source) => Math.Clamp((float)(((target + 0.5) * (1 / ((double)scaled / source))) - 0.5), 0, source - 1);
}
