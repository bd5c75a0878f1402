using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Codecs;

/// <summary>An array of a .npy file, in single precision and C order (the last index runs fastest).</summary>
/// <remarks>
/// The format is numpy.lib.format, versions 1.0, 2.0 and 3.0. Read: real and whole numbers (f4, f8, u1, i1, u2, i2, u4, i4, i8) in
/// either byte order and in C or Fortran order, 0 to 5 dimensions. Numbers that single precision can't hold are rounded to it: whole
/// numbers are exact up to 2^24. Written: little-endian f4, and u1, in C order.
/// </remarks>
public sealed class NumpyArray
{
    /// <summary>The most dimensions that are read.</summary>
    public const int MaxRank = 5;

    private const int Preamble = 10;
    private const int Alignment = 64;
    private readonly int[] _shape;

    /// <summary>Wraps values that are already in memory.</summary>
    /// <param name="shape">The size of each dimension, none for a single number.</param>
    /// <param name="values">As many values as the shape says, in C order.</param>
    /// <exception cref="ArgumentException">The shape has a negative size, too many dimensions, or does not fit the number of values.</exception>
    public NumpyArray(IReadOnlyList<int> shape, float[] values)
    {
        long count = 1;
        foreach (int size in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size, nameof(shape));
            count = checked(count * size);
        }

        if (shape.Count > MaxRank || count != values.Length)
        {
            throw new ArgumentException($"array: shape ({string.Join(", ", shape)}) with {values.Length} values; give at most {MaxRank} dimensions that hold as many values");
        }

        _shape = [.. shape];
        Values = values;
    }

    /// <summary>The size of each dimension; empty for a single number.</summary>
    public IReadOnlyList<int> Shape => _shape;

    /// <summary>The values in C order.</summary>
    public float[] Values { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataException">The file is missing, not a .npy file, cut off, or of a type that is not read; the message names it.</exception>
    public static NumpyArray Read(string path) => Read(path, static _ => { });

    /// <summary>Reads the rest of a stream.</summary>
    /// <param name="stream">The stream, read to its end and left open; of one that is too long no more than a byte too many is read.</param>
    /// <param name="name">The name for messages.</param>
    /// <exception cref="DataException">The stream can't be read, is not a .npy file, cut off, or of a type that is not read.</exception>
    public static NumpyArray Read(Stream stream, string name) => Read(stream, name, static _ => { });

    /// <summary>Reads a file whose shape is looked at before its numbers are read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="require">Is given the shape, and throws where it is not wanted.</param>
    internal static NumpyArray Read(string path, Action<IReadOnlyList<int>> require)
    {
        using FileStream stream = CodecFile.Open(path);
        return Read(stream, path, require);
    }

    /// <summary>The bytes of a .npy file, version 1.0, single precision, C order: what numpy.save writes.</summary>
    /// <param name="shape">The size of each dimension.</param>
    /// <param name="values">As many values as the shape says, in C order.</param>
    /// <exception cref="ArgumentException">The shape does not fit the number of values.</exception>
    public static byte[] Encode(IReadOnlyList<int> shape, float[] values)
    {
        var array = new NumpyArray(shape, values);
        byte[] file = Begin(array._shape, "<f4", values.Length * sizeof(float), out int length);
        Span<byte> body = file.AsSpan(Preamble + length);
        MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(body);
        if (!BitConverter.IsLittleEndian)
        {
            Span<int> words = MemoryMarshal.Cast<byte, int>(body);
            BinaryPrimitives.ReverseEndianness(words, words);
        }

        return file;
    }

    /// <summary>The bytes of a .npy file of whole numbers from 0 to 255, type u1, otherwise as <see cref="Encode"/>.</summary>
    /// <param name="shape">The size of each dimension.</param>
    /// <param name="values">As many values as the shape says, in C order.</param>
    /// <exception cref="ArgumentException">The shape does not fit the number of values.</exception>
    public static byte[] EncodeBytes(IReadOnlyList<int> shape, byte[] values)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(values);
        if (shape.Aggregate(1L, static (product, size) => product * size) != values.Length)
        {
            throw new ArgumentException($"array: shape ({string.Join(", ", shape)}) with {values.Length} values; give as many values as it holds", nameof(values));
        }

        byte[] file = Begin([.. shape], "|u1", values.Length, out int length);
        values.CopyTo(file.AsSpan(Preamble + length));
        return file;
    }

    /// <summary>A file with its header, and room for the numbers behind it.</summary>
    private static byte[] Begin(int[] shape, string type, int bytes, out int length)
    {
        string sizes = shape.Length == 1 ? $"{shape[0]}," : string.Join(", ", shape);
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({sizes}), }}";
        length = ((Preamble + header.Length + 1 + Alignment - 1) / Alignment * Alignment) - Preamble;
        var file = new byte[Preamble + length + bytes];
        NumpyHeader.Magic.CopyTo(file);
        file[NumpyHeader.Magic.Length] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(8), (ushort)length);
        Encoding.ASCII.GetBytes(header.PadRight(length - 1) + "\n", file.AsSpan(Preamble));
        return file;
    }

    /// <summary>Writes a file, replacing an older one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="shape">The size of each dimension.</param>
    /// <param name="values">As many values as the shape says, in C order.</param>
    /// <exception cref="ArgumentException">The shape does not fit the number of values.</exception>
    /// <exception cref="DataException">The file can't be written; the message names it.</exception>
    public static void Write(string path, IReadOnlyList<int> shape, float[] values) => CodecFile.Write(path, Encode(shape, values));

    /// <summary>Writes a file of whole numbers from 0 to 255, replacing an older one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="shape">The size of each dimension.</param>
    /// <param name="values">As many values as the shape says, in C order.</param>
    /// <exception cref="ArgumentException">The shape does not fit the number of values.</exception>
    /// <exception cref="DataException">The file can't be written; the message names it.</exception>
    public static void WriteBytes(string path, IReadOnlyList<int> shape, byte[] values) => CodecFile.Write(path, EncodeBytes(shape, values));

    private static NumpyArray Read(Stream stream, string name, Action<IReadOnlyList<int>> require)
    {
        NumpyHeader header = NumpyHeader.Read(stream, name);
        require(header.Shape);
        long count = header.Shape.Aggregate(1L, (product, size) => product * size);
        long needed = count * header.Type.Size;
        if (needed > CodecFile.MaxBytes)
        {
            throw new DataException($"{name}: .npy of {needed} bytes; expected at most {CodecFile.MaxBytes}; save a smaller array");
        }

        // A file is held against its header before its numbers are read; of a stream they are read as they come.
        long? known = CodecFile.Remaining(stream);
        if (known == needed && header.Type.IsPlain)
        {
            float[] plain = GC.AllocateUninitializedArray<float>((int)count);
            CodecFile.ReadExactly(stream, name, MemoryMarshal.AsBytes(plain.AsSpan()));
            return new(header.Shape, header.FortranOrder ? FromFortran(plain, header.Shape) : plain);
        }

        long there = known ?? needed;
        byte[] data = there == needed ? CodecFile.ReadUpTo(stream, name, needed + 1) : [];
        there = there == needed ? data.Length : there;
        if (there != needed)
        {
            string what = there < needed ? "truncated .npy" : "too long a .npy";
            throw new DataException(
                $"{name}: {what}: shape ({string.Join(", ", header.Shape)}) of {header.Type.Name} needs {needed} bytes, {there} are there; copy or write the file again");
        }

        float[] values = header.Type.Convert(data, (int)count);
        return new(header.Shape, header.FortranOrder ? FromFortran(values, header.Shape) : values);
    }

    /// <summary>Reorders values whose first index runs fastest.</summary>
    private static float[] FromFortran(float[] values, int[] shape)
    {
        if (shape.Length < 2 || values.Length == 0)
        {
            return values;
        }

        var strides = new int[shape.Length];
        strides[^1] = 1;
        for (int axis = shape.Length - 2; axis >= 0; axis--)
        {
            strides[axis] = strides[axis + 1] * shape[axis + 1];
        }

        var ordered = new float[values.Length];
        var index = new int[shape.Length];
        int start = 0;
        for (int from = 0; from < values.Length; from += shape[0])
        {
            int to = start;
            for (int i = 0; i < shape[0]; i++)
            {
                ordered[to] = values[from + i];
                to += strides[0];
            }

            for (int axis = 1; axis < shape.Length; axis++)
            {
                start += strides[axis];
                if (++index[axis] < shape[axis])
                {
                    break;
                }

                index[axis] = 0;
                start -= strides[axis] * shape[axis];
            }
        }

        return ordered;
    }
}
