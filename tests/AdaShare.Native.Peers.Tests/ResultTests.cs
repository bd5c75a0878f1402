using AdaShare.Native.Benchmarking.Results;

namespace AdaShare.Native.Peers.Tests;

/// <summary>That what these programs write, and what lies in bench/results, has the form of all benchmarks.</summary>
internal sealed class ResultTests
{
    private static IEnumerable<string> Files()
    {
        string results = Path.Combine(Peers.Root(), "bench", "results");
        return Directory.EnumerateFiles(results, "*.json").Select(Path.GetFileName).Order(StringComparer.Ordinal)!;
    }

    [TestCaseSource(nameof(Files))]
    public void AKeptFileIsRead(string name)
    {
        BenchmarkRun run = ResultFile.Read(Path.Combine(Peers.Root(), "bench", "results", name));
        Assert.That(run.Rows, Is.Not.Empty);
        Assert.That(run.Rows.Select(static row => row.Name), Is.Unique);
        AssertSpreads(run);
    }

    [Test]
    public void AComparisonIsReadAsARun()
    {
        Peers.Require("torch", "numpy");
        BenchmarkRun run = Run("compare.py", "--cases", "sgemm-64,sgemm-96", "--modes", "eager-fp32,channels-last-fp32", "--numerics", "exact", "--threads", "1");
        Assert.Multiple(() =>
        {
            Assert.That(run.Benchmark, Is.EqualTo("peers"));
            Assert.That(run.Versions.Keys, Is.SupersetOf(new[] { "runtime", "pytorch", "python" }));
            Assert.That(run.Policy.Numerics, Is.EqualTo("exact"));
            Assert.That(run.Rows.Select(static row => row.Name), Is.EqualTo(new[]
            {
                "sgemm-64/exact/eager-fp32", "sgemm-64/exact/channels-last-fp32", "sgemm-64/exact/best",
                "sgemm-96/exact/eager-fp32", "sgemm-96/exact/channels-last-fp32", "sgemm-96/exact/best",
            }));
            Assert.That(run.Rows.Select(static row => row.Unit), Is.All.EqualTo("ratio"));
            Assert.That(run.Rows.Select(static row => row.Value.Samples.Count), Is.All.EqualTo(5));
            Assert.That(run.Rows[2].Figures!.Keys, Is.SupersetOf(new[] { "pytorch_ms", "ours_ms", "ratio_of_best", "difference_values" }));
            Assert.That(run.Rows[2].Facts!.Keys, Is.SupersetOf(new[] { "case", "group", "numerics", "mode", "work", "tolerance" }));
        });
        AssertSpreads(run);
    }

    private static BenchmarkRun Run(string program, params string[] arguments)
    {
        string folder = Directory.CreateTempSubdirectory("peers-").FullName;
        try
        {
            string path = Path.Combine(folder, "run.json");
            (int status, _, string error) = Peers.Start([program, "--bench", Peers.Bench(), "--out", path, .. arguments], Peers.Folder());
            Assert.That(status, Is.Zero, error);
            return ResultFile.Read(path);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void AssertSpreads(BenchmarkRun run)
    {
        foreach (BenchmarkRow row in run.Rows)
        {
            Spread expected = Spread.Of(row.Value.Samples);
            Assert.Multiple(() =>
            {
                Assert.That(row.Value.Median, Is.EqualTo(expected.Median).Within(0.01).Percent, row.Name);
                Assert.That(row.Value.Min, Is.EqualTo(expected.Min), row.Name);
                Assert.That(row.Value.Max, Is.EqualTo(expected.Max), row.Name);
            });
        }
    }
}
