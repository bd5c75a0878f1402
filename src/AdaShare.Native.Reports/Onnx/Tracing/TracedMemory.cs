using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Reports.Onnx.Graphs;

namespace AdaShare.Native.Reports.Onnx.Tracing;

/// <summary>
/// Which memory holds which value of the graph, image by image: what a tensor means follows from where it lies, so that views, parts and streams that are joined along the batch need no care. Memory that
/// holds no value holds numbers that are the same for every image.
/// </summary>
internal sealed class TracedMemory
{
    private readonly Dictionary<Storage, SortedDictionary<long, Region>> _regions = [];

    /// <summary>Whether any element of a tensor depends on the images.</summary>
    public bool Depends(Tensor? tensor) => tensor is not null && Overlapping(tensor).Count > 0;

    /// <summary>The values of a tensor's images.</summary>
    /// <param name="tensor">[R, H, W, C] or [R, C].</param>
    /// <exception cref="TraceException">They are not values of that form.</exception>
    public GraphValue[] Read(Tensor tensor)
    {
        RequireKnown(tensor);
        ImageSize size = SizeOf(tensor.Shape);
        long length = tensor.Count / tensor.Shape[0];
        SortedDictionary<long, Region> regions = _regions[tensor.Storage];
        return [.. Enumerable.Range(0, tensor.Shape[0]).Select(i => regions.TryGetValue(tensor.Offset + (i * length), out Region? region) && region.Length == length && region.Value is { } value && value.Size == size
            ? value
            : throw new TraceException($"it reads features in another form, {tensor.Shape}, than the one in which they were computed"))];
    }

    /// <summary>Takes note that a tensor depends on the images in a way that no graph here has: only where it is read for the graph that is an obstacle.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="reason">Why, as in <see cref="TraceException"/>.</param>
    public void WriteUnknown(Tensor tensor, string reason)
    {
        Clear(tensor);
        RegionsOf(tensor.Storage)[tensor.Offset] = new Region(tensor.Count) { Reason = reason };
    }

    /// <summary>Takes note of what a tensor's images are from now on.</summary>
    public void Write(Tensor tensor, IReadOnlyList<GraphValue> images)
    {
        Clear(tensor);
        long length = tensor.Count / tensor.Shape[0];
        for (int i = 0; i < images.Count; i++)
        {
            RegionsOf(tensor.Storage)[tensor.Offset + (i * length)] = new Region(length) { Value = images[i] };
        }
    }

    /// <summary>Takes note of some channels of an image, whose value <paramref name="join"/> makes of all parts once they are there.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="image">Which of its images.</param>
    /// <param name="start">The first channel.</param>
    /// <param name="part">The value of the channels from there on.</param>
    /// <param name="join">Joins parts along the channels.</param>
    public void WriteChannels(Tensor tensor, int image, int start, GraphValue part, Func<IReadOnlyList<GraphValue>, GraphValue> join)
    {
        ImageSize size = SizeOf(tensor.Shape);
        long length = tensor.Count / tensor.Shape[0], at = tensor.Offset + (image * length);
        SortedDictionary<long, Region> regions = RegionsOf(tensor.Storage);
        if (!regions.TryGetValue(at, out Region? region) || region.Length != length || region.Value is not null)
        {
            regions[at] = region = new Region(length);
        }

        region.Parts[start] = part;
        int end = 0;
        foreach ((int first, GraphValue value) in region.Parts)
        {
            if (first != end)
            {
                return;
            }

            end += value.Size.Channels;
        }

        if (end == size.Channels)
        {
            region.Value = join([.. region.Parts.Values]);
        }
    }

    /// <summary>Takes note that a tensor's elements depend on no image from now on.</summary>
    /// <exception cref="TraceException">A part of an image would go and another stay.</exception>
    public void Clear(Tensor tensor)
    {
        foreach (long start in Overlapping(tensor))
        {
            if (start < tensor.Offset || start + _regions[tensor.Storage][start].Length > tensor.Offset + tensor.Count)
            {
                throw new TraceException("it overwrites a part of the features of an image");
            }

            _regions[tensor.Storage].Remove(start);
        }
    }

    /// <summary>Takes note that memory is new.</summary>
    public void Clear(Storage storage) => _regions.Remove(storage);

    /// <summary>What an image of a tensor has.</summary>
    /// <exception cref="TraceException">Its shape is neither [R, H, W, C] nor [R, C].</exception>
    public static ImageSize SizeOf(Shape shape) => shape.Rank switch
    {
        4 => new(shape[1], shape[2], shape[3]),
        2 => new(1, 1, shape[1]),
        _ => throw new TraceException($"it computes features of shape {shape}, which are neither images nor channels"),
    };

    /// <summary>Refuses a tensor that is known to be nothing a graph here has.</summary>
    /// <exception cref="TraceException">It is, for the reason that was given.</exception>
    public void RequireKnown(Tensor tensor)
    {
        if (Overlapping(tensor).Select(start => _regions[tensor.Storage][start].Reason).FirstOrDefault(static reason => reason is not null) is { } obstacle)
        {
            throw new TraceException(obstacle);
        }
    }

    private List<long> Overlapping(Tensor tensor) => !_regions.TryGetValue(tensor.Storage, out SortedDictionary<long, Region>? regions)
        ? []
        : [.. regions.Where(region => region.Key < tensor.Offset + tensor.Count && region.Key + region.Value.Length > tensor.Offset).Select(static region => region.Key)];

    private SortedDictionary<long, Region> RegionsOf(Storage storage)
    {
        if (!_regions.TryGetValue(storage, out SortedDictionary<long, Region>? regions))
        {
            _regions[storage] = regions = [];
        }

        return regions;
    }

    private sealed class Region(long length)
    {
        public long Length { get; } = length;

        public GraphValue? Value { get; set; }

        public string? Reason { get; init; }

        public SortedDictionary<int, GraphValue> Parts { get; } = [];
    }
}
