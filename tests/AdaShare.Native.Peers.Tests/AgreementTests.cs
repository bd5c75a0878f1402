namespace AdaShare.Native.Peers.Tests;

/// <summary>That both sides of the comparison compute the same, which it checks before it times anything, and that it refuses where they do not.</summary>
internal sealed class AgreementTests
{
    private const string WarmUp = "step-r18-33-warm-t1";

    private string _copy = "";

    [SetUp]
    public void SetUp()
    {
        Peers.Require("torch", "numpy");
        _copy = Directory.CreateTempSubdirectory("peers-").FullName;
    }

    [TearDown]
    public void TearDown()
    {
        if (_copy.Length > 0)
        {
            Directory.Delete(_copy, recursive: true);
        }
    }

    [Test]
    public void BothSidesComputeTheSame()
    {
        string[] cases = [WarmUp, "step-r18-33-weights-all-b3", "step-r18-33-policy-3-t2", "conv-r64-data", "sgemm-64"];
        (int status, string output, string error) = Peers.Compare(
            Peers.Folder(), "--check-only", "--cases", string.Join(',', cases), "--numerics", "exact,fast", "--modes", "eager-fp32,channels-last-fp32");
        Assert.That(status, Is.Zero, error);
        foreach (string name in cases)
        {
            foreach (string side in (string[])["exact", "fast", "channels-last-fp32"])
            {
                Assert.That(output, Does.Match($@"(?m)^{name} +{side}  agrees with PyTorch: values \S+"));
            }
        }
    }

    // What a wrong peer might have: another dilation in a head, another rate of learning, the noise of another step, another weight of a loss.
    [TestCase(WarmUp, "network.py", "RATES = (1, 2, 1, 1), (1, 1, 2, 4), (6, 12, 18, 24)", "RATES = (1, 2, 1, 1), (1, 1, 2, 4), (6, 3, 18, 24)", "output.seg")]
    [TestCase(WarmUp, "step.py", "LEARNING_RATE, DROPOUT = 5.0, 0.05, 0.05, 1e-4", "LEARNING_RATE, DROPOUT = 5.0, 0.05, 0.05, 2e-4", "after.")]
    [TestCase("step-r18-33-policy-3-t2", "step.py", "formula.gumbel(1, t,", "formula.gumbel(2, t,", "output.|loss.|gradient.")]
    [TestCase("step-r18-33-policy-3-t2", "step.py", "SHARING_WEIGHT * self._sharing()", "SHARING_WEIGHT * 1.1 * self._sharing()", "loss.total|gradient.task")]
    public void APlantedDisagreementIsRefused(string name, string file, string text, string planted, string result)
    {
        foreach (string path in Directory.EnumerateFiles(Peers.Folder(), "*.py"))
        {
            File.Copy(path, Path.Combine(_copy, Path.GetFileName(path)));
        }

        string program = Path.Combine(_copy, file), source = File.ReadAllText(program);
        Assert.That(source, Does.Contain(text), "what shall be changed is no longer there");
        File.WriteAllText(program, source.Replace(text, planted, StringComparison.Ordinal));
        string written = Path.Combine(_copy, "run.json");
        (int status, string output, string error) = Peers.Compare(_copy, "--cases", name, "--numerics", "exact", "--out", written);
        Assert.That(status, Is.EqualTo(1), error);
        Assert.That(error, Does.Match($@"^compare: {name}, exact: \S*({result}).* differs from PyTorch's by \S+ of its norm, more than \S+; nothing was timed\s*$"));
        Assert.That(output, Does.Not.Contain("ratio_of"));
        Assert.That(File.Exists(written), Is.False);
    }
}
