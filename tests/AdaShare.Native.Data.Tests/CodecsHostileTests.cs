using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Tests;

/// <summary>Files that ask for more than they hold, that break the frame around their pixels, and mutants of sound ones.</summary>
public sealed class CodecsHostileTests
{
    private static readonly byte[] Grey2X2 = [0, 1, 2, 0, 3, 4];

    [Test]
    public void A_header_alone_gets_no_memory()
    {
        byte[] file = Png8(11_000, 12_000, Zlib([0, 1, 2]));

        long bytes = Allocated(() => Assert.That(RefusedPng(file), Does.Contain("truncated PNG").And.Contain("can't hold more")));

        Assert.That(bytes, Is.LessThan(1_000_000));
    }

    [Test]
    public void Memory_grows_only_with_the_pixels_that_come()
    {
        // So many packed bytes could hold the picture, but nothing of it is in them: a block of incompressible bytes, 1000 rows of the 11000.
        byte[] file = Png8(4000, 11_000, Zlib(Noise(4001 * 1000)));

        long bytes = Allocated(() => Assert.That(RefusedPng(file), Does.Contain("row")));

        Assert.That(bytes, Is.LessThan(30_000_000));
    }

    [TestCase(1u, 134_217_728u)]
    [TestCase(134_217_728u, 1u)]
    [TestCase(65_536u, 1u)]
    [TestCase(1u, 65_536u)]
    public void Sides_beyond_the_bound_are_refused(uint width, uint height) =>
        Assert.That(RefusedPng(Png8(width, height, Zlib(new byte[8]))), Does.Contain($"{width} x {height}").And.Contain("65535"));

    [Test]
    public void The_tallest_picture_is_read_in_little_time()
    {
        byte[] file = Png8(1, 65_535, Zlib(new byte[2 * 65_535]));

        Assert.That(Png.Read(new MemoryStream(file), "tall.png").Pixels, Has.Length.EqualTo(65_535).And.All.Zero);
    }

    [Test]
    public void A_preset_dictionary_is_refused_in_one_line()
    {
        byte[] packed = Zlib(Grey2X2);
        packed[1] = 0x20;
        packed[1] += (byte)(31 - (((packed[0] << 8) | packed[1]) % 31));

        Assert.That(RefusedPng(Png8(2, 2, packed)), Does.Contain("preset dictionary"));
    }

    [Test]
    public void A_stream_without_its_check_value_or_with_a_part_of_it_is_refused()
    {
        byte[] packed = Zlib(Grey2X2);
        for (int cut = 1; cut <= packed.Length; cut++)
        {
            Assert.That(RefusedPng(Png8(2, 2, packed[..^cut])), Does.Contain("PNG: "), $"{cut} bytes less");
        }

        Assert.That(RefusedPng(Png8(2, 2, [.. packed, 0])), Does.Contain("check value"));
        Assert.That(Png.Read(new MemoryStream(Png8(2, 2, packed)), "whole.png").Pixels, Is.EqualTo(new byte[] { 1, 2, 3, 4 }));
    }

    [Test]
    public void More_pixels_than_the_header_says_are_refused() =>
        Assert.That(RefusedPng(Png8(2, 2, Zlib([.. Grey2X2, 0]))), Does.Contain("more pixels"));

    [Test]
    public void The_check_value_of_zlib_is_right_for_every_length_and_cut()
    {
        foreach (int length in new[] { 0, 1, 15, 16, 17, 5551, 5552, 5553, 70_000 })
        {
            byte[] bytes = Noise(length);
            bytes.AsSpan(0, length / 2).Fill(255);
            var sum = new Adler32();
            sum.Append(bytes.AsSpan(0, length / 3));
            sum.Append(bytes.AsSpan(length / 3));
            uint a = 1, b = 0;
            foreach (byte value in bytes)
            {
                a = (a + value) % 65521;
                b = (b + a) % 65521;
            }

            Assert.That(sum.Value, Is.EqualTo((b << 16) | a), $"{length} bytes");
        }
    }

    [Test]
    public void An_array_that_asks_for_more_than_the_file_has_gets_no_memory()
    {
        byte[] file = Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (16000, 16000), }", 64);

        long bytes = Allocated(() => Assert.That(RefusedNpy(new MemoryStream(file)), Does.Contain("truncated .npy").And.Contain("64 are there")));
        long unknown = Allocated(() => Assert.That(RefusedNpy(new Unseekable(file)), Does.Contain("truncated .npy").And.Contain("64 are there")));

        Assert.That(Math.Max(bytes, unknown), Is.LessThan(1_000_000));
    }

    [Test]
    public void A_header_of_gigabytes_is_refused()
    {
        byte[] file = [0x93, .. Encoding.ASCII.GetBytes("NUMPY"), 2, 0, 0xFF, 0xFF, 0xFF, 0x7F, .. new byte[100_000]];

        Assert.That(RefusedNpy(new MemoryStream(file)), Does.Contain("claims 2147483647 bytes"));
    }

    [Test]
    public void A_stream_without_end_is_refused()
    {
        Assert.That(RefusedNpy(new Unseekable([.. NumpyArray.Encode([1], [1]), 0])), Does.Contain("too long"));
        Assert.That(Assert.Throws<DataException>(() => Png.Read(new Endless(), "bad.png"))!.Message, Does.Contain("longer than"));
    }

    [Test]
    public void Pipes_devices_and_folders_are_refused_before_they_are_opened()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("the names of devices are those of Linux");
        }

        foreach (string path in new[] { "/dev/zero", "/dev/stdin", Path.GetTempPath() })
        {
            Assert.That(Assert.Throws<DataException>(() => Png.Read(path))!.Message, Does.StartWith(path).And.Contain("no file"));
            Assert.That(Assert.Throws<DataException>(() => NumpyArray.Read(path))!.Message, Does.StartWith(path).And.Contain("no file"));
        }
    }

    [Test]
    public void A_picture_that_is_written_replaces_the_old_one_at_once()
    {
        string folder = Directory.CreateTempSubdirectory("png-").FullName;
        try
        {
            string path = Path.Combine(folder, "a.png");
            Png.Write(path, new ByteImage(1, 1, 1, [1]));
            File.CreateSymbolicLink(Path.Combine(folder, "link.png"), "a.png");

            // A rename takes the link's place; writing in place would go through it.
            Png.Write(Path.Combine(folder, "link.png"), new ByteImage(1, 1, 1, [2]));

            Assert.That(Png.Read(path).Pixels, Is.EqualTo(new byte[] { 1 }));
            Assert.That(Png.Read(Path.Combine(folder, "link.png")).Pixels, Is.EqualTo(new byte[] { 2 }));
            Assert.That(Directory.GetFiles(folder), Has.Length.EqualTo(2));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Mutants are read or refused with a <see cref="DataException"/> of one line, never anything else, with little memory.</summary>
    [TestCase("png")]
    [TestCase("npy")]
    public void Mutated_files_are_read_or_refused(string format)
    {
        byte[][] corpus = format == "png"
            ? [Png8(9, 7, Zlib(new byte[70])), Png.Encode(new ByteImage(8, 8, 3, Noise(192))), Png8(5, 5, Zlib(new byte[31]), color: 3), Png8(16, 16, Zlib(new byte[300]), interlace: 1)]
            : [NumpyArray.Encode([3, 4], new float[12]), Npy("{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3, 4), }", 48), Npy("{'descr': '|u1', 'fortran_order': False, 'shape': (), }", 1)];
        RandomStream random = RandomStream.For(1, format + " fuzz");
        ulong word = 0;
        int Draw(int bound) => random.Integer(word++, bound);
        int read = 0;
        long bytes = Allocated(() =>
        {
            for (int round = 0; round < 20_000; round++)
            {
                byte[] mutant = [.. corpus[round % corpus.Length]];
                for (int change = Draw(3); change >= 0; change--)
                {
                    int place = Draw(mutant.Length);
                    mutant[place] = Draw(4) switch { 0 => (byte)Draw(256), 1 => 0xFF, 2 => (byte)"0123456789(),"[Draw(13)], _ => (byte)(mutant[place] ^ (1 << Draw(8))) };
                }

                // Most damage would end at the check values of the chunks: they are made right again.
                mutant = format == "png" && Draw(8) > 0 ? Rechecked(mutant) : mutant;
                mutant = Draw(8) == 0 ? mutant[..Draw(mutant.Length)] : mutant;
                try
                {
                    object found = format != "png" ? NumpyArray.Read(new MemoryStream(mutant), "bad")
                        : round % 2 == 0 ? Png.Read(new MemoryStream(mutant), "bad") : Png.ReadSamples(new MemoryStream(mutant), "bad");
                    read += found is null ? 0 : 1;
                }
                catch (DataException error)
                {
                    Assert.That(error.Message, Does.StartWith("bad: ").And.Not.Contain("\n"));
                }
            }
        });

        Assert.That(read, Is.GreaterThan(100), "mutants that are still sound");
        Assert.That(bytes, Is.LessThan(3_000_000_000), "bytes for 20,000 files, 150,000 a file");
    }

    private static string RefusedPng(byte[] file)
    {
        string message = Assert.Throws<DataException>(() => Png.Read(new MemoryStream(file), "bad.png"))!.Message;
        Assert.That(message, Does.StartWith("bad.png: ").And.Not.Contain("\n"));
        return message;
    }

    private static string RefusedNpy(Stream stream) => Assert.Throws<DataException>(() => NumpyArray.Read(stream, "bad.npy"))!.Message;

    private static long Allocated(Action action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static byte[] Noise(int count)
    {
        var bytes = new byte[count];
        new Random(2).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Zlib(byte[] rows)
    {
        using var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(rows);
        }

        return packed.ToArray();
    }

    private static byte[] Npy(string header, int dataBytes)
    {
        byte[] text = Encoding.ASCII.GetBytes(header + "\n");
        return [0x93, .. Encoding.ASCII.GetBytes("NUMPY"), 1, 0, (byte)text.Length, 0, .. text, .. new byte[dataBytes]];
    }

    private static byte[] Png8(uint width, uint height, byte[] packed, byte color = 0, byte interlace = 0)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteUInt32BigEndian(header, width);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = (8, color, interlace);
        byte[] palette = color == 3 ? Chunk("PLTE", new byte[30]) : [];
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, .. Chunk("IHDR", header), .. palette, .. Chunk("IDAT", packed), .. Chunk("IEND", [])];
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        var chunk = new byte[data.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        data.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(data.Length + 8), PngCrc.Compute(chunk.AsSpan(4, data.Length + 4)));
        return chunk;
    }

    /// <summary>The file with right check values of its chunks, as far as they can be found.</summary>
    private static byte[] Rechecked(byte[] file)
    {
        for (int place = 8; place + 12 <= file.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(place));
            if (length > file.Length - place - 12)
            {
                break;
            }

            BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(place + 8 + (int)length), PngCrc.Compute(file.AsSpan(place + 4, (int)length + 4)));
            place += (int)length + 12;
        }

        return file;
    }

    /// <summary>A stream that does not know its length, as a pipe.</summary>
    private class Unseekable(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }

    /// <summary>A stream that never ends, as a device.</summary>
    private sealed class Endless() : Unseekable([])
    {
        public override int Read(Span<byte> buffer) => buffer.Length;
    }
}
