namespace AdaShare.Native.Engine.Checkpoints.PyTorch;

/// <summary>A tensor: a part of a storage, whose elements lie apart from one another.</summary>
internal sealed class TorchTensor
{
    private const int MostDimensions = 64;

    private readonly TorchStorage _storage;
    private readonly long _offset;
    private readonly long[] _strides;
    private readonly long _count;

    private TorchTensor(TorchStorage storage, long offset, long[] shape, long[] strides)
    {
        (_storage, _offset, Shape, _strides) = (storage, offset, shape, strides);
        storage.Tensors++;
        _count = StridedIndex.Count(shape) ?? throw Unfit("it has more elements than its storage");
    }

    /// <summary>The shape.</summary>
    public long[] Shape { get; }

    /// <summary>The numbers.</summary>
    public NumberFormat Format => _storage.Format;

    /// <summary>A tensor of <c>torch._utils._rebuild_tensor(storage, offset, shape, strides)</c> and its second version, which says of gradients too.</summary>
    /// <exception cref="FormatException">It leaves its storage, or elements lie upon one another.</exception>
    public static TorchTensor Rebuild(PickleCall call)
    {
        long[] shape = call.Numbers(2), strides = call.Numbers(3);
        var tensor = new TorchTensor(call.Get<TorchStorage>(0), call.Get<long>(1), shape, strides);
        tensor.Check();
        return tensor;
    }

    /// <summary>The elements, row-major.</summary>
    public double[] Read()
    {
        byte[] bytes = _storage.Bytes();
        int size = Format.Size;
        if (IsContiguous())
        {
            return Format.ReadAll(bytes[((int)_offset * size)..((int)(_offset + _count) * size)]);
        }

        var values = new double[_count];
        var index = new StridedIndex(Shape, _strides);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Format.Read(bytes.AsSpan((int)(_offset + index.Next()) * size));
        }

        return values;
    }

    private void Check()
    {
        if (_strides.Length != Shape.Length || Shape.Length > MostDimensions)
        {
            throw Unfit($"it has {_strides.Length} strides");
        }

        if (_offset < 0 || _offset > _storage.Count)
        {
            throw Unfit($"it begins at element {_offset}");
        }

        if (_count == 0)
        {
            return;
        }

        // Dimensions in the order of their strides: each step must go beyond everything that the smaller ones reach.
        long reach = 0;
        foreach ((long size, long stride) in Shape.Zip(_strides).Where(static d => d.First > 1).OrderBy(static d => d.Second))
        {
            if (stride <= reach)
            {
                throw Unfit($"elements lie upon one another (strides {string.Join(", ", _strides)})");
            }

            if (stride > (_storage.Count - 1 - reach) / (size - 1))
            {
                throw Unfit("it reaches beyond its end");
            }

            reach += stride * (size - 1);
        }

        if (_offset + reach >= _storage.Count)
        {
            throw Unfit("it reaches beyond its end");
        }
    }

    private bool IsContiguous()
    {
        long expected = 1;
        for (int d = Shape.Length - 1; d >= 0; d--)
        {
            if (Shape[d] != 1 && _strides[d] != expected)
            {
                return _count == 0;
            }

            expected *= Shape[d];
        }

        return true;
    }

    private FormatException Unfit(string what) => new($"a tensor [{string.Join(", ", Shape.Take(8))}] does not fit storage {_storage.Key} of {_storage.Count} elements: {what}");
}
