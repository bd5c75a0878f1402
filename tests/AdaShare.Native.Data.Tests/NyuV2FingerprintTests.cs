using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.NyuV2;
using AdaShare.Native.Data.Scenes;

namespace AdaShare.Native.Data.Tests;

/// <summary>Signs of the content of an example's files.</summary>
public sealed class NyuV2FingerprintTests
{
    private string _folder = "";

    [SetUp]
    public void Write()
    {
        _folder = Path.Combine(Directory.CreateTempSubdirectory("prints-").FullName, "scenes");
        SceneWriter.Write(new ProceduralScenes(new ProceduralSceneOptions { Height = 16, Width = 16, TrainWeights = 2, TrainPolicy = 1, Validation = 1, Test = 1 }), _folder);
    }

    [TearDown]
    public void Remove() => Directory.Delete(Path.GetDirectoryName(_folder)!, recursive: true);

    [TestCase("img/0000.png", "image")]
    [TestCase("seg/0000.png", "Segmentation")]
    [TestCase("depth/0000.npy", "Depth")]
    public void One_changed_byte_changes_the_sign_of_its_file_alone(string file, string kind)
    {
        IReadOnlyDictionary<string, string> before = Prints();
        Assert.That(before.Keys, Is.EquivalentTo(new[] { "image", "Segmentation", "Depth" }));
        Assert.That(Prints(), Is.EqualTo(before));
        byte[] bytes = File.ReadAllBytes(Path.Combine(_folder, file));
        bytes[^1] ^= 1;
        File.WriteAllBytes(Path.Combine(_folder, file), bytes);
        IReadOnlyDictionary<string, string> after = Prints();
        Assert.That(after.Keys.Where(key => after[key] != before[key]), Is.EqualTo(new[] { kind }));
    }

    private IReadOnlyDictionary<string, string> Prints() =>
        new NyuV2Dataset(_folder, new NyuV2Options { Labels = [Label.Segmentation, Label.Depth] }).Fingerprints(Split.TrainWeights, 0);
}
