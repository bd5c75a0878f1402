using System.Security.Cryptography;
using AdaShare.Native.Data.Augmentation;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Tests;

/// <summary>Images in another size: the values of Pillow 9.4's <c>resize(size, BILINEAR)</c> on the same pattern, and data sets whose images have one size.</summary>
public sealed class ResizedDatasetTests
{
    private static readonly byte[] Shrunk =
    [
        103, 132, 143, 123, 127, 146, 127, 138, 130, 105, 129, 140, 119, 134, 130, 140, 140, 132, 141, 135, 126, 135, 125, 121, 112, 154, 125, 120, 134, 110, 147, 136, 118, 121, 144, 116,
    ];

    private static readonly byte[] Enlarged =
    [
        0, 53, 106, 9, 62, 115, 28, 81, 134, 37, 90, 143, 36, 89, 142, 46, 99, 152, 66, 119, 172, 76, 129, 182, 91, 144, 197, 102, 155, 208,
        124, 177, 230, 135, 188, 241, 146, 199, 98, 158, 172, 110, 182, 119, 134, 194, 93, 146, 182, 235, 32, 195, 184, 45, 220, 81, 70, 233, 30, 83,
    ];

    [Test]
    public void Values_are_those_of_Pillow()
    {
        Assert.That(BilinearResize.Of(Pattern(7, 9), 3, 4).Pixels.ToArray(), Is.EqualTo(Shrunk));
        Assert.That(BilinearResize.Of(Pattern(3, 2), 5, 4).Pixels.ToArray(), Is.EqualTo(Enlarged));
    }

    [TestCase(50, 70, 23, 91, "579fb87bf637fc4e6d859ef7cc595e69839cb6fd7dbbc43e0ed3d1cf508b7669")]
    [TestCase(64, 64, 64, 32, "b41e99af4ca6d8cc74360975f617ca49c3a457876308e929ccac22b471819994")]
    public void So_are_those_of_larger_pictures(int height, int width, int toHeight, int toWidth, string sha256)
    {
        BgrImage image = BilinearResize.Of(Pattern(height, width), toHeight, toWidth);
        Assert.That((image.Height, image.Width), Is.EqualTo((toHeight, toWidth)));
        Assert.That(Convert.ToHexStringLower(SHA256.HashData(image.Pixels)), Is.EqualTo(sha256));
    }

    [Test]
    public void A_picture_of_that_size_stays_itself()
    {
        BgrImage image = Pattern(4, 5);
        Assert.That(BilinearResize.Of(image, 4, 5), Is.SameAs(image));
        Assert.That(ResizedDataset.Resize(image, 0, 0), Is.SameAs(image));
        Assert.That(ResizedDataset.Resize(image, 2, 3).Width, Is.EqualTo(3));
    }

    [Test]
    public void Every_image_of_a_data_set_and_of_its_parts_has_the_size()
    {
        using var folder = new DomainFolder();
        folder.Add("photo", "dog", 5, height: 9, width: 7);
        folder.Add("photo", "cat", 5, height: 6, width: 12);
        folder.Add("sketch", "dog", 5, height: 20, width: 3);
        folder.Add("sketch", "cat", 5);
        IDataset inner = folder.Open("PACS"), resized = new ResizedDataset(inner, 8, 6);
        Assert.That((resized.Name, resized.Parts.Count, resized.Count(Split.Test)), Is.EqualTo((inner.Name, 2, inner.Count(Split.Test))));
        foreach ((IDataset with, IDataset without) in resized.Parts.Select(static part => part.Dataset).Zip(inner.Parts.Select(static part => part.Dataset)))
        {
            for (int i = 0; i < with.Count(Split.Train); i++)
            {
                Sample sample = with.Load(Split.Train, i, with.Labels), stored = without.Load(Split.Train, i, with.Labels);
                Assert.That((sample.Image.Height, sample.Image.Width, sample.Id), Is.EqualTo((8, 6, stored.Id)));
                Assert.That(sample.Image.Pixels.ToArray(), Is.EqualTo(BilinearResize.Of(stored.Image, 8, 6).Pixels.ToArray()));
                Assert.That(sample.Labels[with.Labels[0]].Values, Is.EqualTo(stored.Labels[with.Labels[0]].Values));
                Assert.That(with.Fingerprints(Split.Train, i), Is.EqualTo(without.Fingerprints(Split.Train, i)));
            }
        }
    }

    [Test]
    public void Labels_of_pixels_are_refused() => Assert.That(
        () => new ResizedDataset(new PatternDataset(3), 8, 8), Throws.TypeOf<ConfigurationException>().With.Message.Contains("resize_h is 8; expected 0 for pattern").And.Message.Contains("Segmentation"));

    private static BgrImage Pattern(int height, int width) =>
        new(height, width, [.. Enumerable.Range(0, height * width * 3).Select(i => (byte)((i / 3 % width * 37) + (i / 3 / width * 91) + (i % 3 * 53) + (i / 3 % width * (i / 3 / width) * 7)))]);
}
