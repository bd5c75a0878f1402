namespace AdaShare.Native.Host.Tests.Commands;

[TestFixture]
internal sealed class VerifyCommandTests
{
    [Test]
    public void A_golden_file_that_is_missing_or_damaged_is_named()
    {
        string damaged = Path.Combine(Path.GetTempPath(), $"adashare-{Guid.NewGuid():n}.json");
        File.WriteAllText(damaged, "{ \"config\": ");
        try
        {
            foreach (string file in new[] { damaged, "missing.json" })
            {
                CommandRun run = CommandRun.Of("verify", file, "--data", "nowhere");
                Assert.That(run.ErrorLines.Single(), Does.StartWith($"adashare: {file}"));
                Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failure));
            }
        }
        finally
        {
            File.Delete(damaged);
        }
    }

    [Test]
    public void A_golden_file_needs_its_images()
    {
        string golden = Path.Combine(SharedFolder.Find(), "golden", "nyu_v2_2task_resnet18.json");
        CommandRun run = CommandRun.Of("verify", golden, "--data", "nowhere");
        Assert.That(run.ErrorLines.Single(), Does.Contain("nowhere"));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failure));
    }

    [Test]
    public void The_golden_run_passes_in_double_precision()
    {
        string shared = SharedFolder.Find();
        CommandRun run = CommandRun.Of("verify", Path.Combine(shared, "golden", "nyu_v2_2task_resnet18.json"), "--data", Path.Combine(shared, "data", "nyu_v2_samples"));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success), run.Output);
        Assert.That(run.Output, Does.Contain("float64").And.Contain("404 quantities"));
    }
}
