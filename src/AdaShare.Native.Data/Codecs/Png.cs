using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Codecs;

/// <summary>How much work a PNG encoder does.</summary>
public enum PngEffort
{
    /// <summary>No row filters and the fastest deflate: larger files, written at once.</summary>
    Fast,

    /// <summary>The row filter with the smallest sum of absolute values for each row, and the default deflate: smaller files.</summary>
    Small,
}

/// <summary>PNG files (ISO/IEC 15948; W3C PNG, third edition).</summary>
/// <remarks>
/// Reads every colour type (grey, RGB, palette, grey and RGB with alpha), every bit depth (1, 2, 4, 8, 16), plain and Adam7 interlaced.
/// The CRC of every chunk and the check sum of the pixels are verified, and the pixels must be as many as the header says. Time and memory are bounded by
/// what the file holds: sides of at most 65,535, 2^27 pixels, and none that the packed bytes can't hold. Alpha, transparency, gamma and colour profiles are not applied: a
/// training set is read as it was stored. Chunks that only comment on the picture are skipped.
/// </remarks>
public static class Png
{
    /// <summary>
    /// Reads a picture as 8-bit values: palette entries as their colours, depths below 8 bits stretched to 0 … 255, 16 bits rounded to 8, alpha
    /// dropped.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">The file is missing, cut off, damaged or not a PNG; the message names it and the cause.</exception>
    public static ByteImage Read(string path) => Decode(CodecFile.Read(path), path);

    /// <summary>Reads a picture as <see cref="Read(string)"/> does, from the rest of a stream.</summary>
    /// <param name="stream">The stream, read to its end and left open.</param>
    /// <param name="name">The name for messages.</param>
    /// <exception cref="DataException">The stream can't be read, is cut off, damaged or not a PNG.</exception>
    public static ByteImage Read(Stream stream, string name) => Decode(CodecFile.Read(stream, name), name);

    /// <summary>
    /// Reads the numbers that the file stores, unscaled: palette indices (one channel), grey levels or R, G, B at the file's own depth; alpha
    /// dropped. For label maps and 16-bit measurements.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">The file is missing, cut off, damaged or not a PNG; the message names it and the cause.</exception>
    public static SampleImage ReadSamples(string path) => DecodeSamples(CodecFile.Read(path), path);

    /// <summary>Reads stored numbers as <see cref="ReadSamples(string)"/> does, from the rest of a stream.</summary>
    /// <param name="stream">The stream, read to its end and left open.</param>
    /// <param name="name">The name for messages.</param>
    /// <exception cref="DataException">The stream can't be read, is cut off, damaged or not a PNG.</exception>
    public static SampleImage ReadSamples(Stream stream, string name) => DecodeSamples(CodecFile.Read(stream, name), name);

    /// <summary>A picture as the bytes of a PNG file: 8-bit grey or 8-bit RGB.</summary>
    public static byte[] Encode(ByteImage image, PngEffort effort = PngEffort.Small) =>
        PngEncoder.Encode(image.Width, image.Height, image.Channels, 8, image.Pixels, effort);

    /// <summary>16-bit grey levels as the bytes of a PNG file.</summary>
    /// <param name="image">One channel of 16 bits.</param>
    /// <param name="effort">How hard to pack.</param>
    /// <exception cref="ArgumentException">The image has another depth or more than one channel.</exception>
    public static byte[] Encode(SampleImage image, PngEffort effort = PngEffort.Small)
    {
        if (image.BitDepth != 16 || image.Channels != 1)
        {
            throw new ArgumentException($"PNG: {image.Channels} channels of {image.BitDepth} bits can't be written; give 1 channel of 16 bits, or a ByteImage", nameof(image));
        }

        var bytes = new byte[image.Samples.Length * 2];
        for (int i = 0; i < image.Samples.Length; i++)
        {
            bytes[2 * i] = (byte)(image.Samples[i] >> 8);
            bytes[(2 * i) + 1] = (byte)image.Samples[i];
        }

        return PngEncoder.Encode(image.Width, image.Height, 1, 16, bytes, effort);
    }

    /// <summary>Writes a picture as an 8-bit grey or RGB PNG file, replacing an older one.</summary>
    /// <exception cref="DataException">The file can't be written; the message names it.</exception>
    public static void Write(string path, ByteImage image, PngEffort effort = PngEffort.Small) => CodecFile.Write(path, Encode(image, effort));

    /// <summary>Writes 16-bit grey levels as a PNG file, replacing an older one.</summary>
    /// <exception cref="ArgumentException">The image has another depth or more than one channel.</exception>
    /// <exception cref="DataException">The file can't be written; the message names it.</exception>
    public static void Write(string path, SampleImage image, PngEffort effort = PngEffort.Small) => CodecFile.Write(path, Encode(image, effort));

    /// <summary>Reads a picture whose size is looked at before its pixels are unpacked.</summary>
    /// <param name="path">The file.</param>
    /// <param name="require">Is given rows and columns, and throws where they are not wanted.</param>
    internal static ByteImage Read(string path, Action<int, int> require) => Decode(CodecFile.Read(path), path, require);

    /// <summary>As <see cref="Read(string, Action{int, int})"/>, the stored numbers.</summary>
    internal static SampleImage ReadSamples(string path, Action<int, int> require) => DecodeSamples(CodecFile.Read(path), path, require);

    /// <summary>Reads a picture that is in memory.</summary>
    internal static ByteImage Decode(byte[] file, string name, Action<int, int>? require = null)
    {
        PngChunks chunks = PngChunks.Parse(file, name);
        require?.Invoke(chunks.Header.Height, chunks.Header.Width);
        return PngPixels.ToBytes(chunks, PngDecoder.Decode(chunks));
    }

    private static SampleImage DecodeSamples(byte[] file, string name, Action<int, int>? require = null)
    {
        PngChunks chunks = PngChunks.Parse(file, name);
        require?.Invoke(chunks.Header.Height, chunks.Header.Width);
        return PngPixels.ToSamples(chunks.Header, PngDecoder.Decode(chunks));
    }
}
