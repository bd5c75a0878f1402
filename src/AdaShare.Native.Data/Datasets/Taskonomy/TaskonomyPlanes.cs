using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Datasets.Dense;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Taskonomy;

/// <summary>Reads the PNG files of Taskonomy, brought to one size by their nearest pixels.</summary>
/// <remarks>
/// The formulae are those of github.com/sunxm2357/AdaShare, dataloaders/taskonomy_dataloader.py, which has them from github.com/StanfordVL/taskonomy, taskbank/lib/data. Nearest as OpenCV's INTER_NEAREST:
/// pixel i of n comes from min(floor(i (m / n)), m - 1) of m.
/// </remarks>
/// <param name="size">Rows and columns of the result.</param>
internal sealed class TaskonomyPlanes(int size)
{
    private const float Ignored = 255;
    private const double Codes = 65536;

    /// <summary>From this code on depth is not known.</summary>
    private const int FirstUnknown = 64500;

    private static readonly float LogCodes = (float)Math.Log(Codes);

    /// <summary>A picture of 8-bit R, G, B.</summary>
    public BgrImage Image(string path)
    {
        SampleImage stored = Read(path, 3, 8, "an 8-bit RGB picture");
        return new(size, size, Array.ConvertAll(Nearest(stored, reversed: true), static value => (byte)value));
    }

    /// <summary>Classes: a code c of 1 … <paramref name="classes"/> becomes c - 1, and 0 is ignored.</summary>
    public Plane Classes(string path, int classes)
    {
        SampleImage stored = Read(path, 1, 8, "8-bit grey classes");
        int wrong = Array.FindIndex(stored.Samples, code => code > classes);
        return wrong < 0
            ? new(size, size, 1, Array.ConvertAll(Nearest(stored), static code => code == 0 ? Ignored : code - 1))
            : throw new DataException($"{path}: class {stored.Samples[wrong]} at pixel {NumpyPlanes.At(wrong, stored.Width)}; expected 0 to {classes}, 0 where there is none; restore the file");
    }

    /// <summary>Normals: v / 127.5 - 1 of R, G, B as x, y, z; ignored where they are no direction, or where depth is not known.</summary>
    public Plane Normals(string path, string depth, bool decode)
    {
        ushort[] vectors = Nearest(Read(path, 3, 8, "surface normals as 8-bit RGB")), codes = Nearest(Read(depth, 1, 16, "16-bit depth"));
        var values = new float[vectors.Length];
        for (int i = 0; i < codes.Length; i++)
        {
            Span<float> pixel = values.AsSpan(3 * i, 3);
            if (codes[i] >= FirstUnknown)
            {
                pixel.Fill(NormalPixel.Ignored);
                continue;
            }

            NormalPixel.Put(pixel, Unit(vectors[3 * i]), Unit(vectors[(3 * i) + 1]), Unit(vectors[(3 * i) + 2]), decode);
        }

        return new(size, size, 3, values);
    }

    /// <summary>Depth: ln(1 + p) / ln 65536 of a code p, in [0, 1]; 0, not known, where p is 64,500 or more.</summary>
    public Plane Depth(string path) =>
        new(size, size, 1, Array.ConvertAll(Nearest(Read(path, 1, 16, "16-bit depth")), static code => code >= FirstUnknown ? 0 : (float)Math.Log(1.0 + code) / LogCodes));

    /// <summary>A strength: p / 65536, cut off at <paramref name="largest"/>, from [0, largest] to [-1, 1].</summary>
    public Plane Strength(string path, float largest) =>
        new(size, size, 1, Array.ConvertAll(Nearest(Read(path, 1, 16, "16-bit strengths")), code => (Math.Min((float)(code / Codes), largest) / largest * 2) - 1));

    private static float Unit(ushort value) => (value / 127.5f) - 1;

    private static SampleImage Read(string path, int channels, int bits, string what)
    {
        SampleImage stored = Png.ReadSamples(path);
        return stored.Channels == channels && stored.BitDepth == bits
            ? stored
            : throw new DataException($"{path}: PNG of {stored.Channels} channels of {stored.BitDepth} bits; expected {what}; restore the file");
    }

    private ushort[] Nearest(SampleImage stored, bool reversed = false)
    {
        int channels = stored.Channels;
        int[] rows = Sources(stored.Height), columns = Sources(stored.Width);
        var values = new ushort[size * size * channels];
        int to = 0;
        foreach (int row in rows)
        {
            foreach (int column in columns)
            {
                ReadOnlySpan<ushort> pixel = stored.Samples.AsSpan(((row * stored.Width) + column) * channels, channels);
                for (int channel = 0; channel < channels; channel++)
                {
                    values[to++] = pixel[reversed ? channels - 1 - channel : channel];
                }
            }
        }

        return values;
    }

    private int[] Sources(int source)
    {
        double step = 1 / ((double)size / source);
        return [.. Enumerable.Range(0, size).Select(i => Math.Min((int)Math.Floor(i * step), source - 1))];
    }
}
