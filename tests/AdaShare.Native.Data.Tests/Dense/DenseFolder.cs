using System.Buffers.Binary;
using System.Text;
using AdaShare.Native.Data.Codecs;

namespace AdaShare.Native.Data.Tests.Dense;

/// <summary>A folder that a test writes a data set into, removed after it.</summary>
public sealed class DenseFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("dense-").FullName;

    /// <summary>Where a file of the folder is, named relative to it.</summary>
    public string this[string file] => Path.Combine(Root, file);

    public void Write(string file, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[file])!);
        File.WriteAllBytes(this[file], content);
    }

    public void Write(string file, string text) => Write(file, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes an array as numpy.save does.</summary>
    /// <param name="file">The file.</param>
    /// <param name="values">The values in C order.</param>
    /// <param name="shape">The sizes.</param>
    /// <param name="type">A type of numpy's: <c>f4</c>, <c>f8</c>, <c>i8</c>, <c>i4</c>, <c>u1</c> or <c>i1</c>.</param>
    /// <param name="fortran">Whether the first index runs fastest in the file.</param>
    public void WriteArray(string file, float[] values, int[] shape, string type = "f4", bool fortran = false)
    {
        string sizes = string.Join(", ", shape) + (shape.Length == 1 ? "," : "");
        string header = $"{{'descr': '{(type.EndsWith('1') ? '|' : '<')}{type}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': ({sizes}), }}";
        byte[] text = Encoding.ASCII.GetBytes(header.PadRight(((10 + header.Length + 64) / 64 * 64) - 11) + "\n");
        byte[] preamble = [0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, (byte)(text.Length >> 8), .. text];
        int size = type[1] - '0';
        var content = new byte[preamble.Length + (size * values.Length) + sizeof(long)];
        preamble.CopyTo(content, 0);
        for (int i = 0; i < values.Length; i++)
        {
            Put(content.AsSpan(preamble.Length + (size * i)), values[fortran ? Place(i, shape) : i], type);
        }

        Write(file, content[..^sizeof(long)]);
    }

    /// <summary>Writes a picture whose values are given in the order of the file: grey, or red, green, blue.</summary>
    public void WritePng(string file, int height, int width, int channels, IEnumerable<byte> values) => Write(file, Png.Encode(new ByteImage(width, height, channels, [.. values]), PngEffort.Fast));

    /// <summary>Writes grey levels of 16 bits.</summary>
    public void WritePng16(string file, int height, int width, IEnumerable<int> codes) => Write(file, Png.Encode(new SampleImage(width, height, 1, 16, [.. codes.Select(code => (ushort)code)]), PngEffort.Fast));

    public void Dispose() => Directory.Delete(Root, recursive: true);

    /// <summary>Where in C order the value is that is at a place in Fortran order.</summary>
    private static int Place(int place, int[] shape)
    {
        int to = 0;
        for (int axis = 0; axis < shape.Length; axis++)
        {
            int behind = shape[(axis + 1)..].Aggregate(1, (product, size) => product * size);
            to += place % shape[axis] * behind;
            place /= shape[axis];
        }

        return to;
    }

    private static void Put(Span<byte> bytes, float value, string type)
    {
        switch (type)
        {
            case "f4":
                BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
                break;
            case "f8":
                BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
                break;
            default:
                BinaryPrimitives.WriteInt64LittleEndian(bytes, (long)value);
                break;
        }
    }
}
