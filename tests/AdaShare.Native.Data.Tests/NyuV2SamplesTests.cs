using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Data.Tests;

/// <summary>The real samples of NYU v2, where the machine has them, against what is known of them.</summary>
public sealed class NyuV2SamplesTests
{
    private const int Height = 480;
    private const int Width = 640;
    private const int Wall = 0;
    private const int Floor = 1;
    private const int Ceiling = 21;

    private static readonly Lazy<Sample[]> Samples = new(ReadAll);

    [Test]
    public void They_have_the_known_sizes_and_ranges()
    {
        foreach (Sample sample in Required())
        {
            Assert.That((sample.Image.Height, sample.Image.Width), Is.EqualTo((Height, Width)));
            Assert.That(sample.Labels[LabelKind.Segmentation].Values.Distinct().Order(), Is.SubsetOf(Enumerable.Range(0, 40).Append(255).Select(label => (float)label)));
            Assert.That(sample.Labels[LabelKind.Depth].Values.Min(), Is.GreaterThan(0.7f));
            Assert.That(sample.Labels[LabelKind.Depth].Values.Max(), Is.LessThan(7f));
        }
    }

    [Test]
    public void Their_values_are_those_of_another_decoder()
    {
        // Counted by a decoder in Python over zlib.
        Sample sample = Required().Single(sample => sample.Id == "0061");

        Assert.That(sample.Labels[LabelKind.Segmentation].Values.Distinct().Order(), Is.EqualTo([0f, 7f, 16f, 20f, 24f, 26f, 39f, 255f]));
        Assert.That(sample.Labels[LabelKind.Depth].Values.Min(), Is.EqualTo(1.2457045f));
        Assert.That(sample.Labels[LabelKind.Depth].Values.Max(), Is.EqualTo(2.4128911f));
        // White pixels, and those of the grey border.
        Assert.That(IgnoredNormals(sample), Is.EqualTo(79980 + 2953));
        Assert.That(sample.Image.Pixels.ToArray().Sum(value => (double)value), Is.EqualTo(52635861.0));
    }

    [Test]
    public void Depth_is_read_in_Fortran_order()
    {
        // A scene is smooth in both directions; numbers in the wrong order are not.
        foreach (Sample sample in Required())
        {
            Plane depth = sample.Labels[LabelKind.Depth];
            const int Step = 8;
            (double across, double down) = (0, 0);
            for (int y = 1; y < Height; y += Step)
            {
                for (int x = 1; x < Width; x++)
                {
                    across += Math.Abs(depth[y, x, 0] - depth[y, x - 1, 0]);
                    down += Math.Abs(depth[y, x, 0] - depth[y - 1, x, 0]);
                }
            }

            Assert.That(across * Step / (Height * Width), Is.LessThan(0.03), sample.Id);
            Assert.That(down * Step / (Height * Width), Is.LessThan(0.03), sample.Id);
        }
    }

    [Test]
    public void Normals_have_length_1_and_a_fifth_to_two_fifths_are_ignored()
    {
        foreach (Sample sample in Required())
        {
            Assert.That(IgnoredNormals(sample) / (double)(Height * Width), Is.InRange(0.2, 0.41), sample.Id);
            double length = Pixels(sample).Average(pixel => Math.Sqrt((pixel.X * pixel.X) + (pixel.Y * pixel.Y) + (pixel.Z * pixel.Z)));
            Assert.That(length, Is.EqualTo(1).Within(0.01), sample.Id);
        }
    }

    [Test]
    public void X_is_to_the_right_Y_away_from_the_camera_and_Z_up()
    {
        foreach (Sample sample in Required())
        {
            (double right, double up, double towards, int count) = (0, 0, 0, 0);
            foreach ((int pixel, double x, double y, double z) in Pixels(sample))
            {
                (double Right, double Up, double Towards) geometric = FromDepth(sample.Labels[LabelKind.Depth], pixel / Width, pixel % Width);
                right += x * geometric.Right;
                up += z * geometric.Up;
                towards += -y * geometric.Towards;
                count++;
            }

            Assert.That(right / count, Is.GreaterThan(0.1), sample.Id);
            Assert.That(towards / count, Is.GreaterThan(0.3), sample.Id);
            if (sample.Id != "0061")
            {
                // Sample 0061 is all wall: it says nothing of up.
                Assert.That(up / count, Is.GreaterThan(0.2), sample.Id);
            }
        }
    }

    [Test]
    public void Floors_look_up_ceilings_down_and_walls_at_the_camera()
    {
        (double X, double Y, double Z) Mean(int label)
        {
            (int Pixel, double X, double Y, double Z)[] of =
                [.. Required().SelectMany(sample => Pixels(sample).Where(pixel => sample.Labels[LabelKind.Segmentation].Values[pixel.Pixel] == label))];
            return (of.Average(pixel => pixel.X), of.Average(pixel => pixel.Y), of.Average(pixel => pixel.Z));
        }

        Assert.That(Mean(Floor).Z, Is.GreaterThan(0.8));
        Assert.That(Mean(Ceiling).Z, Is.LessThan(-0.6));
        Assert.That(Mean(Wall).Y, Is.LessThan(-0.6));
    }

    [Test]
    public void An_image_survives_our_own_encoder()
    {
        string path = Path.Combine(Root(), "img", "0061.png");
        ByteImage image = Png.Read(path);

        byte[] again = Png.Encode(image);

        Assert.That(Png.Read(new MemoryStream(again), "again").Pixels.AsSpan().SequenceEqual(image.Pixels), Is.True);
        Assert.That(again, Has.Length.LessThan(1.2 * new FileInfo(path).Length));
    }

    /// <summary>The normal at a pixel from the depth of its neighbours and the intrinsics of the Kinect's colour camera (the data set's toolbox).</summary>
    private static (double Right, double Up, double Towards) FromDepth(Plane depth, int row, int column)
    {
        const int Reach = 5;
        (double X, double Y, double Z) Point(int y, int x)
        {
            (y, x) = (Math.Clamp(y, 0, Height - 1), Math.Clamp(x, 0, Width - 1));
            double z = depth[y, x, 0];
            return ((x - 325.58) * z / 518.86, -(y - 253.74) * z / 519.47, -z);
        }

        (double X, double Y, double Z) a = Point(row, column + Reach), b = Point(row, column - Reach), c = Point(row - Reach, column), d = Point(row + Reach, column);
        (double X, double Y, double Z) across = (a.X - b.X, a.Y - b.Y, a.Z - b.Z);
        (double X, double Y, double Z) upwards = (c.X - d.X, c.Y - d.Y, c.Z - d.Z);
        double right = (across.Y * upwards.Z) - (across.Z * upwards.Y);
        double up = (across.Z * upwards.X) - (across.X * upwards.Z);
        double towards = (across.X * upwards.Y) - (across.Y * upwards.X);
        double length = Math.Sqrt((right * right) + (up * up) + (towards * towards));
        return (right / length, up / length, towards / length);
    }

    /// <summary>The decoded normals of every eleventh pixel that counts: enough for a mean.</summary>
    private static IEnumerable<(int Pixel, double X, double Y, double Z)> Pixels(Sample sample)
    {
        float[] values = sample.Labels[LabelKind.SurfaceNormals].Values;
        for (int i = 0; i < values.Length; i += 33)
        {
            if (values[i] != 255)
            {
                yield return (i / 3, values[i + 2], values[i + 1], values[i]);
            }
        }
    }

    private static int IgnoredNormals(Sample sample) =>
        Enumerable.Range(0, Height * Width).Count(pixel => sample.Labels[LabelKind.SurfaceNormals][pixel / Width, pixel % Width, 0] == 255);

    private static Sample[] Required()
    {
        _ = Root();
        return Samples.Value;
    }

    private static Sample[] ReadAll()
    {
        var set = new NyuV2Dataset(Root());
        Split[] parts = [Split.TrainWeights, Split.TrainPolicy, Split.Validation, Split.Test];
        return [.. parts.Select(part => set.Load(part, 0, set.Labels))];
    }

    /// <summary>The folder of the samples in <c>shared</c>, beside the repository.</summary>
    private static string Root()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string shared = Path.Combine(folder.FullName, "shared");
            string samples = Path.Combine(shared, "data", "nyu_v2_samples");
            if (Directory.Exists(Path.Combine(shared, "golden")) && Directory.Exists(samples))
            {
                return samples;
            }
        }

        Assert.Ignore("lacks shared/data/nyu_v2_samples beside the repository");
        return "";
    }
}
