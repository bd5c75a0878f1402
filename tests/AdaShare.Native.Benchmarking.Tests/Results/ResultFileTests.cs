using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Benchmarking.Tests.Results;

/// <summary>Files of results.</summary>
[TestFixture]
public sealed class ResultFileTests
{
    private string _path = "";

    [SetUp]
    public void SetUp() => _path = Path.Combine(Path.GetTempPath(), $"adashare-{Guid.NewGuid():n}.json");

    [TearDown]
    public void TearDown() => File.Delete(_path);

    [Test]
    public void What_is_written_is_read_again()
    {
        using var cpu = new CpuBackend(new CpuBackendOptions { Threads = 2 });
        BenchmarkRun run = Provenance.Of("step", cpu, "exact", 2) with
        {
            Rows =
            [
                new("a", "ms", HigherIsBetter: false, Spread.Of([3, 1, 2]), new Dictionary<string, double> { ["peak_bytes"] = 12 }, new Dictionary<string, string> { ["section"] = "heads" }),
                new("b", "images/s", HigherIsBetter: true, Spread.Of([7])),
            ],
        };
        ResultFile.Write(_path, run);
        BenchmarkRun read = ResultFile.Read(_path);
        Assert.Multiple(() =>
        {
            Assert.That(ResultFile.ToJson(read), Is.EqualTo(ResultFile.ToJson(run)));
            Assert.That(File.ReadAllText(_path), Is.EqualTo(ResultFile.ToJson(run)));
            Assert.That(read.Rows[0].Value, Is.EqualTo(new Spread(2, 1, 3, read.Rows[0].Value.Samples)));
            Assert.That(read.Policy, Is.EqualTo(new BenchmarkPolicy("cpu", "exact", 2, Deterministic: true, cpu.Description)));
            Assert.That(read.Versions.Keys, Is.EquivalentTo(new[] { "runtime", "vectors" }));
            Assert.That(read.Machine.Processors, Is.EqualTo(Environment.ProcessorCount));
        });
    }

    [TestCase("{}")]
    [TestCase("[1]")]
    [TestCase("{\"format\": 2}")]
    [TestCase("")]
    public void What_is_no_file_of_results_is_refused_by_name(string text)
    {
        File.WriteAllText(_path, text);
        Assert.That(() => ResultFile.Read(_path), Throws.TypeOf<DataException>().With.Message.StartsWith(_path));
    }

    [Test]
    public void Spreads_are_linear_between_samples()
    {
        var spread = Spread.Of([4, 1, 3, 2]);
        Assert.That((spread.Median, spread.Min, spread.Max), Is.EqualTo((2.5, 1, 4)));
        Assert.That(spread.Quantile(0.95), Is.EqualTo(3.85).Within(1e-12));
        Assert.That(spread.Noise(), Is.EqualTo(1.5 / 2.5).Within(1e-12));
        Assert.That(static () => Spread.Of([]), Throws.TypeOf<AdaShareException>());
        Assert.That(static () => Spread.Of([1, double.NaN]), Throws.TypeOf<AdaShareException>());
    }
}
