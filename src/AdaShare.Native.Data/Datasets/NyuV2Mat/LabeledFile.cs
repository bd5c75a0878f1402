using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using PureHDF;
using PureHDF.Selections;
using PureHDF.VOL.Native;

namespace AdaShare.Native.Data.Datasets.NyuV2Mat;

/// <summary>The arrays of <c>nyu_depth_v2_labeled.mat</c>, a MATLAB 7.3 file, that is HDF5: an image and its labels are read at a time.</summary>
/// <remarks>HDF5 has the dimensions of MATLAB the other way round: images are (number, channel, column, row).</remarks>
internal sealed class LabeledFile : IDisposable
{
    private readonly string _path;
    private readonly NativeFile _file;
    private readonly IH5Dataset _images;
    private readonly IH5Dataset? _labels;
    private readonly IH5Dataset? _depths;

    /// <summary>Opens the file and looks at the types and sizes of its arrays; no values are read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="labels">The name of the classes' array, or null without them.</param>
    /// <param name="depths">The name of the depth's array, or null without it.</param>
    /// <exception cref="DataException">The file is missing or no HDF5 file, or an array is missing, or of another type or size; the message names it.</exception>
    public LabeledFile(string path, string? labels, string? depths)
    {
        _path = path;
        FileStream stream = CodecFile.Open(path);
        try
        {
            _file = Guard(() => H5File.Open(stream), "can't be read as HDF5");
            _images = Array("images", H5DataTypeClass.FixedPoint, size: 1, rank: 4);
            ulong[] sizes = _images.Space.Dimensions;
            (Count, Width, Height) = (Side(sizes[0]), Side(sizes[2]), Side(sizes[3]));
            if (sizes[1] != 3 || Width > PngHeader.MaxSide || Height > PngHeader.MaxSide || (long)Width * Height > PngHeader.MaxPixels)
            {
                throw new DataException($"{path}: array 'images' is ({string.Join(", ", sizes)}); expected (1449, 3, 640, 480), or another number of images of 3 channels and another size");
            }

            _labels = labels is null ? null : Plane(labels, H5DataTypeClass.FixedPoint, size: 2);
            _depths = depths is null ? null : Plane(depths, H5DataTypeClass.FloatingPoint, size: 4);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>The number of images.</summary>
    public int Count { get; }

    /// <summary>Rows of each.</summary>
    public int Height { get; }

    /// <summary>Columns of each.</summary>
    public int Width { get; }

    /// <summary>An image, from 0.</summary>
    public BgrImage Image(int index)
    {
        byte[] stored = Read<byte>(_images, [(ulong)index, 0, 0, 0], [1, 3, (ulong)Width, (ulong)Height]);
        var pixels = new byte[stored.Length];
        for (int channel = 0; channel < BgrImage.Channels; channel++)
        {
            byte[] values = Turned(stored.AsSpan(channel * Width * Height, Width * Height));
            for (int i = 0; i < values.Length; i++)
            {
                pixels[(i * BgrImage.Channels) + 2 - channel] = values[i];
            }
        }

        return new(Height, Width, pixels);
    }

    /// <summary>The labels of an image, rows from the top.</summary>
    public ushort[] Labels(int index) => Turned<ushort>(Read<ushort>(_labels!, [(ulong)index, 0, 0], [1, (ulong)Width, (ulong)Height]));

    /// <summary>The depth of an image, rows from the top.</summary>
    public float[] Depths(int index) => Turned<float>(Read<float>(_depths!, [(ulong)index, 0, 0], [1, (ulong)Width, (ulong)Height]));

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private T[] Read<T>(IH5Dataset array, ulong[] starts, ulong[] sizes) =>
        Guard(() => array.Read<T[]>(new HyperslabSelection(starts.Length, starts, sizes)), $"array '{array.Name}', image {starts[0] + 1} can't be read");

    /// <summary>Columns behind one another become rows.</summary>
    private T[] Turned<T>(ReadOnlySpan<T> columns)
    {
        var rows = new T[columns.Length];
        for (int x = 0; x < Width; x++)
        {
            for (int y = 0; y < Height; y++)
            {
                rows[(y * Width) + x] = columns[(x * Height) + y];
            }
        }

        return rows;
    }

    private IH5Dataset Plane(string name, H5DataTypeClass kind, int size)
    {
        IH5Dataset array = Array(name, kind, size, rank: 3);
        ulong[] sizes = array.Space.Dimensions;
        return sizes[0] == (ulong)Count && sizes[1] == (ulong)Width && sizes[2] == (ulong)Height
            ? array
            : throw new DataException($"{_path}: array '{name}' is ({string.Join(", ", sizes)}); expected ({Count}, {Width}, {Height}), as 'images' has them; download the file again");
    }

    private IH5Dataset Array(string name, H5DataTypeClass kind, int size, int rank)
    {
        if (!Guard(() => _file.LinkExists(name), "can't be read as HDF5") || Guard(() => _file.Get(name), $"array '{name}' can't be read") is not IH5Dataset array)
        {
            throw new DataException($"{_path}: there is no array '{name}'; expected nyu_depth_v2_labeled.mat of NYU v2's labelled set; download it again");
        }

        (H5DataTypeClass found, int bytes, int dimensions) = Guard(() => (array.Type.Class, array.Type.Size, array.Space.Dimensions.Length), $"array '{name}' can't be read");
        return found == kind && bytes == size && dimensions == rank
            ? array
            : throw new DataException($"{_path}: array '{name}' has {dimensions} dimensions of {found} numbers of {bytes} bytes; expected {rank} of {kind} numbers of {size}; download the file again");
    }

    private static int Side(ulong size) => (int)Math.Min(size, int.MaxValue);

    /// <summary>The library throws what it likes on a damaged file, and asks for as much memory as a damaged length says.</summary>
    private T Guard<T>(Func<T> read, string what)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is not DataException)
        {
            throw new DataException($"{_path}: {what} ({error.Message.ReplaceLineEndings(" ").TrimEnd('.')}); download the file again", error);
        }
    }
}
