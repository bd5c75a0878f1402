using AdaShare.Native.Cuda.Search;

namespace AdaShare.Native.Host.Tests.Commands;

/// <summary>What users are told about devices, on a machine that has no GPU.</summary>
[TestFixture]
internal sealed class DeviceTests
{
    private static string Nowhere => Path.Combine(Path.GetTempPath(), $"adashare-{Guid.NewGuid():n}");

    [TestCase("gpu")]
    [TestCase("cuda:")]
    [TestCase("cuda:-1")]
    [TestCase("cuda:x")]
    [TestCase("CPU")]
    public void An_unknown_device_has_an_exit_code_of_its_own(string name)
    {
        CommandRun run = CommandRun.Of("train", "--device", name, "--out", Nowhere);
        Assert.That(run.ErrorLines, Is.EqualTo(new[] { $"adashare: {name} is not a device; expected auto, cpu, cuda or cuda:N, where N counts GPUs from 0" }));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Device));
    }

    [TestCase("cuda", "cuda:0")]
    [TestCase("cuda:0", "cuda:0")]
    [TestCase("cuda:3", "cuda:3")]
    public void A_GPU_that_is_not_there_ends_the_run_with_one_sentence(string name, string shown)
    {
        string obstacle = Obstacle();
        string folder = Nowhere;
        CommandRun run = CommandRun.Of("train", "--device", name, "--out", folder);
        Assert.That(run.ErrorLines, Is.EqualTo(new[] { $"adashare: {shown} can't be used: {obstacle}; --device cpu computes without it" }));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Device));
        Assert.That(run.Output, Is.Empty);
        Assert.That(folder, Does.Not.Exist);
    }

    [TestCase("step")]
    [TestCase("infer")]
    public void A_benchmark_on_a_device_that_is_not_there_ends_with_one_sentence(string benchmark)
    {
        CommandRun unknown = CommandRun.Of("bench", benchmark, "--device", "tpu");
        Assert.That(unknown.ErrorLines, Is.EqualTo(new[] { "adashare: tpu is not a device; expected auto, cpu, cuda or cuda:N, where N counts GPUs from 0" }));
        Assert.That(unknown.ExitCode, Is.EqualTo(ExitCode.Device));
        string obstacle = Obstacle();
        CommandRun absent = CommandRun.Of("bench", benchmark, "--device", "cuda");
        Assert.That(absent.ErrorLines, Is.EqualTo(new[] { $"adashare: cuda:0 can't be used: {obstacle}; --device cpu computes without it" }));
        Assert.That((absent.ExitCode, absent.Output), Is.EqualTo((ExitCode.Device, "")));
    }

    [Test]
    public void Numerics_that_only_a_GPU_has_are_refused_on_the_CPU()
    {
        CommandRun run = CommandRun.Of("train", "--device", "cpu", "--set", "numerics=bfloat16", "--out", Nowhere);
        Assert.That(run.ErrorLines, Is.EqualTo(new[] { "adashare: numerics is bfloat16, which needs a GPU; the CPU computes with fast or exact" }));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
    }

    [Test]
    public void The_doctor_says_what_is_missing_and_what_was_searched()
    {
        string obstacle = Obstacle();
        CommandRun run = CommandRun.Of("doctor");
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((ExitCode.Success, "")));
        string[] lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.One.StartsWith("processor").And.One.EqualTo($"CUDA          can't be used: {obstacle}"));
        Assert.That(lines, Has.Some.Contains($"program: {AppContext.BaseDirectory}").And.Some.Contains("loader: bare names").And.Some.Contains(CudaSearch.OverrideVariable));
        Assert.That(lines, Has.Some.StartsWith("precision").And.Some.Contains("TF32"));
        Assert.That(lines[^1], Does.StartWith("--device auto takes cpu: ").And.EndWith($"; not a GPU, because {obstacle}"));
    }

    /// <summary>Why this machine has no CUDA; where it has, these tests say nothing.</summary>
    private static string Obstacle()
    {
        CudaSearch search = CudaSearch.Find();
        if (search.Obstacle is null)
        {
            Assert.Ignore("this machine has a GPU that can be used");
        }

        Assert.That(search.Obstacle, Does.StartWith("there is no NVIDIA driver on this machine (").Or.StartWith("the NVIDIA driver (CUDA ").Or.Contain("was found"));
        return search.Obstacle!;
    }
}
