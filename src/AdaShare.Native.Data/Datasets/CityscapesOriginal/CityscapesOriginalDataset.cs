using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Datasets.Cityscapes;
using AdaShare.Native.Data.Datasets.Dense;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.CityscapesOriginal;

/// <summary>CityScapes as it is downloaded: pictures, label ids, disparities and cameras in a folder each.</summary>
/// <remarks>
/// <para><c>leftImg8bit/{train,val}/CITY/CITY_SEQ_FRAME_leftImg8bit.png</c> (1024x2048, 8-bit RGB), and of the same names <c>gtFine/…_gtFine_labelIds.png</c> (8-bit grey),
/// <c>disparity/…_disparity.png</c> (16-bit grey), <c>camera/…_camera.json</c>. <c>val</c> is the test part, since the labels of <c>test</c> are not published; validation is held out of
/// <c>train</c> by the seed, and the rest divided 4 to 1 into weights and policy. Ids are CITY_SEQ_FRAME.</para>
/// <list type="bullet">
/// <item>Classes: the 19 that are trained on (trainIds), or the 7 categories; label ids that are no class, and 255 (licence plates), are ignored.</item>
/// <item>Depth: of a code p above 0 the disparity is d = (p - 1) / 256 pixels, 0 is not known. With the baseline b and the focal length f of the picture's camera file, inverse depth is
/// d / (b f) in 1/m, depth b f / d in metres; 0, not known, where it is beyond 1,000 m. See <see cref="CityscapesOriginalOptions.Depth"/>.</item>
/// </list>
/// <para>Source: github.com/mcordts/cityscapesScripts, README and cityscapesscripts/helpers/labels.py.</para>
/// </remarks>
public sealed class CityscapesOriginalDataset : DenseDataset
{
    private const string DataName = "CityScapes (originals)";
    private const double Farthest = 1000;
    private readonly CityscapesOriginalOptions _options;
    private readonly byte[] _classes;

    /// <summary>Finds the examples and checks that all their files are there; none is opened.</summary>
    /// <param name="root">The folder with <c>leftImg8bit</c>.</param>
    /// <param name="options">How to read it; null for the defaults.</param>
    /// <exception cref="ConfigurationException">An option is out of its range.</exception>
    /// <exception cref="DataException">A folder or a file is missing, or there are too few images; the message names it.</exception>
    public CityscapesOriginalDataset(string root, CityscapesOriginalOptions? options = null)
        : base(root, DataName, Open(root, options ?? new()))
    {
        _options = options ?? new();
        _classes = CityscapesClasses.OfIds(_options.Classes ?? 19);
    }

    /// <inheritdoc/>
    public override string Reading => $"depth {_options.Depth}, reduced by {_options.Reduction}";

    /// <inheritdoc/>
    private protected override BgrImage ReadImage(DenseExample example)
    {
        int block = _options.Reduction;
        ByteImage full = Png.Read(example.Image, (height, width) =>
        {
            if (height % block != 0 || width % block != 0)
            {
                throw new DataException($"{example.Image}: image of {height}x{width}; expected sides that are multiples of {block}, the reduction; choose another one");
            }
        });
        return Reduced(BgrImage.Of(full), block);
    }

    /// <inheritdoc/>
    private protected override Plane ReadLabel(DenseExample example, Label label, BgrImage image)
    {
        string path = example[label];
        (int height, int width) = (image.Height * _options.Reduction, image.Width * _options.Reduction);
        SampleImage stored = Png.ReadSamples(path, (rows, columns) =>
        {
            if (rows != height || columns != width)
            {
                throw new DataException($"{path}: {rows} rows of {columns} pixels; expected {height} rows of {width} as its image; restore the file");
            }
        });
        return label == Label.Segmentation ? ClassPlane(path, stored) : DepthPlane(path, stored, CityscapesCamera.Read(example.Files[CityscapesFolder.CameraFile]));
    }

    private Plane ClassPlane(string path, SampleImage stored)
    {
        RequireGrey(path, stored, 8, "label ids");
        return Reduced(stored, (id, place) => id <= CityscapesClasses.LastId || id == CityscapesClasses.Ignored
            ? _classes[id]
            : throw new DataException($"{path}: label id {id} at pixel {NumpyPlanes.At(place, stored.Width)}; expected 0 to {CityscapesClasses.LastId}, or {CityscapesClasses.Ignored}; give the file that ends in labelIds"));
    }

    private Plane DepthPlane(string path, SampleImage stored, CityscapesCamera camera)
    {
        RequireGrey(path, stored, 16, "disparities");
        double scale = camera.Baseline * camera.FocalLength;
        return Reduced(stored, (code, _) =>
        {
            double disparity = (code - 1) / 256.0;
            bool known = code > 0 && disparity * Farthest >= scale;
            return !known ? 0 : (float)(_options.Depth == CityscapesDepth.Inverse ? disparity / scale : scale / disparity);
        });
    }

    private static void RequireGrey(string path, SampleImage stored, int bits, string what)
    {
        if (stored.Channels != 1 || stored.BitDepth != bits)
        {
            throw new DataException($"{path}: PNG of {stored.Channels} channels of {stored.BitDepth} bits; expected {what} in one channel of {bits} bits; restore the file");
        }
    }

    /// <summary>The pixel in the middle of each block, through a function of its value and place.</summary>
    private Plane Reduced(SampleImage stored, Func<int, int, float> read)
    {
        int block = _options.Reduction, height = stored.Height / block, width = stored.Width / block;
        var values = new float[height * width];
        for (int i = 0; i < values.Length; i++)
        {
            int place = ((((i / width) * block) + (block / 2)) * stored.Width) + ((i % width) * block) + (block / 2);
            values[i] = read(stored.Samples[place], place);
        }

        return new(height, width, 1, values);
    }

    /// <summary>The mean of each block, rounded half up.</summary>
    private static BgrImage Reduced(BgrImage image, int block)
    {
        if (block == 1)
        {
            return image;
        }

        int height = image.Height / block, width = image.Width / block, area = block * block, row = width * BgrImage.Channels;
        var pixels = new byte[height * row];
        var sums = new int[row];
        for (int y = 0; y < height; y++)
        {
            sums.AsSpan().Clear();
            for (int line = 0; line < block; line++)
            {
                ReadOnlySpan<byte> source = image.Pixels.Slice(((y * block) + line) * image.Width * BgrImage.Channels, image.Width * BgrImage.Channels);
                for (int i = 0; i < source.Length; i++)
                {
                    sums[((i / BgrImage.Channels / block) * BgrImage.Channels) + (i % BgrImage.Channels)] += source[i];
                }
            }

            for (int i = 0; i < row; i++)
            {
                pixels[(y * row) + i] = (byte)((sums[i] + (area / 2)) / area);
            }
        }

        return new(height, width, pixels);
    }

    private static DenseIndex Open(string root, CityscapesOriginalOptions options)
    {
        options.Check(DataName, CityscapesFolder.Offered);
        options.CheckOriginal(DataName);
        DenseIndex index = CityscapesFolder.Open(root, DataName, options);
        return options.Depth == CityscapesDepth.Inverse ? index.WithDepthIn("inverse depth in 1/m") : index;
    }
}
