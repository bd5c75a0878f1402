using AdaShare.Native.Data.Augmentation;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Tests;

/// <summary>What a batch holds for its samples.</summary>
public sealed class LoadingBatchTests
{
    private static readonly Label[] All = [Label.Segmentation, Label.SurfaceNormals, Label.Depth, Label.Keypoints, Label.Edges];

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
        Assert.That(Target.Counts(kind, [value]), Is.EqualTo(counts));

    [TestCase(0.1f, 0.2f, -0.9f, true)]
    [TestCase(255f, 255f, 255f, false)]
    [TestCase(10f, 255f, 10f, false)]
    [TestCase(254f, 254f, 254f, true)]
    public void Normals_count_where_no_channel_is_255(float z, float y, float x, bool counts) =>
        Assert.That(Target.Counts(LabelKind.SurfaceNormals, [z, y, x]), Is.EqualTo(counts));

    [Test]
    public void A_batch_holds_its_samples_one_after_the_other()
    {
        Sample[] samples = [PatternDataset.Make(0, 16, 24, All), PatternDataset.Make(9, 16, 24, All)];

        using Batch batch = BatchAssembler.Assemble(samples, All, new(2, 16, 24, 2, 3));

        Assert.That(batch.Images.Pixels.ToArray(), Is.EqualTo(samples.SelectMany(static sample => sample.Image.Pixels.ToArray())));
        Assert.That(batch.Images.Windows.ToArray(), Is.All.EqualTo(CropWindow.Unscaled(16, 24)));
        Assert.That(batch.Targets.Keys, Is.EquivalentTo(All));
        foreach (Target target in batch.Targets.Values)
        {
            int channels = target.Label == Label.SurfaceNormals ? 3 : 1;
            for (int i = 0; i < 12; i++)
            {
                // 16 x 24 to 2 x 3: every eighth pixel.
                Plane plane = samples[i / 6].Labels[target.Label];
                float[] pixel = [.. Enumerable.Range(0, channels).Select(c => plane[i % 6 / 3 * 8, i % 3 * 8, c])];
                if (target.Label == Label.Segmentation)
                {
                    Assert.That(target.Classes[i], Is.EqualTo((int)pixel[0]), $"{target.Label} {i}");
                }
                else
                {
                    Assert.That(target.Values[(i * channels)..((i + 1) * channels)], Is.EqualTo(pixel), $"{target.Label} {i}");
                }

                Assert.That(target.Mask[i], Is.EqualTo(Target.Counts(target.Label.Kind, pixel) ? 1 : 0), $"mask of {target.Label} {i}");
            }

            Assert.That(target.Mask, Has.Some.EqualTo(1).And.Some.EqualTo(0), target.Label.ToString());
        }
    }

    [Test]
    public void One_window_is_taken_from_all_samples()
    {
        Sample[] samples = [PatternDataset.Make(3, 16, 24, All), PatternDataset.Make(4, 20, 30, All)];

        using Batch batch = BatchAssembler.Assemble(samples, All, new(2, 8, 16, 1, 2), row: 5, column: 7);

        Assert.That(
            Augmented.Images(batch),
            Is.EqualTo(samples.SelectMany(static sample => Enumerable.Range(0, 8 * 16 * 3).Select(i => (float)sample.Image[5 + (i / 48), 7 + (i / 3 % 16), i % 3]))));
        Assert.That(
            batch.Targets[Label.Depth].Values, Is.EqualTo(samples.SelectMany(static sample => new[] { sample.Labels[Label.Depth][5, 7, 0], sample.Labels[Label.Depth][5, 15, 0] })));
        Assert.That(
            () => BatchAssembler.Assemble(samples, All, new(2, 8, 16, 1, 2), row: 9, column: 0),
            Throws.TypeOf<DataException>().With.Message.Contains("example 3").And.Message.Contains("8x16 at row 9, column 0").And.Message.Contains("16x24"));
    }

    [Test]
    public void A_batch_holds_the_parts_of_images_that_windows_read_and_nothing_else()
    {
        Sample sample = PatternDataset.Make(6, 20, 28, []);
        var options = new AugmentationOptions(9, 10, 0.9, 1.5, 0.5, true);
        using var batch = new Batch(new(4, 9, 10, 1, 1), [], new ImageRoom(), static _ => { });
        for (int round = 0; round < 10; round++)
        {
            for (int i = 0; i < 4; i++)
            {
                BatchAssembler.Put(batch, i, sample, options, RandomStream.For(3, "augment", (4 * round) + i));
            }

            BatchImages images = batch.Images;
            int end = 0;
            for (int i = 0; i < 4; i++)
            {
                ImagePart part = images.Parts[i];
                Assert.That(part.Start, Is.EqualTo(end));
                Assert.That((part.Row, part.Rows), Is.EqualTo(images.Windows[i].Rows.Reads(9)));
                Assert.That((part.Column, part.Columns), Is.EqualTo(images.Windows[i].Columns.Reads(10)));
                end += part.Rows * part.Columns * 3;
                Assert.That(images.Pixels[part.Start..(part.Start + 3)].ToArray(), Is.EqualTo(new[] { (byte)part.Column, (byte)part.Row, (byte)6 }));
                Assert.That(images.Pixels[(end - 3)..end].ToArray(), Is.EqualTo(new[] { (byte)(part.Column + part.Columns - 1), (byte)(part.Row + part.Rows - 1), (byte)6 }));
            }

            Assert.That(images.Pixels.Length, Is.EqualTo(end));

            // At scale 0.9 a row of 9 lies within 8 / 0.9 + 3 rows, a column of 10 within 9 * 28 / 25 + 3.
            Assert.That(images.Room, Is.EqualTo(4 * 12 * 14 * 3));
        }
    }

    /// <summary>Images of several sizes in one batch: each keeps its own, and what is there when a larger one arrives stays.</summary>
    [Test]
    public void Room_grows_with_larger_images_and_keeps_what_is_there()
    {
        Sample[] samples = [PatternDataset.Make(1, 10, 12, []), PatternDataset.Make(2, 11, 9, []), PatternDataset.Make(3, 30, 7, []), PatternDataset.Make(4, 10, 12, [])];
        var options = new AugmentationOptions(16, 16, 1, 1, 0, true);
        var room = new ImageRoom();
        using var batch = new Batch(new(4, 16, 16, 1, 1), [], room, static _ => { });
        for (int i = 0; i < 4; i++)
        {
            BatchAssembler.Put(batch, i, samples[i], options, RandomStream.For(3, "augment", i));
        }

        Assert.That(Augmented.Images(batch), Is.EqualTo(samples.SelectMany((sample, i) => Augmented.Of(sample, options, RandomStream.For(3, "augment", i)).Image.Values)));
        Assert.That(batch.Images.Room, Is.EqualTo(4 * 10 * 12 * 3 * 5 / 4), "the third image needs 18 x 7 pixels; a quarter more, lest every new size makes another step");
        Assert.That((room.Make(1800), room.Make(1801), room.Make(9000)), Is.EqualTo((1800, 2250, 9000)));
    }

    [Test]
    public void What_does_not_fit_is_named()
    {
        Sample sample = PatternDataset.Make(4, 20, 28, [Label.Depth]);
        var shape = new BatchShape(1, 16, 28, 2, 3);

        Assert.That(() => BatchAssembler.Assemble([sample], [Label.Depth], shape), Throws.TypeOf<DataException>().With.Message.Contains("20x28"));
        Sample odd = sample with { Labels = new Dictionary<Label, Plane> { [Label.Depth] = new(20, 28, 3, new float[20 * 28 * 3]) } };
        Assert.That(() => BatchAssembler.Assemble([odd], [Label.Depth], shape with { Height = 20 }), Throws.TypeOf<DataException>().With.Message.Contains("3 channels; expected 1"));
        Assert.That(() => BatchAssembler.Assemble([sample, sample], [Label.Depth], shape with { Height = 20 }), Throws.ArgumentException);
    }

    [Test]
    public void An_image_that_lacks_a_label_contributes_nothing_to_it()
    {
        Label kind = Label.Of(LabelKind.Class, "kind"), tags = new(LabelKind.Attributes, "tags", 3), sizes = new(LabelKind.Values, "sizes", 2);
        Label[] labels = [Label.Segmentation, Label.Depth, kind, tags, sizes];
        Sample full = Labelled(7, [1, 0, 255], [1.5f, float.NaN]), without = PatternDataset.Make(5, 16, 24, [Label.Depth]);

        using Batch batch = BatchAssembler.Assemble([without, full, without], labels, new(3, 16, 24, 2, 3));

        Assert.That(batch.Targets[Label.Segmentation].Classes, Is.All.EqualTo(255));
        Assert.That(batch.Targets[Label.Segmentation].Mask, Is.All.EqualTo(0));
        Assert.That(batch.Targets[Label.Depth].Mask.Take(6), Has.Some.EqualTo(1));
        Assert.That(batch.Targets[kind].Classes, Is.EqualTo(new[] { -1, 7, -1 }));
        Assert.That(batch.Targets[kind].Mask, Is.EqualTo(new byte[] { 0, 1, 0 }));
        Assert.That(batch.Targets[tags].Mask, Is.EqualTo(new byte[] { 0, 0, 0, 1, 1, 0, 0, 0, 0 }));
        Assert.That(batch.Targets[tags].Values, Is.EqualTo(new float[] { 0, 0, 0, 1, 0, 0, 0, 0, 0 }));
        Assert.That(batch.Targets[sizes].Mask, Is.EqualTo(new byte[] { 0, 0, 1, 0, 0, 0 }));
        Assert.That(batch.Targets[sizes].Values, Is.EqualTo(new float[] { 0, 0, 1.5f, 0, 0, 0 }));
        Assert.That(batch.Targets[sizes].OfImage(1, 3).Values, Is.EqualTo(new[] { 1.5f, 0 }));
        Assert.That(batch.Targets[kind].OfImage(1, 3).Classes, Is.EqualTo(new[] { 7 }));

        Sample Labelled(int c, float[] attributes, float[] values) => PatternDataset.Make(4, 16, 24, [Label.Depth]) with
        {
            Labels = new Dictionary<Label, Plane> { [kind] = new(1, 1, 1, [c]), [tags] = new(1, 1, 3, attributes), [sizes] = new(1, 1, 2, values) },
        };
    }

    [Test]
    public void Images_have_three_bytes_a_pixel()
    {
        Assert.That(() => new BgrImage(2, 3, new byte[6]), Throws.ArgumentException.With.Message.Contains("2 x 3"));
        Assert.That(BgrImage.Of(new ByteImage(2, 1, 3, [1, 2, 3, 4, 5, 6])).Pixels.ToArray(), Is.EqualTo(new byte[] { 3, 2, 1, 6, 5, 4 }));
        Assert.That(BgrImage.Of(new ByteImage(2, 1, 1, [7, 8])).Pixels.ToArray(), Is.EqualTo(new byte[] { 7, 7, 7, 8, 8, 8 }));
    }

    [Test]
    public void More_than_a_buffer_holds_is_named()
    {
        Sample[] many = [.. Enumerable.Repeat(PatternDataset.Make(5, 160, 150, []), 30_000)];

        Assert.That(
            () => BatchAssembler.Assemble(many, [], new(30_000, 160, 150, 1, 1)),
            Throws.TypeOf<DataException>().With.Message.Contains("example 5").And.Message.Contains("160x150").And.Message.Contains("30000 of these"));
    }

    /// <summary>Compares images, what becomes of them, targets and masks bit for bit.</summary>
    internal static void AssertEqual(Batch actual, Batch expected)
    {
        Assert.That(actual.Images.Windows.SequenceEqual(expected.Images.Windows), Is.True, "windows");
        Assert.That(actual.Images.Pixels.SequenceEqual(expected.Images.Pixels), Is.True, "stored images");
        Assert.That(Augmented.Images(actual).AsSpan().SequenceEqual(Augmented.Images(expected)), Is.True, "images");
        foreach ((Label kind, Target target) in expected.Targets)
        {
            Target other = actual.Targets[kind];
            Assert.That(other.Classes.AsSpan().SequenceEqual(target.Classes), Is.True, $"classes of {kind}");
            Assert.That(other.Values.AsSpan().SequenceEqual(target.Values), Is.True, $"values of {kind}");
            Assert.That(other.Mask.AsSpan().SequenceEqual(target.Mask), Is.True, $"mask of {kind}");
        }
    }
}
