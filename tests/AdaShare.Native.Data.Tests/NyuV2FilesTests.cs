using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.NyuV2;
using AdaShare.Native.Data.Scenes;
using AdaShare.Native.Tests;

namespace AdaShare.Native.Data.Tests;

/// <summary>Whole pictures in the layout of NYU v2, drawn and written by the tests: what another program has read from the same files, and NYU v2's own order of depth.</summary>
public sealed class NyuV2FilesTests
{
    private const int Height = 192;
    private const int Width = 256;

    private static readonly string[] Ids = ["0000", "0001", "0002", "0003", "0004", "0005"];

    private string _folder = "";

    [OneTimeSetUp]
    public void Draw()
    {
        _folder = Directory.CreateTempSubdirectory("nyu-files-").FullName;
        SceneWriter.Write(new ProceduralScenes(new() { Seed = 1, Height = Height, Width = Width, TrainWeights = 2, TrainPolicy = 1, Validation = 1, Test = 2 }), _folder);
    }

    [OneTimeTearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    /// <summary>The hashes were taken in Python of what its own decoders read, when the official code was recorded on these pictures.</summary>
    [Test]
    public void Their_values_are_those_that_another_decoder_has_read()
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(TestData.File("golden", "scenes_3task_resnet18.json")));
        JsonProperty[] recorded = [.. golden.RootElement.GetProperty("config").GetProperty("scenes").GetProperty("sha256_pixels").EnumerateObject()];
        Assert.That(recorded, Has.Length.EqualTo(16));
        foreach (JsonProperty file in recorded)
        {
            string path = Path.Combine(_folder, file.Name);
            byte[] values = file.Name.EndsWith(".png", StringComparison.Ordinal) ? Png.Read(path).Pixels : LittleEndian(NumpyArray.Read(path).Values);
            Assert.That(Convert.ToHexStringLower(SHA256.HashData(values)), Is.EqualTo(file.Value.GetString()), file.Name);
        }
    }

    [Test]
    public void Depth_in_Fortran_order_is_the_same_plane()
    {
        foreach (string id in Ids)
        {
            Plane plane = Load(id).Labels[Label.Depth];
            string file = Path.Combine(_folder, "depth", id + ".npy");
            byte[] written = File.ReadAllBytes(file);
            try
            {
                File.WriteAllBytes(file, FortranOrdered(plane.Values));
                Assert.That(Load(id).Labels[Label.Depth].Values, Is.EqualTo(plane.Values), id);
            }
            finally
            {
                File.WriteAllBytes(file, written);
            }
        }
    }

    /// <summary>Of the files' red, green and blue, red is to the right, green up and blue towards the camera (NYU v2 has green away from it and blue up): none may be mistaken for another on the way.</summary>
    [Test]
    public void Floors_look_up_ceilings_down_and_everything_at_the_camera()
    {
        (double X, double Y, double Z) Mean(Func<int, bool> wanted)
        {
            (double X, double Y, double Z)[] of = [.. Ids.Select(Load).SelectMany(sample => Normals(sample, wanted))];
            Assert.That(of, Is.Not.Empty);
            return (of.Average(normal => normal.X), of.Average(normal => normal.Y), of.Average(normal => normal.Z));
        }

        Assert.That(Mean(label => label == (int)SceneClass.Floor).Y, Is.GreaterThan(0.8));
        Assert.That(Mean(label => label == (int)SceneClass.Ceiling).Y, Is.LessThan(-0.8));
        Assert.That(Mean(_ => true).Z, Is.GreaterThan(0.4));
    }

    [Test]
    public void A_picture_survives_our_own_encoder_and_gets_no_larger_with_more_effort()
    {
        foreach (string id in Ids)
        {
            string path = Path.Combine(_folder, "img", id + ".png");
            ByteImage image = Png.Read(path);

            byte[] again = Png.Encode(image);

            Assert.That(Png.Read(new MemoryStream(again), "again").Pixels.AsSpan().SequenceEqual(image.Pixels), Is.True);
            Assert.That(again, Has.Length.LessThanOrEqualTo((int)new FileInfo(path).Length));
        }
    }

    private Sample Load(string id) =>
        NyuV2Files.Load(_folder, id, [Label.Segmentation, Label.SurfaceNormals, Label.Depth], decodeNormals: true, Enum.GetValues<SceneClass>().Length);

    /// <summary>The decoded normals of the pixels of some classes, from B, G, R.</summary>
    private static IEnumerable<(double X, double Y, double Z)> Normals(Sample sample, Func<int, bool> wanted)
    {
        float[] values = sample.Labels[Label.SurfaceNormals].Values, classes = sample.Labels[Label.Segmentation].Values;
        return Enumerable.Range(0, classes.Length).Where(pixel => wanted((int)classes[pixel])).Select(pixel => ((double)values[(3 * pixel) + 2], (double)values[(3 * pixel) + 1], (double)values[3 * pixel]));
    }

    /// <summary>A file as NumPy writes a plane whose columns run first, as NYU v2's do.</summary>
    private static byte[] FortranOrdered(float[] plane)
    {
        byte[] header = Encoding.ASCII.GetBytes($"{{'descr': '<f4', 'fortran_order': True, 'shape': ({Height}, {Width}), }}".PadRight(117) + "\n");
        float[] columns = [.. from x in Enumerable.Range(0, Width) from y in Enumerable.Range(0, Height) select plane[(y * Width) + x]];
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. header, .. LittleEndian(columns)];
    }

    private static byte[] LittleEndian(float[] values)
    {
        var bytes = new byte[4 * values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), values[i]);
        }

        return bytes;
    }
}
