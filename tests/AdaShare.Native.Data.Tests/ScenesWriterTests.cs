using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.NyuV2;
using AdaShare.Native.Data.Scenes;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Tests;

/// <summary>What the writer writes is, value by value, what the data set gives.</summary>
public sealed class ScenesWriterTests
{
    private const int Height = 20;
    private const int Width = 28;
    private static readonly ProceduralScenes Scenes = new(
        new() { Seed = 9, Height = Height, Width = Width, TrainWeights = 3, TrainPolicy = 2, Validation = 1, Test = 2, DecodeNormals = false });

    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("scenes-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Files_hold_the_values_of_the_data_set()
    {
        SceneWriter.Write(Scenes, Path.Combine(_folder, "new", "set"));

        foreach (Split part in ProceduralScenes.Parts)
        {
            for (int i = 0; i < Scenes.Count(part); i++)
            {
                Sample sample = Scenes.Load(part, i, Scenes.Labels);
                string Name(string kind, string extension) => Path.Combine(_folder, "new", "set", kind, sample.Id + extension);
                Assert.That(ReadPng(Name("img", ".png"), 3), Is.EqualTo(Reversed(Array.ConvertAll(sample.Image.Pixels.ToArray(), static value => (float)value))));
                Assert.That(ReadPng(Name("seg", ".png"), 1), Is.EqualTo(sample.Labels[Label.Segmentation].Values));
                Assert.That(ReadPng(Name("normal_mask", ".png"), 3), Is.EqualTo(Reversed(sample.Labels[Label.SurfaceNormals].Values)));
                Assert.That(ReadNpy(Name("depth", ".npy")), Is.EqualTo(sample.Labels[Label.Depth].Values));
                Assert.That(ReadNpy(Name("edge", ".npy")), Is.EqualTo(sample.Labels[Label.Edges].Values));
                Assert.That(ReadNpy(Name("keypoint", ".npy")), Is.EqualTo(sample.Labels[Label.Keypoints].Values));
            }
        }
    }

    /// <summary>The other way round, and for both forms of normals: what is written loads back to exactly the same planes.</summary>
    [Test]
    public void What_is_written_loads_back_to_the_same_planes([Values] bool decodeNormals)
    {
        var scenes = new ProceduralScenes(Scenes.Options with { DecodeNormals = decodeNormals });
        SceneWriter.Write(scenes, _folder);

        var set = new NyuV2Dataset(_folder, new() { DecodeNormals = decodeNormals });

        Assert.That(set.Labels, Is.EquivalentTo(scenes.Labels));
        Assert.That(set.ClassNamesOf(Label.Segmentation), Is.EqualTo(scenes.ClassNames));
        Assert.That(set.ClassesOf(Label.Segmentation), Is.EqualTo(scenes.ClassesOf(Label.Segmentation)));
        foreach (Split part in Enum.GetValues<Split>())
        {
            Assert.That(set.Count(part), Is.EqualTo(scenes.Count(part)));
            for (int i = 0; i < set.Count(part); i++)
            {
                (Sample written, Sample read) = (scenes.Load(part, i, scenes.Labels), set.Load(part, i, scenes.Labels));
                Assert.That(read.Id, Is.EqualTo(written.Id));
                Assert.That((read.Image.Height, read.Image.Width), Is.EqualTo((written.Image.Height, written.Image.Width)));
                Assert.That(read.Image.Pixels.SequenceEqual(written.Image.Pixels), Is.True);
                foreach (Label kind in scenes.Labels)
                {
                    RequireSame(read.Labels[kind], written.Labels[kind]);
                }
            }
        }
    }

    [Test]
    public void The_number_of_classes_is_the_one_that_was_written()
    {
        SceneWriter.Write(Scenes, _folder);

        ConfigurationException? error = Assert.Throws<ConfigurationException>(() => _ = new NyuV2Dataset(_folder, new() { Classes = 40 }));

        Assert.That(error!.Message, Does.Contain("classes is 40").And.Contain("scenes.json").And.Not.Contain("\n"));
    }

    [Test]
    public void The_index_names_classes_parts_seed_and_size()
    {
        SceneWriter.Write(Scenes, _folder);

        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "scenes.json")));
        JsonElement root = json.RootElement;
        string[] Strings(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetString()!)];
        Assert.That(Strings(root.GetProperty("classes")), Is.EqualTo(Scenes.ClassNames));
        Assert.That(Strings(root.GetProperty("splits").GetProperty("train1")), Is.EqualTo(["0000", "0001", "0002"]));
        Assert.That(Strings(root.GetProperty("splits").GetProperty("train2")), Is.EqualTo(["0003", "0004"]));
        Assert.That(Strings(root.GetProperty("splits").GetProperty("val")), Is.EqualTo(["0005"]));
        Assert.That(Strings(root.GetProperty("splits").GetProperty("test")), Is.EqualTo(["0006", "0007"]));
        Assert.That(root.GetProperty("seed").GetUInt64(), Is.EqualTo(9));
        Assert.That(root.GetProperty("size").EnumerateArray().Select(item => item.GetInt32()), Is.EqualTo([Height, Width]));
    }

    [Test]
    public void Progress_counts_every_scene_once()
    {
        var told = new List<(int Written, int Total)>();

        SceneWriter.Write(Scenes, _folder, (written, total) => told.Add((written, total)));

        Assert.That(told, Is.EqualTo(Enumerable.Range(1, 8).Select(i => (i, 8))));
    }

    [Test]
    public void A_stopped_writer_leaves_nothing_behind()
    {
        using var stop = new CancellationTokenSource();

        Assert.Throws<OperationCanceledException>(() => SceneWriter.Write(Scenes, Path.Combine(_folder, "set"), (_, _) => stop.Cancel(), stop.Token));

        Assert.That(Directory.GetFileSystemEntries(_folder), Is.Empty);
    }

    [Test]
    public void A_data_set_is_replaced_only_where_that_is_asked_for()
    {
        SceneWriter.Write(Scenes, _folder);
        var fewer = new ProceduralScenes(Scenes.Options with { Seed = 10, Test = 1 });

        DataException? error = Assert.Throws<DataException>(() => SceneWriter.Write(fewer, _folder));
        Assert.That(error!.Message, Does.StartWith(_folder).And.Contain("not empty").And.Not.Contain("\n"));
        Assert.That(new NyuV2Dataset(_folder).Count(Split.Test), Is.EqualTo(2));

        SceneWriter.Write(fewer, _folder, overwrite: true);
        Assert.That(Directory.GetFiles(Path.Combine(_folder, "img")), Has.Length.EqualTo(7));
        Assert.That(new NyuV2Dataset(_folder).Notices, Is.Empty);
    }

    [Test]
    public void A_stopped_replacement_leaves_the_old_data_set()
    {
        SceneWriter.Write(Scenes, _folder);
        using var stop = new CancellationTokenSource();

        Assert.Throws<OperationCanceledException>(() => SceneWriter.Write(Scenes, _folder, overwrite: true, (_, _) => stop.Cancel(), stop.Token));

        Assert.That(new NyuV2Dataset(_folder).Count(Split.Test), Is.EqualTo(2));
        Assert.That(Directory.GetFileSystemEntries(_folder), Has.Length.EqualTo(7));
    }

    [Test]
    public void A_folder_with_something_of_others_is_never_written_over([Values] bool overwrite)
    {
        File.WriteAllText(Path.Combine(_folder, "thesis.tex"), "years");

        DataException? error = Assert.Throws<DataException>(() => SceneWriter.Write(Scenes, _folder, overwrite: overwrite));

        Assert.That(error!.Message, Does.StartWith(_folder).And.Contain("thesis.tex").And.Not.Contain("\n"));
        Assert.That(Directory.GetFileSystemEntries(_folder), Has.Length.EqualTo(1));
    }

    [Test]
    public void A_folder_that_is_a_file_is_named_in_one_line()
    {
        string blocked = Path.Combine(_folder, "blocked");
        File.WriteAllText(blocked, "a file");

        DataException? error = Assert.Throws<DataException>(() => SceneWriter.Write(Scenes, blocked));

        Assert.That(error!.Message, Does.StartWith(blocked).And.Not.Contain("\n"));
    }

    private static void RequireSame(Plane read, Plane written)
    {
        Assert.That((read.Height, read.Width, read.Channels), Is.EqualTo((written.Height, written.Width, written.Channels)));
        Assert.That(read.Values, Is.EqualTo(written.Values));
    }

    private static float[] Reversed(float[] bgr) => [.. bgr.Chunk(3).SelectMany(pixel => pixel.Reverse())];

    /// <summary>An independent reader of the one kind of PNG that the writer makes: 8 bits, no filters.</summary>
    private static float[] ReadPng(string path, int channels)
    {
        byte[] file = File.ReadAllBytes(path);
        Assert.That(file[^8..], Is.EqualTo(new byte[] { (byte)'I', (byte)'E', (byte)'N', (byte)'D', 0xAE, 0x42, 0x60, 0x82 }), "the last chunk and its CRC-32");
        var packed = new MemoryStream();
        int place = 8;
        while (place < file.Length)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(place));
            string type = Encoding.ASCII.GetString(file, place + 4, 4);
            ReadOnlySpan<byte> data = file.AsSpan(place + 8, length);
            if (type == "IHDR")
            {
                Assert.That(BinaryPrimitives.ReadInt32BigEndian(data), Is.EqualTo(Width));
                Assert.That(BinaryPrimitives.ReadInt32BigEndian(data[4..]), Is.EqualTo(Height));
                Assert.That(data[8..].ToArray(), Is.EqualTo(new byte[] { 8, (byte)(channels == 1 ? 0 : 2), 0, 0, 0 }));
            }
            else if (type == "IDAT")
            {
                packed.Write(data);
            }

            place += length + 12;
        }

        packed.Position = 0;
        using var inflate = new ZLibStream(packed, CompressionMode.Decompress);
        var rows = new MemoryStream();
        inflate.CopyTo(rows);
        Assert.That(rows.Length, Is.EqualTo(Height * ((Width * channels) + 1)));
        return [.. rows.ToArray().Chunk((Width * channels) + 1).SelectMany(row => row[1..]).Select(value => (float)value)];
    }

    private static float[] ReadNpy(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int header = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(8));
        Assert.That((10 + header) % 64, Is.Zero);
        Assert.That(Encoding.ASCII.GetString(file, 10, header).TrimEnd(), Is.EqualTo($"{{'descr': '<f4', 'fortran_order': False, 'shape': ({Height}, {Width}), }}"));
        return [.. file.Skip(10 + header).Chunk(4).Select(bytes => BinaryPrimitives.ReadSingleLittleEndian(bytes))];
    }
}
