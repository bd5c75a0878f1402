using System.Diagnostics;

namespace AdaShare.Native.Peers.Tests;

/// <summary>That what can't be done is said in a sentence, before anything is begun.</summary>
internal sealed class OptionTests
{
    private const int Usage = 2, Device = 3;

    [SetUp]
    public void SetUp() => Peers.Require("numpy");

    [TestCase("--device gpu", "the device gpu is not one of cpu and cuda:N")]
    [TestCase("--cases step-r50-64-warm", "there is no case step-r50-64-warm; a step is step-r18")]
    [TestCase("--cases walk-*", "no case matches walk-*; the cases of this run are sgemm-512")]
    [TestCase("--modes eager", "the mode eager is not one of those on cpu: eager-fp32, channels-last-fp32")]
    [TestCase("--device cuda:0 --modes quick", "the mode quick is not one of those on cuda:0: eager-fp32")]
    [TestCase("--numerics bfloat16", "the numerics setting bfloat16 is not one of those on cpu: exact, fast")]
    [TestCase("--device cuda:0 --numerics exact --modes graph-bf16", "none of the modes graph-bf16 is one that exact is held against")]
    [TestCase("--rounds 4", "--rounds is 4; it must be at least 5")]
    [TestCase("--threads 0", "--threads is 0; it must be at least 1")]
    [TestCase("--autotune", "--autotune is for GPUs; the device is cpu")]
    [TestCase("--device cuda:0 --isa avx2", "--isa is for the CPU; the device is cuda:0")]
    public void AWrongOptionIsASentence(string arguments, string sentence)
    {
        (int status, string output, string error) = Peers.Compare(Peers.Folder(), arguments.Split(' '));
        Assert.Multiple(() =>
        {
            Assert.That(status, Is.EqualTo(Usage));
            Assert.That(output, Is.Empty);
            Assert.That(error, Does.StartWith("compare: " + sentence));
            Assert.That(error.TrimEnd(), Does.Not.Contain('\n'));
        });
    }

    [TestCase("compare")]
    [TestCase("scaling")]
    public void AMissingBenchIsASentence(string program)
    {
        (int status, _, string error) = Peers.Start([$"{program}.py", "--bench", "/no/such/program"], Peers.Folder());
        Assert.That(status, Is.EqualTo(Usage));
        Assert.That(error, Is.EqualTo($"{program}: --bench /no/such/program is no file; name AdaShare.Native.Bench or its .dll\n"));
    }

    [TestCase("run")]
    [TestCase("scaling")]
    public void AMissingInterpreterIsASentence(string program)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(Peers.Folder(), program)]) { RedirectStandardError = true };
        start.Environment[Peers.InterpreterVariable] = "/no/such/python";
        using Process process = Process.Start(start)!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.That((process.ExitCode, error), Is.EqualTo((
            Device, "there is no Python interpreter /no/such/python; install it (Debian: apt-get install python3-torch libopenblas0-pthread), or name another in PEERS_PYTHON\n")));
    }

    [Test]
    public void MissingNumPyIsASentence()
    {
        string modules = Directory.CreateTempSubdirectory("peers-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(modules, "numpy.py"), "raise ImportError('none')");
            (int status, string output, string error) = Peers.Start(["compare.py"], Peers.Folder(), modules);
            Assert.That((status, output), Is.EqualTo((Device, "")));
            Assert.That(error, Does.Match(@"^compare: \S+ has no NumPy \(none\), [^\n]+\n$"));
        }
        finally
        {
            Directory.Delete(modules, recursive: true);
        }
    }

    [Test]
    public void MissingPyTorchIsASentence()
    {
        string modules = Directory.CreateTempSubdirectory("peers-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(modules, "torch.py"), "raise ImportError('none')");
            // Without --bench it would be built: not before PyTorch is known to be there.
            (int status, string output, string error) = Peers.Start(["compare.py"], Peers.Folder(), modules);
            Assert.Multiple(() =>
            {
                Assert.That(status, Is.EqualTo(Device));
                Assert.That(output, Is.Empty);
                Assert.That(error, Does.Match(@"^compare: pytorch: \S+ has no PyTorch \(none\); [^\n]+\n$"));
            });
        }
        finally
        {
            Directory.Delete(modules, recursive: true);
        }
    }

    [Test]
    public void AMissingGpuIsASentence()
    {
        Peers.Require("torch");
        (int status, string output, string error) = Peers.Compare(Peers.Folder(), "--device", "cuda:99", "--quick");
        Assert.Multiple(() =>
        {
            Assert.That(status, Is.EqualTo(Device));
            Assert.That(output, Is.Empty);
            Assert.That(error, Does.Match(@"^compare: pytorch: PyTorch \S+ sees \d+ GPUs here, so that there is no cuda:99\n$"));
        });
    }

    [Test]
    public void AMissingGpuIsASentenceWithoutPyTorchToo()
    {
        (int status, string output, string error) = Peers.Start(["scaling.py", "--bench", Peers.Bench(), "--device", "cuda:99"], Peers.Folder());
        Assert.Multiple(() =>
        {
            Assert.That(status, Is.EqualTo(Device));
            Assert.That(output, Is.Empty);
            Assert.That(error, Does.Match(@"^scaling: ours, fast: [^\n]+\n$"));
        });
    }
}
