using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Benchmarks.Commands;
using AdaShare.Native.Cuda.Search;
using AdaShare.Native.Host;

namespace AdaShare.Native.Benchmarks.Tests;

/// <summary>The command line: one sentence and an exit code for what is wrong.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class CommandTests
{
    [TestCase("", ExitCode.Usage, "benchmarks: a command is missing; the commands are ops, peaks, report, list, weightings. See benchmarks --help")]
    [TestCase("op", ExitCode.Usage, "benchmarks: unknown command op; the commands are ops, peaks, report, list, weightings. See benchmarks --help")]
    [TestCase("ops --filer x", ExitCode.Usage, "benchmarks: unknown option --filer; the nearest one is --filter. See benchmarks ops --help")]
    [TestCase("ops relu", ExitCode.Usage, "benchmarks: unexpected word relu. See benchmarks ops --help")]
    [TestCase("ops --numerics precise", ExitCode.Usage, "benchmarks: --numerics is precise; expected exact, fast or bfloat16. See benchmarks ops --help")]
    [TestCase("ops --threads 0", ExitCode.Usage, "benchmarks: --threads is 0; expected a whole number from 1 to 1024. See benchmarks ops --help")]
    [TestCase("ops --device cpu --numerics bfloat16", ExitCode.Usage, "benchmarks: numerics is bfloat16, which needs a GPU; the CPU computes with fast or exact")]
    [TestCase("ops --device gpu", ExitCode.Device, "benchmarks: gpu is not a device; expected auto, cpu, cuda or cuda:N, where N counts GPUs from 0")]
    [TestCase("peaks --device gpu", ExitCode.Device, "benchmarks: gpu is not a device; expected auto, cpu, cuda or cuda:N, where N counts GPUs from 0")]
    [TestCase(
        "report --results nowhere", ExitCode.Failure,
        "benchmarks: nowhere: there is no such folder; give the one that holds results with --results, or make some first with the command ops")]
    public void What_is_wrong_is_said_in_one_sentence(string line, int code, string message)
    {
        (int exit, string output, string error) = Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.That((exit, error.TrimEnd(), output), Is.EqualTo((code, message, "")));
    }

    [TestCase("ops --device cpu --filter relu*", "relu*")]
    [TestCase("list --filter gate,gates", "gates")]
    public void A_filter_that_fits_nothing_is_an_error_that_names_the_families(string line, string pattern) => Assert.That(Run(line.Split(' ')), Is.EqualTo((
        ExitCode.Usage,
        "",
        $"benchmarks: --filter {pattern} fits none of the {Cases.Cpu.Count} benchmarks; their families are image, convolution, matrix, batch-norm, batch-norm-residual, activation, pooling, resize, " +
        "elementwise, reduction, assembly, layout, softmax, embedding, loss, gate, optimizer, autograd, and the command list shows their names\n")));

    [Test]
    public void A_GPU_that_is_not_there_ends_the_run_with_one_sentence()
    {
        string? obstacle = CudaSearch.Find().Obstacle;
        if (obstacle is null)
        {
            Assert.Ignore("this machine has a GPU that can be used");
        }

        Assert.That(Run("ops", "--device", "cuda:1"), Is.EqualTo((ExitCode.Device, "", $"benchmarks: cuda:1 can't be used: {obstacle}; --device cpu computes without it\n")));
    }

    [Test]
    public void The_list_shows_shapes_and_costs_at_the_sizes_of_a_device()
    {
        (int code, string output, string error) = Run("list", "--filter", "activation/relu,convolution/*-head-hidden");
        Assert.That((code, error), Is.EqualTo((ExitCode.Success, "")));
        Assert.That(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(4));
        Assert.That(output, Does.Contain("convolution/forward-head-hidden@4x17x17x1024     1,212.2 Mmac     13.66 MB  input [4, 17, 17, 1024], filter [1024, 1024, 1, 1]"));
        Assert.That(Run("list", "--device", "cuda", "--filter", "activation/relu").Output, Does.StartWith("activation/relu@16x81x81x64"));
    }

    [Test]
    public void A_part_of_the_ops_is_timed_and_written_where_asked()
    {
        string file = Path.Combine(Path.GetTempPath(), $"adashare-{Guid.NewGuid():n}", "ops.json");
        try
        {
            (int code, string output, string error) = Run("ops", "--device", "cpu", "--threads", "1", "--numerics", "exact", "--quick", "--filter", "gate/gumbel-noise,gate/gumbel-softmax*", "--out", file);
            Assert.That((code, error), Is.EqualTo((ExitCode.Success, "")), output);
            Assert.That(output, Does.Contain("device: cpu: ").And.Contain("numerics: exact; 4 benchmarks").And.Contain("gumbel-softmax-straight-through@16x2").And.Contain($"written to {file}"));
            BenchmarkRun run = ResultFile.Read(file);
            Assert.That((run.Benchmark, run.Policy.Device, run.Policy.Numerics, run.Policy.Threads), Is.EqualTo(("ops", "cpu", "exact", 1)));
            Assert.That(run.Rows.Select(static row => row.Name), Is.EqualTo(new[]
            {
                "peak/fma-float32", "peak/triad", "peak/triad-past-caches", "peak/triad-in-place", "gate/gumbel-noise@16x2", "gate/gumbel-softmax@16x2", "gate/gumbel-softmax-straight-through@16x2",
                "gate/gumbel-softmax-backward@16x2",
            }));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        int code = BenchmarkProgram.Invoke(args, HostContext.Plain(output, error));
        return (code, output.ToString(), error.ToString());
    }
}
