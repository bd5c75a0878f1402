using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Campaigns.Tests;

/// <summary>What campaigns found in the files of a run: each was read without a word, or ended in an exception that no one had thought of.</summary>
public sealed class DamagedRunFileTests
{
    [TestCase("""{"best": {"all": null}}""")]
    [TestCase("""{"reference": {"seg": null}}""")]
    public void A_run_state_with_nothing_where_something_belongs_is_refused(string json)
    {
        CheckpointException error = Assert.Throws<CheckpointException>(() => RunState.FromJson(json, "latest.safetensors"))!;
        Assert.That(error.Message, Does.StartWith("latest.safetensors: ").And.Contain("damaged"));
    }

    [TestCase("""{"others": [null]}""")]
    [TestCase("""{"candidates": [{"name": "a", "test": {"metrics": {"seg": null}}}]}""")]
    [TestCase("""{"final": {"classes": {"seg": null}}}""")]
    [TestCase("""{"trivial": {"seg": null}}""")]
    [TestCase("""{"candidate_deviation": {"seg": null}}""")]
    [TestCase("""{"policy": {"skipped": {"seg": null}}}""")]
    [TestCase("""{"budget": {"warmup": null}}""")]
    public void Results_with_nothing_where_something_belongs_are_refused(string json)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("metrics.json"), json);
        Assert.That(() => MetricsFile.Read(folder.File("metrics.json")), Throws.TypeOf<DataException>().With.Message.Contains("damaged"));
    }

    [TestCase("""{"datasets": [null]}""")]
    [TestCase("""{"datasets": [{"name": "NYU v2", "parts": {"Test": null}}]}""")]
    [TestCase("""{"datasets": [{"name": "NYU v2", "parts": {"Test": [null]}}]}""")]
    public void A_manifest_with_nothing_where_something_belongs_is_refused(string json)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("data.json"), json);
        Assert.That(() => DataManifest.Read(new RunFolder(folder.Path)), Throws.TypeOf<DataException>().With.Message.Contains("damaged"));
    }

    [Test]
    public void Results_are_read_from_files_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("metrics.json"));
        Assert.That(() => MetricsFile.Read(folder.File("metrics.json")), Throws.TypeOf<DataException>().With.Message.Contains("folder"));
    }
}
