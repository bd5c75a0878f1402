using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Tests;

/// <summary>PNG files, against pictures that the tests pack by themselves.</summary>
public sealed class CodecsPngTests
{
    private static readonly (int X, int Y, int StepX, int StepY)[] Passes =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    private static readonly byte[] Signature = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    private static IEnumerable<TestCaseData> Formats()
    {
        (int Color, int[] Depths)[] formats = [(0, [1, 2, 4, 8, 16]), (2, [8, 16]), (3, [1, 2, 4, 8]), (4, [8, 16]), (6, [8, 16])];
        foreach ((int color, int[] depths) in formats)
        {
            foreach (int depth in depths)
            {
                foreach (int interlace in new[] { 0, 1 })
                {
                    yield return new TestCaseData(color, depth, interlace);
                }
            }
        }
    }

    /// <summary>Every format, in sizes that leave part of a byte and some passes of Adam7 empty, with all five filters in turn.</summary>
    [TestCaseSource(nameof(Formats))]
    public void Every_format_gives_the_stored_numbers(int color, int depth, int interlace)
    {
        foreach ((int width, int height) in new[] { (1, 1), (3, 2), (5, 7), (13, 11), (33, 9) })
        {
            var picture = new Picture(color, depth, width, height);
            byte[] file = picture.File(interlace);

            SampleImage read = Png.ReadSamples(new MemoryStream(file), "test.png");

            Assert.That((read.Width, read.Height, read.Channels, read.BitDepth), Is.EqualTo((width, height, color is 2 or 6 ? 3 : 1, depth)));
            Assert.That(read.Samples.Select(value => (int)value), Is.EqualTo(picture.WithoutAlpha()), $"{width} x {height}");
        }
    }

    [TestCaseSource(nameof(Formats))]
    public void Every_format_gives_an_8_bit_picture(int color, int depth, int interlace)
    {
        var picture = new Picture(color, depth, 9, 6);

        ByteImage read = Png.Read(new MemoryStream(picture.File(interlace)), "test.png");

        double largest = Math.Pow(2, depth) - 1;
        IEnumerable<byte> expected = color == 3
            ? picture.WithoutAlpha().SelectMany(index => Picture.PaletteColor(index))
            : picture.WithoutAlpha().Select(value => (byte)Math.Round(value * 255 / largest));
        Assert.That(read.Channels, Is.EqualTo(color is 0 or 4 ? 1 : 3));
        Assert.That(read.Pixels, Is.EqualTo(expected));
    }

    [Test]
    public void What_is_written_is_read([Values] PngEffort effort, [Values(1, 3)] int channels, [Values(1, 8, 31)] int width)
    {
        byte[] pixels = [.. Noise(width * 17 * channels, 256).Select(value => (byte)value)];

        ByteImage read = Png.Read(new MemoryStream(Png.Encode(new ByteImage(width, 17, channels, pixels), effort)), "test.png");

        Assert.That((read.Width, read.Height, read.Channels), Is.EqualTo((width, 17, channels)));
        Assert.That(read.Pixels, Is.EqualTo(pixels));
    }

    [Test]
    public void Sixteen_bit_grey_survives_a_file([Values] PngEffort effort)
    {
        ushort[] samples = [.. Noise(19 * 5, 65536).Select(value => (ushort)value)];
        string path = Path.GetTempFileName();
        try
        {
            Png.Write(path, new SampleImage(19, 5, 1, 16, samples), effort);

            Assert.That(Png.ReadSamples(path).Samples, Is.EqualTo(samples));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Test]
    public void Only_one_channel_of_16_bits_is_written() =>
        Assert.Throws<ArgumentException>(() => Png.Encode(new SampleImage(1, 1, 1, 8, [1])));

    [Test]
    public void The_small_encoder_uses_filters_and_saves_space()
    {
        byte[] ramp = [.. Enumerable.Range(0, 64 * 64).Select(i => (byte)((i % 64) + (3 * (i / 64))))];
        var image = new ByteImage(64, 64, 1, ramp);

        byte[] small = Png.Encode(image);

        Assert.That(small, Has.Length.LessThan(Png.Encode(image, PngEffort.Fast).Length));
        Assert.That(Inflated(small).Where((_, i) => i % 65 == 0), Has.Some.Not.Zero);
    }

    [Test]
    public void Pixels_may_lie_in_many_chunks_among_comments()
    {
        var picture = new Picture(2, 8, 10, 10);

        byte[] file = picture.File(interlace: 0, chunkBytes: 7, comment: true);

        Assert.That(Png.ReadSamples(new MemoryStream(file), "test.png").Samples.Select(value => (int)value), Is.EqualTo(picture.Values));
    }

    [Test]
    public void A_file_that_ends_anywhere_is_refused_in_one_line()
    {
        byte[] file = new Picture(2, 8, 6, 5).File(interlace: 0);
        for (int length = 0; length < file.Length; length++)
        {
            string message = Refused(file[..length]);
            Assert.That(message, Does.StartWith("bad.png: ").And.Not.Contain("\n"), $"cut at {length}");
        }
    }

    [Test]
    public void Any_flipped_byte_is_refused()
    {
        byte[] file = new Picture(2, 8, 6, 5).File(interlace: 0);
        for (int i = 0; i < file.Length; i++)
        {
            byte[] damaged = [.. file];
            damaged[i] ^= 0x20;
            Assert.That(Refused(damaged), Does.StartWith("bad.png: ").And.Not.Contain("\n"), $"byte {i}");
        }
    }

    [TestCase(0, 3, 0, 0, 0, "colour type 0 with 3 bits")]
    [TestCase(2, 4, 0, 0, 0, "colour type 2 with 4 bits")]
    [TestCase(5, 8, 0, 0, 0, "colour type 5")]
    [TestCase(0, 8, 1, 0, 0, "compression 1")]
    [TestCase(0, 8, 0, 1, 0, "filter 1")]
    [TestCase(0, 8, 0, 0, 2, "interlace 2")]
    public void A_header_of_no_known_format_is_refused(int color, int depth, int compression, int filter, int interlace, string cause) =>
        Assert.That(Refused(Made(("IHDR", Header(1, 1, depth, color, compression, filter, interlace)), ("IDAT", Packed([0, 0])), ("IEND", []))), Does.Contain(cause));

    [TestCase(0u, 1u)]
    [TestCase(1u, 0u)]
    [TestCase(uint.MaxValue, 1u)]
    [TestCase(100_000u, 100_000u)]
    public void Impossible_sizes_are_refused(uint width, uint height) =>
        Assert.That(Refused(Made(("IHDR", Header(width, height, 8, 0)), ("IDAT", Packed([0, 0])), ("IEND", []))), Does.Contain($"{width} x {height}"));

    [Test]
    public void Damage_behind_right_check_values_is_named()
    {
        byte[] header = Header(2, 2, 8, 0);
        byte[] good = Packed([0, 1, 2, 0, 3, 4]);
        byte[] palette = Header(2, 2, 8, 3);
        byte[] wrongSum = [.. good];
        wrongSum[^1] ^= 1;

        Assert.That(Refused(Made(("IHDR", header), ("IDAT", Packed([0, 1, 2, 0, 3])), ("IEND", []))), Does.Contain("row 1 of 2"));
        Assert.That(Refused(Made(("IHDR", header), ("IDAT", Packed([0, 1, 2, 5, 3, 4])), ("IEND", []))), Does.Contain("row 1 has filter 5"));
        Assert.That(Refused(Made(("IHDR", header), ("IDAT", wrongSum), ("IEND", []))), Does.Contain("packed pixels are damaged"));
        Assert.That(Refused(Made(("IHDR", header), ("IDAT", [1, 2, 3, 4]), ("IEND", []))), Does.Contain("packed pixels are damaged"));
        Assert.That(Refused(Made(("IHDR", header), ("IEND", []))), Does.Contain("no chunk IDAT"));
        Assert.That(Refused(Made(("IDAT", good), ("IEND", []))), Does.Contain("instead of IHDR"));
        Assert.That(Refused(Made(("IHDR", header), ("IHDR", header), ("IDAT", good), ("IEND", []))), Does.Contain("second chunk IHDR"));
        Assert.That(Refused(Made(("IHDR", header), ("WHAT", []), ("IDAT", good), ("IEND", []))), Does.Contain("unknown chunk WHAT"));
        Assert.That(Refused(Made(("IHDR", header), ("IDAT", good[..4]), ("tEXt", []), ("IDAT", good[4..]), ("IEND", []))), Does.Contain("do not follow"));
        Assert.That(Refused(Made(("IHDR", palette), ("IDAT", good), ("IEND", []))), Does.Contain("no chunk PLTE"));
        Assert.That(Refused(Made(("IHDR", palette), ("PLTE", [1, 2]), ("IDAT", good), ("IEND", []))), Does.Contain("chunk PLTE of 2 bytes"));
        Assert.That(Refused(Made(("IHDR", palette), ("PLTE", new byte[12]), ("IDAT", good), ("IEND", []))), Does.Contain("pixel (1, 1) has palette index 4"));
    }

    [Test]
    public void Other_files_are_told_from_PNG() =>
        Assert.That(Refused([0xFF, 0xD8, 0xFF, 0xE0, 1, 2, 3, 4, 5]), Does.Contain("not a PNG").And.Contain("FFD8FFE0"));

    [Test]
    public void A_missing_file_and_a_folder_are_named()
    {
        string missing = Path.Combine(Path.GetTempPath(), "no-such-folder-of-ours", "x.png");

        Assert.That(Assert.Throws<DataException>(() => Png.Read(missing))!.Message, Does.StartWith(missing).And.Contain("no such file"));
        Assert.That(Assert.Throws<DataException>(() => Png.Read(Path.GetTempPath()))!.Message, Does.StartWith(Path.GetTempPath()));
        Assert.That(
            Assert.Throws<DataException>(() => Png.Write(missing, new ByteImage(1, 1, 1, [0])))!.Message, Does.StartWith(missing).And.Contain("can't be written"));
    }

    private static string Refused(byte[] file) => Assert.Throws<DataException>(() => Png.Read(new MemoryStream(file), "bad.png"))!.Message;

    private static int[] Noise(int count, int bound)
    {
        RandomStream stream = RandomStream.For(1, "png test");
        return [.. Enumerable.Range(0, count).Select(i => stream.Integer((ulong)i, bound))];
    }

    private static byte[] Header(uint width, uint height, int depth, int color, int compression = 0, int filter = 0, int interlace = 0)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteUInt32BigEndian(header, width);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), height);
        byte[] rest = [(byte)depth, (byte)color, (byte)compression, (byte)filter, (byte)interlace];
        rest.CopyTo(header, 8);
        return header;
    }

    private static byte[] Packed(byte[] rows)
    {
        using var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(rows);
        }

        return packed.ToArray();
    }

    /// <summary>The rows of a file with one chunk IDAT right after IHDR.</summary>
    private static byte[] Inflated(byte[] file)
    {
        int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(33));
        using var inflate = new ZLibStream(new MemoryStream(file, 41, length), CompressionMode.Decompress);
        var rows = new MemoryStream();
        inflate.CopyTo(rows);
        return rows.ToArray();
    }

    private static byte[] Made(params (string Type, byte[] Data)[] chunks)
    {
        var file = new MemoryStream();
        file.Write(Signature);
        foreach ((string type, byte[] data) in chunks)
        {
            byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
            var number = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
            file.Write(number);
            file.Write(body);
            BinaryPrimitives.WriteUInt32BigEndian(number, BitwiseCrc(body));
            file.Write(number);
        }

        return file.ToArray();
    }

    /// <summary>CRC-32 bit by bit, as its definition says.</summary>
    private static uint BitwiseCrc(byte[] data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }

    /// <summary>A random picture of one format, packed by the words of the standard: bit by bit, filters in turn.</summary>
    private sealed class Picture(int color, int depth, int width, int height)
    {
        private readonly int _channels = color switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };

        public int[] Values { get; } = Noise(width * height * (color switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 }), 1 << depth);

        public static byte[] PaletteColor(int index) => [(byte)index, (byte)(255 - index), (byte)(index * 7)];

        public IEnumerable<int> WithoutAlpha() => color is 4 or 6 ? Values.Chunk(_channels).SelectMany(pixel => pixel[..^1]) : Values;

        public byte[] File(int interlace, int chunkBytes = int.MaxValue, bool comment = false)
        {
            (int X, int Y, int StepX, int StepY)[] passes = interlace == 1 ? Passes : [(0, 0, 1, 1)];
            byte[] rows = [.. passes.SelectMany(Rows)];
            var chunks = new List<(string, byte[])> { ("IHDR", Header((uint)width, (uint)height, depth, color, interlace: interlace)) };
            if (comment)
            {
                chunks.Add(("tEXt", [1, 2, 3]));
            }

            if (color == 3)
            {
                chunks.Add(("PLTE", [.. Enumerable.Range(0, 1 << depth).SelectMany(PaletteColor)]));
            }

            chunks.AddRange(Packed(rows).Chunk(chunkBytes).Select(part => ("IDAT", part)));
            chunks.Add(("IEND", []));
            return Made([.. chunks]);
        }

        private IEnumerable<byte> Rows((int X, int Y, int StepX, int StepY) pass)
        {
            if (pass.X >= width)
            {
                yield break;
            }

            byte[]? above = null;
            for (int y = pass.Y; y < height; y += pass.StepY)
            {
                byte[] row = PackRow(y, pass);
                int filter = (y / pass.StepY) % 5;
                yield return (byte)filter;
                foreach (byte value in Filtered(filter, row, above ?? new byte[row.Length]))
                {
                    yield return value;
                }

                above = row;
            }
        }

        private byte[] PackRow(int y, (int X, int Y, int StepX, int StepY) pass)
        {
            var bits = new List<int>();
            for (int x = pass.X; x < width; x += pass.StepX)
            {
                for (int channel = 0; channel < _channels; channel++)
                {
                    int value = Values[(((y * width) + x) * _channels) + channel];
                    bits.AddRange(Enumerable.Range(0, depth).Select(bit => (value >> (depth - 1 - bit)) & 1));
                }
            }

            return [.. bits.Chunk(8).Select(eight => (byte)eight.Select((bit, place) => bit << (7 - place)).Sum())];
        }

        private byte[] Filtered(int filter, byte[] row, byte[] above)
        {
            int distance = Math.Max(1, _channels * depth / 8);
            return [.. row.Select((value, i) =>
            {
                int a = i >= distance ? row[i - distance] : 0;
                int b = above[i];
                int c = i >= distance ? above[i - distance] : 0;
                int[] nearest = [.. new[] { a, b, c }.OrderBy(candidate => Math.Abs(a + b - c - candidate))];
                int predicted = filter switch { 1 => a, 2 => b, 3 => (a + b) / 2, 4 => nearest[0], _ => 0 };
                return (byte)(value - predicted);
            })];
        }
    }
}
