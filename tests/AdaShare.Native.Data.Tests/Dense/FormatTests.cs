using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Registry;

namespace AdaShare.Native.Data.Tests.Dense;

/// <summary>Dense data sets through the registry, as a configuration opens them.</summary>
public sealed class FormatTests
{
    private static readonly Sample[] Scenes = DenseScenes.Draw(6);
    private DenseFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase("NYU_v2_MTAN", 13)]
    [TestCase("CityScapes_MTAN", 7)]
    [TestCase("CityScapes_original", 19)]
    [TestCase("CityScapes_original_metres", 7)]
    [TestCase("Taskonomy", 17)]
    public void A_format_opens_its_folder_with_what_tasks_want(string name, int classes)
    {
        Write(name);
        IDataset dataset = DatasetRegistry.Get(name).Open(new(_folder.Root) { Tasks = [new("seg", Label.Segmentation, classes), new("depth", Label.Depth, 1)], ValidationFraction = 0.25 });
        Assert.That(dataset.Labels, Is.EquivalentTo(new[] { Label.Segmentation, Label.Depth }));
        Assert.That(dataset.ClassesOf(Label.Segmentation), Is.EqualTo(classes));
        Assert.That(dataset.ClassesOf(Label.Depth), Is.Zero);
        Assert.That(dataset.ClassNamesOf(Label.Depth), Is.Empty);
        Assert.That(dataset.Count(Split.Validation), Is.EqualTo(1));
        Assert.That(DatasetRegistry.All.Where(format => format.Recognizes(_folder.Root)).Select(format => format.Name), Is.EqualTo(new[] { name.Replace("_metres", "") }));
    }

    [Test]
    public void A_small_resolution_is_128x256()
    {
        Sample[] scenes = DenseScenes.Draw(4, 256, 512);
        DenseLayouts.CityscapesOriginal(_folder, scenes, train: 3);
        IDataset dataset = DatasetRegistry.Get("CityScapes_original").Open(new(_folder.Root) { SmallResolution = true });
        Assert.That(dataset.Load(Split.Test, 0, []).Image.Height, Is.EqualTo(256 / 8));
    }

    [Test]
    public void Summaries_are_one_line_and_names_are_unique()
    {
        Assert.That(DatasetRegistry.Names, Is.Unique);
        Assert.That(DatasetRegistry.All.Select(format => format.Summary), Has.All.Not.Contain("\n").And.All.Length.LessThan(180).And.All.Length.GreaterThan(20));
    }

    private void Write(string name)
    {
        switch (name)
        {
            case "NYU_v2_MTAN":
                DenseLayouts.MtanNyu(_folder, Scenes, train: 4);
                break;
            case "CityScapes_MTAN":
                DenseLayouts.MtanCityscapes(_folder, Scenes, train: 4);
                break;
            case "Taskonomy":
                DenseLayouts.Taskonomy(_folder, Scenes);
                DenseLayouts.List(_folder, "taskonomy.json", new() { ["train"] = [0, 1, 2, 3], ["test"] = [4, 5] }, DenseLayouts.TaskonomyRow);
                break;
            default:
                DenseLayouts.CityscapesOriginal(_folder, Scenes, train: 4);
                break;
        }
    }
}
