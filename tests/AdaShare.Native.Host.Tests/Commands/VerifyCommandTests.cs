using AdaShare.Native.Tests;

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

    [TestCase("{}", "it has no config")]
    [TestCase("[1]", "a list stands where an object with config belongs")]
    [TestCase("{\"config\": {}}", "it has no backbone")]
    public void What_a_golden_file_lacks_is_named(string text, string words)
    {
        string file = Path.Combine(Path.GetTempPath(), $"adashare-{Guid.NewGuid():n}.json");
        File.WriteAllText(file, text);
        try
        {
            CommandRun run = CommandRun.Of("verify", file, "--data", "nowhere");
            Assert.That(run.ErrorLines.Single(), Does.StartWith($"adashare: {file}").And.Contain(words));
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failure));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [TestCase("float64")]
    [TestCase("float32")]
    public void A_golden_file_without_what_was_computed_is_no_unexpected_error(string column)
    {
        string file = Path.Combine(Path.GetTempPath(), $"adashare-{Guid.NewGuid():n}.json");
        System.Text.Json.Nodes.JsonNode golden = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(TestData.File("golden", "scenes_3task_resnet18.json")))!;
        golden[column] = new System.Text.Json.Nodes.JsonObject();
        File.WriteAllText(file, golden.ToJsonString());
        try
        {
            CommandRun run = CommandRun.Of("verify", file, "--device", "cpu");
            Assert.That(run.ErrorLines.Single(), Does.StartWith($"adashare: {file}").And.Contain("it has no "));
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failure));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test]
    public void A_golden_file_needs_its_images()
    {
        CommandRun run = CommandRun.Of("verify", TestData.File("golden", "nyu_v2_2task_resnet18.json"), "--data", "nowhere");
        Assert.That(run.ErrorLines.Single(), Does.Contain("nowhere"));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failure));
    }

    [Test]
    public void The_golden_run_passes_in_double_precision()
    {
        string folder = Directory.CreateTempSubdirectory("adashare-verify-").FullName;
        try
        {
            CommandRun scenes = CommandRun.Of("scenes", "--out", folder, "--seed", "1", "--size", "192x256", "--train1", "2", "--train2", "1", "--val", "1", "--test", "2");
            Assert.That(scenes.ExitCode, Is.EqualTo(ExitCode.Success), scenes.Output);
            CommandRun run = CommandRun.Of("verify", TestData.File("golden", "scenes_3task_resnet18.json"), "--data", folder);
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success), run.Output);
            Assert.That(run.Output, Does.Contain("float64").And.Contain("552 quantities"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
