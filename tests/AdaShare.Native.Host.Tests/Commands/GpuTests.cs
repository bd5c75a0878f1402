using AdaShare.Native.Cuda.Search;
using AdaShare.Native.CudaSimulation;

namespace AdaShare.Native.Host.Tests.Commands;

/// <summary>The commands on a machine that has a GPU: a simulated one.</summary>
[TestFixture]
internal sealed class GpuTests
{
    private static readonly string[] Tiny =
    [
        "train.total_iters=2", "train.warm_up_iters=1", "train.retrain_total_iters=1", "train.weight_iter_alternate=1", "train.alpha_iter_alternate=1", "train.batch_size=2", "train.print_freq=1",
        "retrain.policies=1", "model.width=0.125", "model.head_width=0.01", "dataload.crop_h=16", "dataload.crop_w=16", "dataload.scenes.height=16", "dataload.scenes.width=16",
        "dataload.scenes.train1=2", "dataload.scenes.train2=2", "dataload.scenes.val=2", "dataload.scenes.test=2", "tasks=[seg,depth]", "tasks_num_class=[13,1]", "lambdas=[1,1]",
    ];

    private SimulatedDevice _device = null!;
    private string _folder = "";

    [SetUp]
    public void SetUp()
    {
        _device = new SimulatedDevice();
        _folder = Path.Combine(Path.GetTempPath(), $"adashare-gpu-{Guid.NewGuid():n}");
    }

    [TearDown]
    public void TearDown()
    {
        _device.FindLeaks();
        Assert.That(_device.Log.Findings, Is.Empty);
        _device.Dispose();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Test]
    public void A_run_goes_through_all_phases_on_the_GPU_and_is_evaluated_on_the_CPU()
    {
        CommandRun run = Run(["train", "--out", _folder, .. Tiny.SelectMany(setting => new[] { "--set", setting })]);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((ExitCode.Success, "")));
        Assert.That(run.Output, Does.Contain("device: cuda:0, Simulated CUDA device, fast numerics").And.Contain("warm-up, 1 step"));
        Assert.That(_device.KernelLaunches, Is.GreaterThan(100));
        CommandRun evaluated = Run("evaluate", _folder, "--device", "cpu");
        Assert.That((evaluated.ExitCode, evaluated.Error), Is.EqualTo((ExitCode.Success, "")));
        Assert.That(evaluated.Output, Does.Contain("device: cpu, "));
    }

    [Test]
    public void A_step_is_measured_on_the_GPU_and_says_how_it_was_run()
    {
        CommandRun run = Run("bench", "step", "--kind", "warm-up", "--width", "0.125", "--head-width", "0.01", "--tasks", "depth", "--crop", "16", "--batch", "2", "--rounds", "5");
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((ExitCode.Success, "")));
        Assert.That(run.Output, Does.Contain("device: cuda:0: Simulated CUDA device").And.Match(@"timed and warm-up steps: \d+ replayed as one CUDA graph, 1 recorded as one, 1 op by op\n")
            .And.Contain("profiled steps always run op by op"));
    }

    [Test]
    public void A_GPU_that_the_machine_does_not_have_is_refused_with_those_that_it_has()
    {
        CommandRun run = Run("train", "--device", "cuda:1", "--out", _folder);
        Assert.That(run.ErrorLines, Is.EqualTo(new[] { "adashare: cuda:1: the driver has 1 device, numbered from 0 to 0; choose one of them" }));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Device));
    }

    [Test]
    public void The_doctor_shows_the_GPU_and_lets_its_driver_take_every_kernel()
    {
        CommandRun run = Run("doctor");
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((ExitCode.Success, "")));
        string[] lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.One.EqualTo("CUDA          can be used"));
        Assert.That(lines, Has.One.EqualTo("cuda:0        Simulated CUDA device, compute capability 8.0, 16 multiprocessors, 4.0 GiB"));
        Assert.That(lines, Has.One.Match(@"^ +4\.0 GiB free; \d\d kernel modules for compute_80 accepted by the driver in \d+\.\d s$"));
        Assert.That(lines[^1], Does.StartWith("--device auto takes cuda:0: Simulated CUDA device"));
    }

    [Test]
    public void A_GPU_that_is_too_old_leaves_the_automatic_choice_to_the_CPU()
    {
        using var old = new SimulatedDevice(new SimulatedDeviceOptions { ComputeCapability = 70, Name = "Old" });
        CommandRun run = CommandRun.Of(() => CudaSearch.Of(old.Libraries), CancellationToken.None, "doctor");
        Assert.That(run.Output, Does.Contain("CUDA          can't be used: no GPU of this machine has compute capability 7.5 or more (Old: 7.0); a Turing GPU or a newer one is needed"));
        Assert.That(run.Output, Does.Contain("--device auto takes cpu: "));
    }

    private CommandRun Run(params string[] args) => CommandRun.Of(() => CudaSearch.Of(_device.Libraries), CancellationToken.None, args);
}
