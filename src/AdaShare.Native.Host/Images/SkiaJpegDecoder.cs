using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;
using SkiaSharp;

namespace AdaShare.Native.Host.Images;

/// <summary>JPEG pictures as inputs of predictions, unpacked by Skia (SkiaSharp).</summary>
/// <remarks>
/// <para>Why SkiaSharp: it is free (MIT; Skia is BSD, its libjpeg-turbo IJG and BSD), one native library that needs no other on Linux, and the decoder is
/// that of Chrome: fuzzed without pause, mended in weeks, vectorised (640 x 480 in 5 ms; 12 MB on Linux). Not ImageSharp: flaws with crafted images are reported of the free version, newer ones cost.
/// Not JpegLibrary or LibJpeg.NET: managed, hence safe for memory, but each of one author, several times slower, and without a record of tests against crafted files.</para>
/// <para>The library is kept to what it is needed for. <see cref="JpegHeader"/> reads size, scans and orientation first, in managed code, and refuses what is beyond
/// its bounds; no other format gets to the library. Colour profiles are not applied, as with PNG. JPEG has no check value: bytes that are wrong inside a whole
/// frame give a wrong picture, as in every viewer.</para>
/// </remarks>
public sealed class SkiaJpegDecoder : IPartDecoder
{
    /// <summary>How far around a part is unpacked too: colours are stored coarser than light, and are interpolated from blocks of up to 16 pixels beside a pixel's own.</summary>
    private const int Margin = 32;

    private const int Rgba = 4;
    private const int Rgb = 3;

    /// <inheritdoc/>
    public string Format => "JPEG";

    /// <inheritdoc/>
    public bool Recognizes(ReadOnlySpan<byte> head) => JpegHeader.Recognizes(head);

    /// <inheritdoc/>
    /// <exception cref="DataException">The file is cut off, damaged or too large, or the library is missing on this machine; the message names the file.</exception>
    public ByteImage Decode(byte[] file, string name)
    {
        ArgumentNullException.ThrowIfNull(file);
        JpegHeader header = JpegHeader.Parse(file, name);
        try
        {
            return ImageOrientation.Apply(Unpack(file, header, name), header.Orientation);
        }
        catch (Exception error) when (error is DllNotFoundException or TypeInitializationException)
        {
            throw new DataException($"{name}: JPEG can't be read, for the library libSkiaSharp does not load here; convert the picture to PNG", error);
        }
    }

    /// <inheritdoc/>
    public (int Height, int Width)? SizeOf(byte[] file, string name)
    {
        ArgumentNullException.ThrowIfNull(file);
        JpegHeader header = JpegHeader.Parse(file, name);

        // Several scans lie one behind the other over the whole picture.
        return header is { Orientation: 1, Scans: 1 } ? (header.Height, header.Width) : null;
    }

    /// <inheritdoc/>
    public ByteImage DecodePart(byte[] file, string name, int row, int column, int rows, int columns)
    {
        ArgumentNullException.ThrowIfNull(file);
        try
        {
            return UnpackPart(file, JpegHeader.Parse(file, name), name, new SKRectI(column, row, column + columns, row + rows));
        }
        catch (Exception error) when (error is DllNotFoundException or TypeInitializationException)
        {
            throw new DataException($"{name}: JPEG can't be read, for the library libSkiaSharp does not load here; convert the picture to PNG", error);
        }
    }

    private static ByteImage UnpackPart(byte[] file, JpegHeader header, string name, SKRectI part)
    {
        using SKData data = SKData.CreateCopy(file);
        using SKCodec codec = Open(data, header, name);
        int left = Math.Max(0, part.Left - Margin), right = Math.Min(header.Width, part.Right + Margin), top = Math.Max(0, part.Top - Margin);
        var info = new SKImageInfo(header.Width, header.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        SKCodecResult result = codec.StartScanlineDecode(info, new SKCodecOptions(new SKRectI(left, 0, right, header.Height)));
        if (result != SKCodecResult.Success || !codec.SkipScanlines(top))
        {
            throw Damaged(name, $"its pixels are damaged ({result})");
        }

        int pitch = (right - left) * Rgba, lines = part.Bottom - top;
        byte[] pixels = ArrayPool<byte>.Shared.Rent(lines * pitch);
        try
        {
            if (GetLines(codec, pixels, lines, pitch) < lines)
            {
                throw Damaged(name, "its pixels end early or are damaged");
            }

            byte[] colors = GC.AllocateUninitializedArray<byte>(part.Width * part.Height * Rgb);
            for (int y = 0; y < part.Height; y++)
            {
                WithoutAlpha(pixels.AsSpan(((part.Top - top + y) * pitch) + ((part.Left - left) * Rgba), part.Width * Rgba), colors.AsSpan(y * part.Width * Rgb, part.Width * Rgb));
            }

            return new(part.Width, part.Height, Rgb, colors);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(pixels);
        }
    }

    private static int GetLines(SKCodec codec, byte[] pixels, int lines, int pitch)
    {
        GCHandle pinned = GCHandle.Alloc(pixels, GCHandleType.Pinned);
        try
        {
            return codec.GetScanlines(pinned.AddrOfPinnedObject(), lines, pitch);
        }
        finally
        {
            pinned.Free();
        }
    }

    private static SKCodec Open(SKData data, JpegHeader header, string name)
    {
        SKCodec? codec = SKCodec.Create(data);
        if (codec is not null && codec.EncodedFormat == SKEncodedImageFormat.Jpeg && codec.Info.Width == header.Width && codec.Info.Height == header.Height)
        {
            return codec;
        }

        codec?.Dispose();
        throw Damaged(name, "its header is not understood");
    }

    private static ByteImage Unpack(byte[] file, JpegHeader header, string name)
    {
        using SKData data = SKData.CreateCopy(file);
        using SKCodec codec = Open(data, header, name);

        // Without a colour space the values stay as they are stored.
        var info = new SKImageInfo(header.Width, header.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        SKCodecResult result = codec.GetPixels(info, out byte[] pixels);
        if (result != SKCodecResult.Success)
        {
            throw Damaged(name, $"its pixels end early or are damaged ({result})");
        }

        byte[] colors = GC.AllocateUninitializedArray<byte>(pixels.Length / Rgba * Rgb);
        WithoutAlpha(pixels, colors);
        return new(header.Width, header.Height, Rgb, colors);
    }

    private static void WithoutAlpha(ReadOnlySpan<byte> pixels, Span<byte> colors)
    {
        var order = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 7, 11, 15);
        int from = 0, to = 0;
        for (; to <= colors.Length - Vector128<byte>.Count; from += Vector128<byte>.Count, to += Vector128<byte>.Count / Rgba * Rgb)
        {
            // Four pixels; what stands behind them is written again with the next ones.
            Vector128.Shuffle(Vector128.Create(pixels[from..]), order).CopyTo(colors[to..]);
        }

        for (; to < colors.Length; from += Rgba, to += Rgb)
        {
            (colors[to], colors[to + 1], colors[to + 2]) = (pixels[from], pixels[from + 1], pixels[from + 2]);
        }
    }

    private static DataException Damaged(string name, string cause) => new($"{name}: corrupt JPEG: {cause}; copy or download it again, or save it as PNG");
}
