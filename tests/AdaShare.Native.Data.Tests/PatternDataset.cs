using System.Collections.Concurrent;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Tests;

/// <summary>
/// A data set whose every value tells where it comes from, for tests: blue is the column, green the row, red the example; segmentation, depth, normals,
/// keypoints and edges follow from the same three, with ignored pixels in between.
/// </summary>
internal sealed class PatternDataset(int count, int height = 20, int width = 28, bool decodedNormals = true) : IDataset
{
    public const int ClassCount = 40;

    private int _running;

    /// <summary>The threads that have loaded something.</summary>
    public ConcurrentDictionary<Thread, bool> Readers { get; } = new();

    /// <summary>Examples that can't be read.</summary>
    public HashSet<int> Broken { get; init; } = [];

    /// <summary>How many loads are running now.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>What every load gives instead of a new example, so that the data set itself allocates nothing; null for new examples.</summary>
    public Sample? Fixed { get; init; }

    /// <summary>Whether loads take a while that differs from one to the next, so that threads overtake each other.</summary>
    public bool Dawdle { get; init; }

    /// <summary>Whether examples differ in size: each is so many rows and columns larger than the first one.</summary>
    public Func<int, int> Growth { get; init; } = static _ => 0;

    /// <summary>Where loads wait until it is set; null for no waiting.</summary>
    public ManualResetEventSlim? Gate { get; init; }

    public string Name => "pattern";

    public IReadOnlyList<Label> Labels { get; init; } = [Label.Segmentation, Label.SurfaceNormals, Label.Depth, Label.Keypoints, Label.Edges];

    public int ClassesOf(Label label) => label == Label.Segmentation ? ClassCount : 0;

    public IReadOnlyList<string> ClassNamesOf(Label label) => [];

    public int Count(Split split) => split == Split.Validation ? 0 : count;

    public string Id(Split split, int index) => $"example {index}";

    public Sample Load(Split split, int index, IReadOnlyList<Label> labels)
    {
        Interlocked.Increment(ref _running);
        try
        {
            Readers[Thread.CurrentThread] = true;
            Gate?.Wait();
            if (Dawdle)
            {
                Thread.Sleep((int)(RandomStream.Hash(Id(split, index)) % 4));
            }

            if (Fixed is not null)
            {
                return Fixed;
            }

            return Broken.Contains(index) ? throw new DataException($"{Id(split, index)}: broken on purpose") : Make(index, height + Growth(index), width + Growth(index), labels, decodedNormals);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    /// <summary>One example.</summary>
    public static Sample Make(int index, int height, int width, IReadOnlyList<Label> labels, bool decodedNormals = true)
    {
        byte[] image = new byte[height * width * 3];
        for (int i = 0; i < height * width; i++)
        {
            (image[3 * i], image[(3 * i) + 1], image[(3 * i) + 2]) = ((byte)(i % width), (byte)(i / width), (byte)index);
        }

        return new($"example {index}", new BgrImage(height, width, image), labels.ToDictionary(label => label, label => PlaneOf(label.Kind, index, height, width, decodedNormals)));
    }

    private static Plane PlaneOf(LabelKind kind, int index, int height, int width, bool decodedNormals)
    {
        int channels = kind == LabelKind.SurfaceNormals ? 3 : 1;
        float[] values = new float[height * width * channels];
        for (int i = 0; i < height * width; i++)
        {
            int x = i % width, y = i / width;
            bool ignored = (x + (2 * y)) % 7 == 0;
            switch (kind)
            {
                case LabelKind.Segmentation:
                    values[i] = ignored ? 255 : (x + y + index) % ClassCount;
                    break;
                case LabelKind.Depth:
                    values[i] = ignored ? 0 : 1 + x;
                    break;
                case LabelKind.SurfaceNormals:
                    Normal(values.AsSpan(3 * i, 3), x, y, ignored, decodedNormals);
                    break;
                default:
                    values[i] = ignored ? 255 : ((x * 3) + y) % 10 / 10f * (kind == LabelKind.Edges ? 1 : -1);
                    break;
            }
        }

        return new(height, width, channels, values);
    }

    private static void Normal(Span<float> pixel, int x, int y, bool ignored, bool decoded)
    {
        for (int c = 0; c < 3; c++)
        {
            int stored = ((x * 5) + (y * 3) + (c * 40) + 1) % 255;
            pixel[c] = ignored ? 255 : decoded ? (stored / 127.5f) - 1 : stored;
        }
    }
}
