using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Images;
using SkiaSharp;

namespace AdaShare.Native.Host.Tests.Images;

/// <summary>JPEG pictures through Skia, against pictures that the tests pack by it.</summary>
[TestFixture]
public sealed class SkiaJpegDecoderTests
{
    private const int Width = 40;
    private const int Height = 24;

    private static readonly SkiaJpegDecoder Decoder = new();

    [Test]
    public void Colours_come_back_in_R_G_B_order()
    {
        ByteImage read = Decoder.Decode(Packed(), "a.jpg");

        Assert.That((read.Width, read.Height, read.Channels), Is.EqualTo((Width, Height, 3)));
        Assert.That(Pixel(read, 4, 4), Is.EqualTo(new[] { 250, 20, 40 }).Within(6));
        Assert.That(Pixel(read, Width - 5, Height - 5), Is.EqualTo(new[] { 20, 60, 240 }).Within(6));
    }

    /// <summary>Every way in which colours are stored coarser, and windows at every border and across blocks.</summary>
    [Test]
    public void A_part_is_that_of_the_whole_picture_to_the_bit([Values] SKJpegEncoderDownsample coarser, [Values(false, true)] bool odd)
    {
        (int width, int height) = odd ? (173, 131) : (160, 128);
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var random = new Random(7);
        for (int i = 0; i < width * height; i++)
        {
            bitmap.SetPixel(i % width, i / width, new SKColor((byte)random.Next(256), (byte)(i * 3), (byte)(random.Next(64) + (i % width))));
        }

        using SKPixmap pixels = bitmap.PeekPixels()!;
        using SKData packed = pixels.Encode(new SKJpegEncoderOptions(90, coarser, SKJpegEncoderAlphaOption.Ignore))!;
        byte[] file = packed.ToArray();
        ByteImage whole = Decoder.Decode(file, "a.jpg");
        Assert.That(Decoder.SizeOf(file, "a.jpg"), Is.EqualTo((height, width)));
        for (int n = 0; n < 200; n++)
        {
            int rows = 1 + random.Next(height), columns = 1 + random.Next(width), row = random.Next(height - rows + 1), column = random.Next(width - columns + 1);
            ByteImage part = Decoder.DecodePart(file, "a.jpg", row, column, rows, columns);
            for (int y = 0; y < rows; y++)
            {
                Assert.That(part.Pixels.AsSpan(y * columns * 3, columns * 3).SequenceEqual(whole.Pixels.AsSpan((((row + y) * width) + column) * 3, columns * 3)), $"{rows}x{columns} from {row}, {column}, row {y}");
            }
        }
    }

    [Test]
    public void The_picture_stands_as_the_camera_was_held()
    {
        byte[] file = Packed();
        byte[] exif = [0xFF, 0xE1, 0, 34, .. "Exif\0\0MM"u8, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];

        ByteImage read = Decoder.Decode([.. file[..2], .. exif, .. file[2..]], "a.jpg");

        // A quarter clockwise: what was on the left is on top.
        Assert.That((read.Width, read.Height), Is.EqualTo((Height, Width)));
        Assert.That(Pixel(read, 4, 4), Is.EqualTo(new[] { 250, 20, 40 }).Within(6));
        Assert.That(Pixel(read, 4, Width - 5), Is.EqualTo(new[] { 20, 60, 240 }).Within(6));
    }

    [Test]
    public void A_file_that_ends_anywhere_is_refused_in_one_line()
    {
        byte[] file = Packed();
        for (int length = 0; length < file.Length; length++)
        {
            Assert.That(() => Decoder.Decode(file[..length], "bad.jpg"), Throws.TypeOf<DataException>().With.Message.StartsWith("bad.jpg: ").And.Message.Not.Contains("\n"), $"cut at {length}");
        }
    }

    /// <summary>Bytes that are wrong inside a whole frame have no check value: they give a wrong picture of the right size, or are refused.</summary>
    [Test]
    public void Damage_that_gets_to_the_library_is_read_or_refused()
    {
        byte[] file = Packed();
        for (int place = 2; place < file.Length - 2; place++)
        {
            byte[] damaged = [.. file];
            damaged[place] ^= 0x5A;
            try
            {
                ByteImage read = Decoder.Decode(damaged, "bad.jpg");
                Assert.That(read.Pixels, Has.Length.EqualTo(read.Width * read.Height * 3));
            }
            catch (DataException error)
            {
                Assert.That(error.Message, Does.StartWith("bad.jpg: ").And.Not.Contain("\n"), $"byte {place}");
            }
        }
    }

    [Test]
    public void A_header_that_asks_for_more_than_the_file_holds_never_reaches_the_library()
    {
        byte[] file = Packed();
        int frame = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        (file[frame + 5], file[frame + 6], file[frame + 7], file[frame + 8]) = (0x40, 0, 0x20, 0);

        Assert.That(() => Decoder.Decode(file, "bad.jpg"), Throws.TypeOf<DataException>().With.Message.Contains("8192 x 16384"));
    }

    [Test]
    public void The_reader_of_pictures_takes_it_by_the_first_bytes()
    {
        string path = Path.Combine(Path.GetTempPath(), $"skia-{Guid.NewGuid():n}.png");
        try
        {
            File.WriteAllBytes(path, Packed());
            Assert.That(new ImageReader(Decoder).Read(path).Width, Is.EqualTo(Width));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static int[] Pixel(ByteImage image, int x, int y) => [.. image.Pixels.Skip(((y * image.Width) + x) * 3).Take(3).Select(value => (int)value)];

    /// <summary>Left half red, right half blue.</summary>
    private static byte[] Packed()
    {
        using var bitmap = new SKBitmap(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                bitmap.SetPixel(x, y, x < Width / 2 ? new SKColor(250, 20, 40) : new SKColor(20, 60, 240));
            }
        }

        using SKData data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 95);
        return data.ToArray();
    }
}
