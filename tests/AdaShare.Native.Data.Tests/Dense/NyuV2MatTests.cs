using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.NyuV2Mat;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Tests.Dense;

/// <summary>NYU v2's labelled set in its original file, which h5py writes with procedural scenes as MATLAB does.</summary>
public sealed class NyuV2MatTests
{
    private const int Count = 6, Height = DenseScenes.Height, Width = DenseScenes.Width;
    private const int LastVariant = 11;
    private const string Labeled = "nyu_depth_v2_labeled.mat", Splits = "splits.mat";
    private static readonly Sample[] Scenes = DenseScenes.Draw(Count);

    private DenseFolder _folder = null!;

    [OneTimeSetUp]
    public void Write()
    {
        _folder = new();
        DenseLayouts.NyuMat(_folder, Scenes, LastVariant);
    }

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase(40)]
    [TestCase(13)]
    public void Planes_are_those_that_h5py_reads(int classes)
    {
        using NyuV2MatDataset dataset = Open(new() { Classes = classes, NormalRadius = 2 });
        Expect.PartsAreWhole(dataset, train: Count - 2, test: 2);
        Assert.That(dataset.ClassNamesOf(Label.Segmentation), Has.Count.EqualTo(classes));
        Expect.SameAsPython(dataset, "nyu_mat", _folder["0"], classes, tolerance: 1e-4, null, "h5py", "scipy");
    }

    [Test]
    public void Planes_are_the_scenes_and_raw_depth_has_holes()
    {
        using NyuV2MatDataset filled = Open(), raw = Open(new() { RawDepth = true });
        Sample sample = Expect.LoadAll(filled)["0002"], holes = Expect.LoadAll(raw)["0002"];
        Assert.That(sample.Image.Pixels.SequenceEqual(Scenes[1].Image.Pixels), Is.True);
        Assert.That(sample.Labels[Label.Depth].Values, Is.EqualTo(Scenes[1].Labels[Label.Depth].Values));
        Assert.That(holes.Labels[Label.Depth].Values, Is.EqualTo(DenseScenes.Depth(Scenes[1])));
        Assert.That(holes.Labels[Label.SurfaceNormals].Values[3..6], Is.All.EqualTo(255));
        Assert.That(filled.Fingerprints(Split.Test, 0).Keys, Is.EquivalentTo(new[] { "image", "Segmentation", "SurfaceNormals", "Depth" }));
    }

    [Test]
    public void Many_threads_read_what_one_reads()
    {
        using NyuV2MatDataset dataset = Open();
        (Split Part, int Index)[] all = [.. Enumerable.Range(0, 4).SelectMany(_ => Expect.Parts.SelectMany(part => Enumerable.Range(0, dataset.Count(part)).Select(i => (part, i))))];
        Dictionary<string, Sample> one = Expect.LoadAll(dataset);
        Parallel.ForEach(all, new ParallelOptions { MaxDegreeOfParallelism = 4 }, example =>
        {
            Sample sample = dataset.Load(example.Part, example.Index, dataset.Labels);
            Assert.That(sample.Image.Pixels.SequenceEqual(one[sample.Id].Image.Pixels), Is.True);
            Assert.That(sample.Labels.All(label => label.Value.Values.AsSpan().SequenceEqual(one[sample.Id].Labels[label.Key].Values)), Is.True);
        });
    }

    [TestCase(1, Labeled, "image 2: depth is -2 at pixel (row 0, column 3)")]
    [TestCase(2, Labeled, "image 3: label 895 at pixel (row 1, column 0)")]
    [TestCase(3, Labeled, "array 'images' has 4 dimensions of FixedPoint numbers of 2 bytes; expected 4 of FixedPoint numbers of 1")]
    [TestCase(4, Labeled, "array 'images' is (6, 2, 32, 24)")]
    [TestCase(5, Labeled, "there is no array 'depths'")]
    [TestCase(6, Labeled, "array 'depths' is (6, 31, 24); expected (6, 32, 24)")]
    [TestCase(7, Splits, "testNdxs has 9; expected numbers of images from 1 to 6")]
    [TestCase(8, Splits, "testNdxs has 3.5")]
    [TestCase(9, Splits, "example '0001' is in 'train1' and in 'test'")]
    [TestCase(10, Splits, "there is no array of numbers 'testNdxs'")]
    public void A_bad_file_is_named_in_one_sentence(int variant, string file, string words)
    {
        Expect.Error(() => Open(variant: variant), _folder[$"{variant}/{file}"], words);
    }

    [Test]
    public void An_unpacked_splits_file_is_read_too()
    {
        using NyuV2MatDataset dataset = Open(variant: 11);
        Assert.That(Enumerable.Range(0, 2).Select(i => dataset.Id(Split.Test, i)), Is.EqualTo(new[] { "0002", "0006" }));
    }

    [Test]
    public void A_missing_or_damaged_file_is_named()
    {
        using var folder = new DenseFolder();
        NyuV2MatDataset Opened() => new(folder.Root);
        byte[] whole = File.ReadAllBytes(_folder[$"0/{Labeled}"]);
        Expect.Error(Opened, folder[Labeled], "there is no such file");
        folder.Write(Labeled, "no HDF5 at all");
        Expect.Error(Opened, folder[Labeled], "can't be read as HDF5");
        folder.Write(Labeled, whole);
        Expect.Error(Opened, folder[Splits], "there is no such file");
        folder.Write(Splits, File.ReadAllBytes(_folder[$"0/{Splits}"]));
        Expect.LoadAll(Opened());
        folder.Write(Labeled, whole[..(whole.Length / 3)]);
        Expect.Error(Opened, folder[Labeled]);
    }

    [TestCase(14, 4, "classes is 14")]
    [TestCase(40, 0, "normal radius is 0")]
    public void An_option_out_of_range_is_named(int classes, int radius, string words) =>
        Assert.That(Assert.Throws<ConfigurationException>(() => Open(new() { Classes = classes, NormalRadius = radius }))!.Message, Does.Contain(words));

    /// <summary>Opens one of the variants of the files, 0 the whole one.</summary>
    private NyuV2MatDataset Open(NyuV2MatOptions? options = null, int variant = 0) => new(_folder[$"{variant}"], options);
}
