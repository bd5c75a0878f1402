using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Tests;

/// <summary>What a JPEG says of itself, how stored rows are turned, and how a reader tells formats apart.</summary>
public sealed class CodecsJpegTests
{
    [Test]
    public void Size_scans_and_components_are_read_from_the_markers()
    {
        byte[] file = Jpeg(Frame(0xC2, 20, 30, 3), Scan(1, 0xFF, 0, 2, 0xFF, 0xD3, 3), Segment(0xC4, 1, 2), Scan(4));

        Assert.That(JpegHeader.Parse(file, "a.jpg"), Is.EqualTo(new JpegHeader(20, 30, 3, 2, 1)));
        Assert.That(JpegHeader.Parse([.. file, 1, 2, 3], "a.jpg").Width, Is.EqualTo(20));
    }

    [TestCase(false, 6)]
    [TestCase(true, 8)]
    public void The_orientation_is_that_of_EXIF_in_either_byte_order(bool little, int orientation) =>
        Assert.That(JpegHeader.Parse(Jpeg(Exif(little, orientation), Frame(0xC0, 8, 8, 1), Scan(1)), "a.jpg").Orientation, Is.EqualTo(orientation));

    [Test]
    public void A_damaged_comment_spoils_no_picture()
    {
        byte[] exif = Exif(little: true, 6);
        for (int length = 4; length < exif.Length; length++)
        {
            byte[] cut = [.. exif[..2], 0, (byte)(length - 2), .. exif[4..length]];
            Assert.That(JpegHeader.Parse(Jpeg(cut, Frame(0xC0, 8, 8, 1), Scan(1)), "a.jpg").Width, Is.EqualTo(8), $"{length} bytes");
        }

        Assert.That(JpegHeader.Parse(Jpeg(Exif(little: true, 77), Frame(0xC0, 8, 8, 1), Scan(1)), "a.jpg").Orientation, Is.EqualTo(1));
    }

    [Test]
    public void What_is_beyond_the_bounds_is_refused_in_one_line()
    {
        Assert.That(Refused(Jpeg(Frame(0xC0, 65535, 65535, 3), Scan(1))), Does.Contain("65535 x 65535"));
        Assert.That(Refused(Jpeg(Frame(0xC0, 9000, 9000, 3), Scan(1))), Does.Contain("can't hold 9000 x 9000"));
        Assert.That(Refused(Jpeg([Frame(0xC2, 8, 8, 3), .. Enumerable.Repeat(Scan(1), 101)])), Does.Contain("101 scans"));
        Assert.That(Refused(Jpeg(Frame(0xC3, 8, 8, 3), Scan(1))), Does.Contain("kind C3"));
        Assert.That(Refused(Jpeg(Frame(0xC0, 8, 8, 2), Scan(1))), Does.Contain("components"));
        Assert.That(Refused(Jpeg(Frame(0xC0, 8, 0, 3), Scan(1))), Does.Contain("8 x 0"));
        Assert.That(Refused(Jpeg(Frame(0xC0, 8, 8, 3), Frame(0xC0, 8, 8, 3), Scan(1))), Does.Contain("two frames"));
        Assert.That(Refused(Jpeg(Frame(0xC0, 8, 8, 3))), Does.Contain("no picture"));
        Assert.That(Refused([0x89, 0x50]), Does.Contain("not a JPEG"));
    }

    [Test]
    public void A_file_that_ends_anywhere_or_is_mutated_is_read_or_refused()
    {
        byte[] file = Jpeg(Exif(little: true, 6), Frame(0xC0, 8, 8, 1), Scan(1, 2, 3));
        for (int length = 0; length < file.Length; length++)
        {
            Refused(file[..length]);
        }

        RandomStream random = RandomStream.For(1, "jpeg fuzz");
        ulong word = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] mutant = [.. file];
            for (int change = random.Integer(word++, 3); change >= 0; change--)
            {
                mutant[random.Integer(word++, mutant.Length)] = (byte)random.Integer(word++, 256);
            }

            try
            {
                _ = JpegHeader.Parse(mutant, "bad.jpg");
            }
            catch (DataException error)
            {
                Assert.That(error.Message, Does.StartWith("bad.jpg: ").And.Not.Contain("\n"));
            }
        }
    }

    /// <summary>A picture of 2 x 3 pixels a b / c d / e f, as each orientation shows it.</summary>
    [TestCase(1, 2, "abcdef")]
    [TestCase(2, 2, "badcfe")]
    [TestCase(3, 2, "fedcba")]
    [TestCase(4, 2, "efcdab")]
    [TestCase(5, 3, "acebdf")]
    [TestCase(6, 3, "ecafdb")]
    [TestCase(7, 3, "fdbeca")]
    [TestCase(8, 3, "bdface")]
    public void Stored_rows_are_turned_as_EXIF_says(int orientation, int width, string expected)
    {
        ByteImage turned = ImageOrientation.Apply(new ByteImage(2, 3, 1, [.. "abcdef".Select(c => (byte)c)]), orientation);

        Assert.That(turned.Width, Is.EqualTo(width));
        Assert.That(new string([.. turned.Pixels.Select(value => (char)value)]), Is.EqualTo(expected));
    }

    [Test]
    public void A_reader_goes_by_the_first_bytes_and_not_by_the_name()
    {
        string path = Path.Combine(Path.GetTempPath(), $"reader-{Guid.NewGuid():n}.jpg");
        try
        {
            File.WriteAllBytes(path, Png.Encode(new ByteImage(1, 1, 1, [7])));
            Assert.That(new ImageReader(new Fake()).Read(path).Pixels, Is.EqualTo(new byte[] { 7 }));
            File.WriteAllText(path, "fake picture");
            Assert.That(new ImageReader(new Fake()).Read(path).Pixels, Is.EqualTo(new byte[] { 9 }));
            File.WriteAllText(path, "GIF89a");
            DataException? error = Assert.Throws<DataException>(() => new ImageReader(new Fake()).Read(path));
            Assert.That(error!.Message, Does.StartWith(path).And.Contain("474946383961").And.Contain("PNG or fake").And.Not.Contain("\n"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Refused(byte[] file)
    {
        string message = Assert.Throws<DataException>(() => JpegHeader.Parse(file, "bad.jpg"))!.Message;
        Assert.That(message, Does.StartWith("bad.jpg: ").And.Not.Contain("\n"));
        return message;
    }

    private static byte[] Jpeg(params byte[][] segments) => [0xFF, 0xD8, .. segments.SelectMany(segment => segment), 0xFF, 0xD9];

    private static byte[] Segment(byte code, params byte[] data) => [0xFF, code, (byte)((data.Length + 2) >> 8), (byte)(data.Length + 2), .. data];

    private static byte[] Frame(byte code, int width, int height, byte components) =>
        Segment(code, [8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, components, .. new byte[3 * components]]);

    private static byte[] Scan(params byte[] packed) => [.. Segment(0xDA, 1, 1, 0, 0, 63, 0), .. packed];

    private static byte[] Exif(bool little, int orientation)
    {
        byte[] Order(params byte[] number) => little ? number : [.. number.AsEnumerable().Reverse()];
        byte[] entry = [.. Order(0x12, 0x01), .. Order(3, 0), .. Order(1, 0, 0, 0), .. Order((byte)orientation, 0), 0, 0];
        return Segment(0xE1, [.. "Exif\0\0"u8, .. little ? "II"u8 : "MM"u8, .. Order(42, 0), .. Order(8, 0, 0, 0), .. Order(1, 0), .. entry]);
    }

    private sealed class Fake : IImageDecoder
    {
        public string Format => "fake";

        public bool Recognizes(ReadOnlySpan<byte> head) => head.StartsWith("fake"u8);

        public ByteImage Decode(byte[] file, string name) => new(1, 1, 1, [9]);
    }
}
