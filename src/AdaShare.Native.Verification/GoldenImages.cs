using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.NyuV2;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Verification;

/// <summary>The images of a golden run: read from a folder in the NYU v2 layout, cropped without scaling or mirroring, normals raw.</summary>
/// <param name="directory">The folder.</param>
/// <param name="tasks">Whose labels are read.</param>
internal sealed class GoldenImages(string directory, IReadOnlyList<TaskSpec> tasks)
{
    private readonly Dictionary<string, Sample> _cache = [];
    private readonly Label[] _labels = [.. tasks.Select(static task => task.Label)];

    /// <summary>The sample of an id.</summary>
    public Sample Load(string id)
    {
        if (!_cache.TryGetValue(id, out Sample? sample))
        {
            _cache[id] = sample = NyuV2Files.Load(directory, id, _labels, decodeNormals: false, tasks.FirstOrDefault(static t => t.Label == Label.Segmentation)?.Channels ?? 0);
        }

        return sample;
    }

    /// <summary>A batch of one window of several images, with targets at the size of predictions.</summary>
    /// <exception cref="DataException">The window leaves an image.</exception>
    public Batch Crop(IReadOnlyList<string> ids, int row, int column, int height, int width, Backbone backbone) =>
        BatchAssembler.Assemble([.. ids.Select(Load)], _labels, ShapeOf(ids.Count, height, width, backbone), row, column);

    /// <summary>A batch of one whole image.</summary>
    public Batch Whole(Sample sample, Backbone backbone) =>
        BatchAssembler.Assemble([sample], _labels, ShapeOf(1, sample.Image.Height, sample.Image.Width, backbone));

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

    private static BatchShape ShapeOf(int count, int height, int width, Backbone backbone)
    {
        Shape features = backbone.FeatureShape(new Shape(1, height, width, BgrImage.Channels));
        return new(count, height, width, features[1], features[2]);
    }
}
