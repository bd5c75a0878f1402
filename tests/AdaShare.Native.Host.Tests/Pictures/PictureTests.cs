using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Pictures;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Host.Tests.Pictures;

[TestFixture]
internal sealed class PictureTests
{
    private static readonly Colour Red = new(255, 0, 0);
    private static readonly Colour Blue = new(0, 0, 255);
    private string _folder = "";

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("adashare-pictures-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void A_picture_that_is_written_decodes_to_the_same_pixels()
    {
        var picture = new Picture(3, 5) { [0, 0] = Red, [1, 2] = new Colour(1, 2, 3), [2, 4] = Blue };
        string path = Path.Combine(_folder, "new", "folder", "a.png");
        PictureFile.Write(path, picture);
        ByteImage image = Png.Read(path);
        Assert.That((image.Height, image.Width, image.Channels), Is.EqualTo((3, 5, 3)));
        Assert.That(image.Pixels, Is.EqualTo(picture.Pixels));
    }

    [Test]
    public void An_image_is_read_in_blue_green_red_order()
    {
        var picture = new Picture(16, 17) { [0, 0] = new Colour(10, 20, 30) };
        string path = Path.Combine(_folder, "a.png");
        PictureFile.Write(path, picture);
        BgrImage image = PictureFile.Read(path);
        Assert.That((image.Height, image.Width), Is.EqualTo((16, 17)));
        Assert.That(new[] { image[0, 0, 0], image[0, 0, 1], image[0, 0, 2] }, Is.EqualTo(new byte[] { 30, 20, 10 }));
        Assert.That(Picture.Of(image).Pixels, Is.EqualTo(picture.Pixels));
    }

    [Test]
    public void A_grey_image_gets_three_equal_channels()
    {
        string path = Path.Combine(_folder, "grey.png");
        Png.Write(path, new ByteImage(16, 16, 1, [.. Enumerable.Repeat((byte)77, 256)]));
        Assert.That(PictureFile.Read(path).Pixels.ToArray(), Has.All.EqualTo(77f));
    }

    [Test]
    public void What_is_no_image_is_named_in_one_line()
    {
        string small = Path.Combine(_folder, "small.png"), text = Path.Combine(_folder, "text.png"), missing = Path.Combine(_folder, "missing.png");
        PictureFile.Write(small, new Picture(8, 40));
        File.WriteAllText(text, "no picture");
        Assert.That(() => PictureFile.Read(small), Throws.TypeOf<DataException>().With.Message.EqualTo($"{small}: is 8x40; a network needs at least 16x16, give a larger image"));
        Assert.That(() => PictureFile.Read(text), Throws.TypeOf<DataException>().With.Message.StartsWith(text));
        Assert.That(() => PictureFile.Read(missing), Throws.TypeOf<DataException>().With.Message.StartsWith(missing));
        Assert.That(() => PictureFile.Write(Path.Combine(text, "a.png"), new Picture(1, 1)), Throws.TypeOf<DataException>().With.Message.Contains(text));
    }

    [Test]
    public void Pictures_stand_side_by_side_with_lines_between_them()
    {
        Picture left = Filled(2, 3, Red), right = Filled(4, 6, Blue);
        Picture row = Picture.Row([left, right], 2, new Colour(9, 9, 9));
        Assert.That((row.Height, row.Width), Is.EqualTo((2, 8)));
        for (int y = 0; y < 2; y++)
        {
            Colour[] line = [.. Enumerable.Range(0, 8).Select(x => row[y, x])];
            Assert.That(line, Is.EqualTo(new[] { Red, Red, Red, new Colour(9, 9, 9), new Colour(9, 9, 9), Blue, Blue, Blue }));
        }
    }

    [Test]
    public void Resizing_takes_the_nearest_pixel()
    {
        var picture = new Picture(2, 2) { [0, 0] = Red, [1, 1] = Blue };
        Picture large = picture.Resize(4, 4);
        Assert.That((large[1, 1], large[0, 2], large[2, 2], large[3, 3]), Is.EqualTo((Red, Colour.Black, Blue, Blue)));
    }

    [Test]
    public void Classes_have_distinct_colours_and_what_is_ignored_is_black()
    {
        Colour[] colours = [.. Enumerable.Range(0, 255).Select(ClassPalette.Of)];
        Assert.That(colours, Is.Unique);
        Assert.That(colours, Has.None.EqualTo(Colour.Black));
        Assert.That(new[] { ClassPalette.Of(255), ClassPalette.Of(-1), ClassPalette.Of(1000) }, Has.All.EqualTo(Colour.Black));

        // The classes of NYU v2 must be told apart by eye: a just noticeable difference is about 0.02 in OKLab.
        (double L, double A, double B)[] places = [.. colours.Take(40).Append(Colour.Black).Select(c => c.ToOkLab())];
        double nearest = places.SelectMany((p, i) => places.Skip(i + 1).Select(q => Math.Sqrt(Math.Pow(p.L - q.L, 2) + Math.Pow(p.A - q.A, 2) + Math.Pow(p.B - q.B, 2)))).Min();
        Assert.That(nearest, Is.GreaterThan(0.06));
    }

    [Test]
    public void Turbo_has_its_published_colours()
    {
        // From the published table of 256 colours: entries 64, 128 and 192, where the published polynomials are within 20 units of it.
        (double Value, int R, int G, int B)[] table = [(64 / 255.0, 40, 187, 235), (128 / 255.0, 164, 252, 60), (192 / 255.0, 251, 126, 33)];
        foreach ((double value, int r, int g, int b) in table)
        {
            Colour colour = Turbo.Of(value);
            Assert.That(new double[] { colour.R, colour.G, colour.B }, Is.EqualTo(new double[] { r, g, b }).Within(20), $"at {value}");
        }

        Assert.That(Turbo.Of(-5), Is.EqualTo(Turbo.Of(0)));
        Assert.That(Turbo.Of(5), Is.EqualTo(Turbo.Of(1)));
    }

    [Test]
    public void Segmentation_is_painted_by_class()
    {
        Picture picture = Paint("seg", new Plane(1, 3, 1, [0, 39, 255])).Picture;
        Assert.That(new[] { picture[0, 0], picture[0, 1], picture[0, 2] }, Is.EqualTo(new[] { ClassPalette.Of(0), ClassPalette.Of(39), Colour.Black }));
    }

    [Test]
    public void Normals_are_painted_with_x_in_red()
    {
        // z, y, x order; the second is not of unit length, the third has no direction, the fourth is an ignored label.
        float[] normals = [0, 0, 1, 0, -2, 0, 0, 0, 0, 255, 255, 255];
        Picture picture = Paint("sn", new Plane(1, 4, 3, normals)).Picture;
        Assert.That(picture[0, 0], Is.EqualTo(new Colour(255, 128, 128)));
        Assert.That(picture[0, 1], Is.EqualTo(new Colour(128, 0, 128)));
        Assert.That(picture[0, 2], Is.EqualTo(Colour.Black));
        Assert.That(picture[0, 3], Is.EqualTo(Colour.Black));
    }

    [Test]
    public void Depth_is_warm_where_it_is_near_and_says_its_range()
    {
        TaskPicture painted = Paint("depth", new Plane(1, 4, 1, [1, 3, 2, float.NaN]));
        Assert.That(painted.Metres, Is.EqualTo((1.0, 3.0)));
        Assert.That(painted.Picture[0, 0], Is.EqualTo(Turbo.Of(1)));
        Assert.That(painted.Picture[0, 1], Is.EqualTo(Turbo.Of(0)));
        Assert.That(painted.Picture[0, 2], Is.EqualTo(Turbo.Of(0.5)));
        Assert.That(painted.Picture[0, 3], Is.EqualTo(Colour.Black));
    }

    [Test]
    public void Constant_depth_and_no_depth_at_all_can_be_painted()
    {
        Assert.That(Paint("depth", new Plane(1, 1, 1, [2])).Metres, Is.EqualTo((2.0, 2.0)));
        Assert.That(Paint("depth", new Plane(1, 1, 1, [float.NaN])).Picture[0, 0], Is.EqualTo(Colour.Black));
    }

    [TestCase("edge")]
    [TestCase("keypoint")]
    public void Edges_and_keypoints_are_grey(string task)
    {
        Picture picture = Paint(task, new Plane(1, 3, 1, [-1, 0, 1])).Picture;
        Assert.That(new[] { picture[0, 0], picture[0, 1], picture[0, 2] }, Is.EqualTo(new[] { Colour.Black, new Colour(128, 128, 128), new Colour(255, 255, 255) }));
    }

    private static TaskPicture Paint(string task, Plane prediction) => TaskRegistry.Find(task)!.Paint(task, prediction);

    private static Picture Filled(int height, int width, Colour colour)
    {
        var picture = new Picture(height, width);
        for (int i = 0; i < height * width; i++)
        {
            picture[i / width, i % width] = colour;
        }

        return picture;
    }
}
