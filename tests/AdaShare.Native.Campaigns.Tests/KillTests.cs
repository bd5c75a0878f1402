using System.Text;
using AdaShare.Native.Campaigns.Killing;

namespace AdaShare.Native.Campaigns.Tests;

/// <summary>The short form of the campaign that kills and resumes, which runs with all tests.</summary>
public sealed class KillTests
{
    [Test]
    public void Killed_runs_go_on_to_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        using var output = new StringWriter();
        var campaign = new KillCampaign(HostProgram.Find(null), folder.Path, output);
        bool clean = campaign.Run(KillSubject.Methods(["adashare"]), kills: 3, seed: 1);
        Assert.That(clean, output.ToString());
        Assert.That(campaign.Results.Sum(static result => result.Kills.Values.Sum()), Is.EqualTo(3));
        Assert.That(campaign.Results[0].Runs, Is.Positive);
    }

    [Test]
    public void A_killed_study_goes_on_to_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        using var output = new StringWriter();
        var campaign = new KillCampaign(HostProgram.Find(null), folder.Path, output);
        Assert.That(campaign.Run([KillSubject.Study()], kills: 1, seed: 2), output.ToString());
        Assert.That(campaign.Results[0].Kills.Values.Sum(), Is.EqualTo(1));
    }

    [Test]
    public void Folders_are_compared_without_times()
    {
        using TemporaryFolder one = new(), two = new();
        File.WriteAllText(one.File("metrics.json"), """{"budget": {"warmup": {"images": 2, "seconds": 1.5}}}""");
        File.WriteAllText(two.File("metrics.json"), """{"budget": {"warmup": {"images": 2, "seconds": 9}}}""");
        File.WriteAllText(one.File("log.jsonl"), "{\"step\":1,\"images_per_second\":3}\n");
        File.WriteAllText(two.File("log.jsonl"), "{\"step\":1,\"images_per_second\":4}\n");
        Assert.That(FolderComparison.Differences(one.Path, two.Path), Is.Empty);
    }

    [Test]
    public void Differing_bytes_are_counted_by_file()
    {
        using TemporaryFolder one = new(), two = new();
        File.WriteAllText(one.File("final.safetensors"), "abcdef");
        File.WriteAllText(two.File("final.safetensors"), "abXdeY");
        File.WriteAllText(two.File("policy.json"), "{}");
        File.WriteAllText(one.File("metrics.json"), """{"images": 2}""");
        File.WriteAllText(two.File("metrics.json"), """{"images": 3}""");
        IReadOnlyDictionary<string, long> differences = FolderComparison.Differences(one.Path, two.Path);
        Assert.That(differences, Is.EquivalentTo(new Dictionary<string, long> { ["final.safetensors"] = 2, ["policy.json"] = 3, ["metrics.json"] = 1 }));
    }

    [Test]
    public void Of_the_last_checkpoint_the_elements_are_compared()
    {
        using TemporaryFolder one = new(), two = new();
        static byte[] Checkpoint(string header, string elements) => [.. BitConverter.GetBytes((long)header.Length), .. Encoding.ASCII.GetBytes(header + elements)];
        File.WriteAllBytes(one.File("latest.safetensors"), Checkpoint("{\"seconds\":1}", "abc"));
        File.WriteAllBytes(two.File("latest.safetensors"), Checkpoint("{\"seconds\":10}", "abd"));
        Assert.That(FolderComparison.Differences(one.Path, two.Path)["latest.safetensors"], Is.EqualTo(1));
    }

    [Test]
    public void What_can_not_run_says_why()
    {
        using TemporaryFolder folder = new();
        using StringWriter output = new(), error = new();
        Assert.Multiple(() =>
        {
            Assert.That(CommandLine.Invoke(["kill", "--host", folder.File("none.dll"), "--out", folder.File("out")], output, error), Is.EqualTo(CommandLine.Failure));
            Assert.That(CommandLine.Invoke(["kill", "--method", "none", "--out", folder.File("out")], output, error), Is.EqualTo(CommandLine.Failure));
            Assert.That(error.ToString(), Does.Contain("none.dll").And.Contain("--method none"));
        });
    }
}
