using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Scenes;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Tests;

/// <summary>Procedural scenes keep the contract of a data set.</summary>
public sealed class ScenesDatasetTests
{
    private static readonly ProceduralScenes Scenes = new(new() { Height = 24, Width = 32, TrainWeights = 5, TrainPolicy = 3, Validation = 2, Test = 4 });

    [Test]
    public void The_training_set_is_its_two_parts_one_after_the_other()
    {
        Assert.That(Scenes.Count(Split.Train), Is.EqualTo(8));
        for (int i = 0; i < 8; i++)
        {
            (Split part, int index) = i < 5 ? (Split.TrainWeights, i) : (Split.TrainPolicy, i - 5);
            Sample whole = Scenes.Load(Split.Train, i, []);
            Sample single = Scenes.Load(part, index, []);
            Assert.That(whole.Id, Is.EqualTo(single.Id));
            Assert.That(whole.Image.Pixels.SequenceEqual(single.Image.Pixels), Is.True);
        }
    }

    [Test]
    public void Identities_are_numbers_that_no_two_scenes_share()
    {
        Split[] parts = [Split.TrainWeights, Split.TrainPolicy, Split.Validation, Split.Test];
        string[] ids = [.. parts.SelectMany(part => Enumerable.Range(0, Scenes.Count(part)).Select(i => Scenes.Id(part, i)))];

        Assert.That(ids, Is.EqualTo(Enumerable.Range(0, 14).Select(i => i.ToString("D4"))));
        Assert.That(Scenes.Load(Split.Test, 3, []).Id, Is.EqualTo("0013"));
    }

    [Test]
    public void Only_the_labels_that_are_asked_for_are_there()
    {
        Sample sample = Scenes.Load(Split.Test, 0, [Label.Depth, Label.Edges]);

        Assert.That(sample.Labels.Keys, Is.EquivalentTo([Label.Depth, Label.Edges]));
    }

    [Test]
    public void Planes_have_the_size_and_the_channels_of_their_kind()
    {
        Sample sample = Scenes.Load(Split.Validation, 1, Scenes.Labels);

        Assert.That(sample.Labels.Keys, Is.EquivalentTo(new[] { Label.Segmentation, Label.SurfaceNormals, Label.Depth, Label.Keypoints, Label.Edges }));
        Assert.That((sample.Image.Height, sample.Image.Width), Is.EqualTo((24, 32)));
        foreach ((Label kind, Plane plane) in sample.Labels)
        {
            Assert.That((plane.Height, plane.Width, plane.Channels), Is.EqualTo((24, 32, kind == Label.SurfaceNormals ? 3 : 1)));
        }
    }

    [Test]
    public void Raw_normals_are_the_stored_bytes_and_decode_to_the_others()
    {
        var raw = new ProceduralScenes(Scenes.Options with { DecodeNormals = false });
        float[] stored = raw.Load(Split.Test, 2, [Label.SurfaceNormals]).Labels[Label.SurfaceNormals].Values;
        float[] decoded = Scenes.Load(Split.Test, 2, [Label.SurfaceNormals]).Labels[Label.SurfaceNormals].Values;

        Assert.That(stored, Has.All.InRange(0f, 254f));
        Assert.That(stored, Has.All.Matches<float>(value => value == MathF.Floor(value)));
        Assert.That(decoded, Is.EqualTo(stored.Select(value => (value / 127.5f) - 1)));
    }

    [Test]
    public void There_are_thirteen_named_classes()
    {
        Assert.That(Scenes.ClassesOf(Label.Segmentation), Is.EqualTo(13));
        Assert.That(Scenes.ClassNames, Has.Count.EqualTo(13).And.Unique);
        Assert.That(Scenes.ClassNames[(int)SceneClass.Couch], Is.EqualTo("couch"));
    }

    [TestCase(7, 96, 1, 10, "height is 7")]
    [TestCase(96, 5000, 1, 10, "width is 5000")]
    [TestCase(96, 96, 0, 10, "samples is 0")]
    [TestCase(96, 96, 1, -1, "train weights is -1")]
    [TestCase(4096, 4096, 8, 10, "samples in a picture")]
    public void Options_out_of_range_are_named(int height, int width, int samples, int train, string expected)
    {
        ProceduralSceneOptions options = new() { Height = height, Width = width, Samples = samples, TrainWeights = train };

        ConfigurationException? error = Assert.Throws<ConfigurationException>(() => _ = new ProceduralScenes(options));

        Assert.That(error!.Message, Does.Contain(expected).And.Not.Contain("\n"));
    }

    [Test]
    public void A_scene_that_is_not_there_and_an_unknown_label_are_errors()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Scenes.Load(Split.Test, 4, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => Scenes.Id(Split.Train, -1));
        Assert.Throws<DataException>(() => Scenes.Load(Split.Test, 0, [Label.Of(LabelKind.Class)]));
    }
}
