using AdaShare.Native.Data.Augmentation;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Tests;

/// <summary>What a batch holds for its samples.</summary>
public sealed class LoadingBatchTests
{
    private static readonly LabelKind[] All = Enum.GetValues<LabelKind>();

    [Test]
    public void Nearest_indices_are_those_of_PyTorch()
    {
        Assert.That(BatchAssembler.NearestIndices(8, 3), Is.EqualTo(new[] { 0, 2, 5 }));
        Assert.That(BatchAssembler.NearestIndices(3, 8), Is.EqualTo(new[] { 0, 0, 0, 1, 1, 1, 2, 2 }));
        Assert.That(BatchAssembler.NearestIndices(5, 5), Is.EqualTo(new[] { 0, 1, 2, 3, 4 }));
        Assert.That(BatchAssembler.NearestIndices(321, 41)[..4], Is.EqualTo(new[] { 0, 7, 15, 23 }));
        Assert.That(BatchAssembler.NearestIndices(321, 41)[40], Is.EqualTo(313));
    }

    /// <summary>41 * 2 / 82 is 1, but 41 * (float)(2 / 82) is just below: PyTorch takes pixel 0, and so must we.</summary>
    [TestCase(2, 82, 41, 0)]
    [TestCase(3, 123, 82, 1)]
    [TestCase(6, 74, 37, 2)]
    public void Nearest_indices_round_in_single_precision(int source, int target, int at, int expected) =>
        Assert.That(BatchAssembler.NearestIndices(source, target)[at], Is.EqualTo(expected));

    [TestCase(LabelKind.Segmentation, 0f, true)]
    [TestCase(LabelKind.Segmentation, 254f, true)]
    [TestCase(LabelKind.Segmentation, 255f, false)]
    [TestCase(LabelKind.Depth, 0f, false)]
    [TestCase(LabelKind.Depth, 3e-5f, false)]
    [TestCase(LabelKind.Depth, 3.1e-5f, true)]
    [TestCase(LabelKind.Keypoints, -1f, true)]
    [TestCase(LabelKind.Keypoints, 255f, false)]
    [TestCase(LabelKind.Edges, 1f, true)]
    [TestCase(LabelKind.Edges, 255f, false)]
    public void Pixels_of_one_channel_count_by_the_rule_of_their_kind(LabelKind kind, float value, bool counts) =>
        Assert.That(BatchAssembler.Counts(kind, [value]), Is.EqualTo(counts));

    [TestCase(0.1f, 0.2f, -0.9f, true)]
    [TestCase(255f, 255f, 255f, false)]
    [TestCase(10f, 255f, 10f, false)]
    [TestCase(254f, 254f, 254f, true)]
    public void Normals_count_where_no_channel_is_255(float z, float y, float x, bool counts) =>
        Assert.That(BatchAssembler.Counts(LabelKind.SurfaceNormals, [z, y, x]), Is.EqualTo(counts));

    [Test]
    public void The_mean_is_subtracted_from_blue_green_and_red()
    {
        float[] values = ImageMean.Subtract(new Plane(1, 2, 3, [0, 0, 0, 255, 1, 2]));

        Assert.That(values, Is.EqualTo(new[] { -104.00699f, -116.66877f, -122.67891f, 150.99301f, -115.66877f, -120.67891f }).Within(1e-5f));
        Assert.That(() => ImageMean.Subtract(new Plane(1, 2, 1, [0, 0])), Throws.ArgumentException);
        Assert.That(() => ImageMean.Subtract(new Plane(1, 1, 3, [0, 0, 0]), new float[6]), Throws.ArgumentException);
    }

    [Test]
    public void A_batch_holds_its_samples_one_after_the_other()
    {
        Sample[] samples = [PatternDataset.Make(0, 16, 24, All), PatternDataset.Make(9, 16, 24, All)];

        using Batch batch = BatchAssembler.Assemble(samples, All, new(2, 16, 24, 2, 3));

        Assert.That(batch.Images, Is.EqualTo(samples.SelectMany(static sample => ImageMean.Subtract(sample.Image))));
        Assert.That(batch.Targets.Keys, Is.EquivalentTo(All));
        foreach (Target target in batch.Targets.Values)
        {
            int channels = target.Kind == LabelKind.SurfaceNormals ? 3 : 1;
            for (int i = 0; i < 12; i++)
            {
                // 16 x 24 to 2 x 3: every eighth pixel.
                Plane plane = samples[i / 6].Labels[target.Kind];
                float[] pixel = [.. Enumerable.Range(0, channels).Select(c => plane[i % 6 / 3 * 8, i % 3 * 8, c])];
                if (target.Kind == LabelKind.Segmentation)
                {
                    Assert.That(target.Classes[i], Is.EqualTo((int)pixel[0]), $"{target.Kind} {i}");
                }
                else
                {
                    Assert.That(target.Values[(i * channels)..((i + 1) * channels)], Is.EqualTo(pixel), $"{target.Kind} {i}");
                }

                Assert.That(target.Mask[i], Is.EqualTo(BatchAssembler.Counts(target.Kind, pixel) ? 1 : 0), $"mask of {target.Kind} {i}");
            }

            Assert.That(target.Mask, Has.Some.EqualTo(1).And.Some.EqualTo(0), target.Kind.ToString());
        }
    }

    [Test]
    public void Augmenting_into_a_batch_equals_augmenting_first()
    {
        Sample sample = PatternDataset.Make(6, 20, 28, All);
        var options = new AugmentationOptions(17, 25, 0.5, 1.5, 0.5, true);
        var shape = new BatchShape(1, 17, 25, 3, 4);
        using Batch direct = BatchAssembler.Assemble([Augmenter.CenterCrop(sample, 17, 25)], All, shape);
        for (int position = 0; position < 30; position++)
        {
            RandomStream stream = RandomStream.For(3, "augment", position);
            using Batch expected = BatchAssembler.Assemble([Augmenter.Apply(sample, options, stream)], All, shape);

            BatchAssembler.Put(direct, 0, sample, options, stream);

            AssertEqual(direct, expected);
        }
    }

    [Test]
    public void What_does_not_fit_is_named()
    {
        Sample sample = PatternDataset.Make(4, 20, 28, [LabelKind.Depth]);
        var shape = new BatchShape(1, 16, 28, 2, 3);

        Assert.That(() => BatchAssembler.Assemble([sample], [LabelKind.Depth], shape), Throws.TypeOf<DataException>().With.Message.Contains("20x28"));
        Assert.That(() => BatchAssembler.Assemble([sample], All, shape with { Height = 20 }), Throws.TypeOf<DataException>().With.Message.Contains("Segmentation"));
        Assert.That(() => BatchAssembler.Assemble([sample, sample], [LabelKind.Depth], shape with { Height = 20 }), Throws.ArgumentException);
    }

    /// <summary>Compares images, targets and masks bit for bit.</summary>
    internal static void AssertEqual(Batch actual, Batch expected)
    {
        Assert.That(actual.Images.AsSpan().SequenceEqual(expected.Images), Is.True, "images");
        foreach ((LabelKind kind, Target target) in expected.Targets)
        {
            Target other = actual.Targets[kind];
            Assert.That(other.Classes.AsSpan().SequenceEqual(target.Classes), Is.True, $"classes of {kind}");
            Assert.That(other.Values.AsSpan().SequenceEqual(target.Values), Is.True, $"values of {kind}");
            Assert.That(other.Mask.AsSpan().SequenceEqual(target.Mask), Is.True, $"mask of {kind}");
        }
    }
}
