using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Pictures;
using AdaShare.Native.Host.Predictions;

namespace AdaShare.Native.Host.Tests.Predictions;

[TestFixture]
internal sealed class PredictionPlanTests
{
    private string _folder = "";

    private string Out => Path.Combine(_folder, "out");

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("adashare-plan-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Names_do_not_depend_on_what_else_is_given()
    {
        string[] images = ["a.png", "a.jpg", "a.jpeg", "b.PNG"];
        string[] together = [.. Plan(images).SelectMany(static planned => planned.Outputs)];
        Assert.That(together, Is.Unique);
        Assert.That(Plan([.. images.Reverse()]).Reverse().SelectMany(static planned => planned.Outputs), Is.EqualTo(together));
        Assert.That(images.SelectMany(image => Plan([image]).Single().Outputs), Is.EqualTo(together));
        Assert.That(together.Take(6).Select(Path.GetFileName), Is.EqualTo(new[] { "a.png", "a_seg.png", "a_depth.png", "a.jpg.png", "a.jpg_seg.png", "a.jpg_depth.png" }));
    }

    [TestCase("x/a.png", "y/a.png", "out/a.png would be one of x/a.png too")]
    [TestCase("x/a.png", "x/A.PNG", "would be one of x/a.png too")]
    [TestCase("a.png", "a_seg.png", "out/a_seg.png would be one of a.png too")]
    [TestCase("a.png", "./a.png", "is given twice")]
    public void Pictures_of_one_name_are_refused_with_both_images(string first, string second, string says) =>
        Assert.That(() => Plan([first, second]), Throws.TypeOf<DataException>().With.Message.StartsWith(second).And.Message.Contains(says));

    [Test]
    public void Images_without_pictures_do_not_meet() => Assert.That(PredictionPlan.Of(InputKind.Image, ["x/a.png", "y/a.png"], Out, [], [], [PredictionTable.FileName], force: false), Has.Count.EqualTo(2));

    [Test]
    public void Frames_of_a_folder_come_in_the_order_of_their_numbers()
    {
        string[] frames = ["frame1.png", "frame2.png", "frame10.jpg", "frame010.png", "frame99999999999999999999.png", "g.png"];
        foreach (string frame in frames)
        {
            File.WriteAllBytes(Path.Combine(_folder, frame), []);
        }

        string[] ordered = [.. Plan([_folder]).Select(static planned => Path.GetFileName(planned.Image))];
        Assert.That(ordered, Is.EqualTo(new[] { "frame1.png", "frame2.png", "frame10.jpg", "frame010.png", "frame99999999999999999999.png", "g.png" }));
    }

    [Test]
    public void Pictures_do_not_lie_among_the_images_of_a_folder()
    {
        File.WriteAllBytes(Path.Combine(_folder, "a.jpg"), []);
        Assert.That(() => PredictionPlan.Of(InputKind.Image, [_folder], _folder + Path.DirectorySeparatorChar, [], [], [], force: true), Throws.TypeOf<DataException>().With.Message.Contains("is the folder of the images to predict from"));
    }

    [Test]
    public void The_order_of_names_is_total()
    {
        string[] names = ["", "1", "01", "001", "1a", "a", "a1", "a01", "a1b", "a2", "a10", "b"];
        foreach (string x in names)
        {
            foreach (string y in names)
            {
                Assert.That(Math.Sign(NaturalOrder.Instance.Compare(x, y)), Is.EqualTo(-Math.Sign(NaturalOrder.Instance.Compare(y, x))), $"{x} and {y}");
                Assert.That(NaturalOrder.Instance.Compare(x, y) == 0, Is.EqualTo(x == y), $"{x} and {y}");
            }
        }
    }

    private IReadOnlyList<PlannedPictures> Plan(IReadOnlyList<string> images) => PredictionPlan.Of(InputKind.Image, images, Out, ["seg", "depth"], [], [], force: false);
}
