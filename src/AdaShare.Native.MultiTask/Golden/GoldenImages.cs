using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.MultiTask.Model;
using AdaShare.Native.MultiTask.Tasks;

namespace AdaShare.Native.MultiTask.Golden;

/// <summary>The images of a golden run: read from a folder in the NYU v2 layout, cropped without scaling or mirroring, normals raw.</summary>
/// <param name="directory">The folder.</param>
/// <param name="tasks">Whose labels are read.</param>
internal sealed class GoldenImages(string directory, IReadOnlyList<TaskSpec> tasks)
{
    private readonly Dictionary<string, Sample> _cache = [];
    private readonly LabelKind[] _labels = [.. tasks.Select(static task => task.Label)];

    /// <summary>The sample of an id.</summary>
    public Sample Load(string id)
    {
        if (!_cache.TryGetValue(id, out Sample? sample))
        {
            _cache[id] = sample = NyuV2Files.Load(directory, id, _labels, decodeNormals: false, tasks.FirstOrDefault(static t => t.Label == LabelKind.Segmentation)?.Channels ?? 0);
        }

        return sample;
    }

    /// <summary>A batch of one window of several images, with targets at the size of predictions.</summary>
    public Batch Crop(IReadOnlyList<string> ids, int row, int column, int height, int width, Backbone backbone) =>
        Assemble([.. ids.Select(id => Crop(Load(id), row, column, height, width))], backbone);

    /// <summary>A batch of one whole image.</summary>
    public Batch Whole(Sample sample, Backbone backbone) => Assemble([sample], backbone);

    /// <summary>The elements of [N, H, W, C] in the order [N, C, H, W], in which golden files list them.</summary>
    public static double[] ChannelsFirst(Tensor tensor)
    {
        Shape shape = tensor.Shape;
        double[] source = tensor.ToDoubles();
        var result = new double[source.Length];
        int pixels = shape[1] * shape[2], channels = shape[3];
        for (int i = 0; i < source.Length; i++)
        {
            int n = i / (pixels * channels), p = i / channels % pixels, c = i % channels;
            result[(((n * channels) + c) * pixels) + p] = source[i];
        }

        return result;
    }

    private Batch Assemble(IReadOnlyList<Sample> samples, Backbone backbone)
    {
        Plane image = samples[0].Image;
        Shape features = backbone.FeatureShape(new Shape(1, image.Height, image.Width, 3));
        return BatchAssembler.Assemble(samples, _labels, new BatchShape(samples.Count, image.Height, image.Width, features[1], features[2]));
    }

    private static Sample Crop(Sample sample, int row, int column, int height, int width)
    {
        Plane image = sample.Image;
        return row >= 0 && column >= 0 && row + height <= image.Height && column + width <= image.Width
            ? new Sample(sample.Id, Crop(image, row, column, height, width), sample.Labels.ToDictionary(static pair => pair.Key, pair => Crop(pair.Value, row, column, height, width)))
            : throw new DataException($"golden: the window of {height}x{width} at row {row}, column {column} leaves image {sample.Id} of {image.Height}x{image.Width}");
    }

    private static Plane Crop(Plane plane, int row, int column, int height, int width)
    {
        var values = new float[height * width * plane.Channels];
        for (int y = 0; y < height; y++)
        {
            int source = (((row + y) * plane.Width) + column) * plane.Channels;
            plane.Values.AsSpan(source, width * plane.Channels).CopyTo(values.AsSpan(y * width * plane.Channels));
        }

        return new Plane(height, width, plane.Channels, values);
    }
}
