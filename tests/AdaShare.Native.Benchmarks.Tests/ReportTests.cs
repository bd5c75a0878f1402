using System.Xml.Linq;
using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Benchmarks.Commands;
using AdaShare.Native.Benchmarks.Reports;
using AdaShare.Native.Host;

namespace AdaShare.Native.Benchmarks.Tests;

/// <summary>The report on made-up results.</summary>
[TestFixture]
internal sealed class ReportTests
{
    private static readonly double[] Steady = [100, 101, 99, 100, 100];

    private string _folder = "";

    private string Readme => Path.Combine(_folder, "README.md");

    [SetUp]
    public void MakeFolder()
    {
        _folder = Path.Combine(Path.GetTempPath(), $"adashare-{Guid.NewGuid():n}");
        Directory.CreateDirectory(_folder);
        File.WriteAllText(Readme, "# Title\n\nbefore\n\n<!-- bench:begin -->\nold\n<!-- bench:end -->\n\nafter\n");
    }

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void The_table_has_a_line_for_each_row_and_a_column_for_each_configuration()
    {
        Write("a", Run("step", "1111111aaaa", 1, Row("step-r18", Steady)));
        Write("b", Run("step", "2222222bbbb", 2, Row("step-r18", [90, 91, 89]), Row("step-r34", [2000, 2100, 1900])) with { UncommittedChanges = true });
        Write("c", Run("step", "2222222bbbb", 3, Row("step-r18", [9.5])) with { Machine = new BenchmarkMachine("AMD", 2, "Linux", "H100"), Policy = Policy("cuda:0", "bfloat16", 0) });
        Assert.That(Report().Code, Is.Zero);
        Assert.That(File.ReadAllText(Readme), Is.EqualTo("""
            # Title

            before

            <!-- bench:begin -->

            **step** ([over time](results/plots/step.svg))

            - 1: AMD (2 processors), 2 threads, fast; 2222222 with changes of 2026-11-02
            - 2: H100 (cuda:0), bfloat16; 2222222 of 2026-11-03

            |  |  | 1 | 2 |
            | --- | --- | --- | --- |
            | `step-r18` | ms | 90.0 (89.0 to 91.0) | 9.50 |
            | `step-r34` | ms | 2,000 (1,900 to 2,100) |  |

            <!-- bench:end -->

            after

            """.ReplaceLineEndings("\n")));
    }

    [Test]
    public void Many_rows_are_shown_in_groups_by_their_shares_of_the_peak()
    {
        BenchmarkRow[] convolutions = [.. Enumerable.Range(0, 11).Select(i => Row($"convolution/{i}", [100 + i, 101, 102], share: 0.5 + (i / 100.0)))];
        BenchmarkRow[] others = [Row("gate/small", [1, 1.1, 1.2]), Row("gate/large", [70, 71, 72], share: 0.8), Row("autograd/a", [3, 3, 3]), Row("autograd/b", [5, 5, 5])];
        Write("a", Run("ops", "1111111", 1, [.. convolutions, .. others]));
        Report();
        string text = File.ReadAllText(Readme);
        Assert.That(text, Does.Contain("| `convolution`, 11 rows | % of peak | 55 (50 to 60) |\n| `gate` | % of peak | 80 |\n| `autograd`, 2 rows | ms | 4.00 (3.00 to 5.00) |\n"));
    }

    [Test]
    public void Rows_that_name_their_group_are_put_together_by_it_and_by_numerics()
    {
        static BenchmarkRow Of(string name, string numerics, double value) =>
            Row($"{name}/{numerics}/eager", [value, value, value]) with { Facts = new Dictionary<string, string> { ["group"] = name[..name.IndexOf('-', StringComparison.Ordinal)], ["numerics"] = numerics } };
        Write("a", Run("peers", "1111111", 1, [.. Enumerable.Range(1, 7).SelectMany(static i => new[] { Of($"conv-{i}", "fast", 10 + i), Of($"conv-{i}", "exact", i) }), Of("step-1", "fast", 7)]));
        Report();
        Assert.That(File.ReadAllText(Readme), Does.Contain(
            "| `conv, fast`, 7 rows | ms | 14.0 (11.0 to 17.0) |\n| `conv, exact`, 7 rows | ms | 4.00 (1.00 to 7.00) |\n| `step-1/fast/eager` | ms | 7.00 |\n"));
    }

    [Test]
    public void Growth_is_a_table_of_exponents_with_a_sentence_for_what_grows_faster_than_the_work()
    {
        static BenchmarkRow Fit(string series, double time, string? warning) => new($"{series}/time_exponent/fast", "exponent", false, Spread.Of([time]))
        {
            Figures = new Dictionary<string, double> { ["time_exponent"] = time, ["work_exponent"] = 0.9, ["memory_exponent"] = 0.25 },
            Facts = new Dictionary<string, string>(warning is null ? [] : [KeyValuePair.Create("time_beyond_work", warning)]) { ["series"] = series, ["numerics"] = "fast" },
        };
        Write("a", Run("scaling", "1111111", 1, Row("batch/1/fast", Steady), Fit("batch", 0.8, null)));
        Report();
        Assert.That(File.ReadAllText(Readme), Does.Contain(
            "| | | step time | multiply-adds | peak memory |\n|---|---|---|---|---|\n| batch, fast | 1 | size^0.80 | size^0.90 | size^0.25 |\n\nNeither time nor memory grows faster than the work in any series.\n"));
        Write("b", Run("scaling", "2222222", 2, Fit("batch", 1.1, "step time grows faster than the work")));
        Report();
        Assert.That(File.ReadAllText(Readme), Does.Contain("| batch, fast | 1 | size^1.10 |").And.Contain("\n1: step time grows faster than the work\n").And.Not.Contain("Neither"));
    }

    [Test]
    public void The_report_is_the_same_bytes_each_time_and_leaves_the_rest_of_the_README_alone()
    {
        Write("a", Run("ops", "1111111", 1, Row("x", Steady)));
        Write("b", Run("ops", "2222222", 2, Row("x", Steady)));
        Assert.That(Report().Output, Does.Contain("README.md: written, from 2 runs"));
        string readme = File.ReadAllText(Readme), plot = File.ReadAllText(Plot("ops"));
        Assert.That(Report().Output, Does.Contain("README.md: as it was, from 2 runs"));
        Assert.That((File.ReadAllText(Readme), File.ReadAllText(Plot("ops"))), Is.EqualTo((readme, plot)));
        Assert.That(readme, Does.StartWith("# Title\n\nbefore\n\n<!-- bench:begin -->\n").And.EndWith("\n<!-- bench:end -->\n\nafter\n"));
    }

    // Quartiles of Steady lie 0 apart, those of the others as stated; 3 % are always allowed.
    [TestCase(new double[] { 104, 104, 104, 104, 104 }, true, TestName = "Four percent beyond no noise")]
    [TestCase(new double[] { 102, 102, 102, 102, 102 }, false, TestName = "Two percent, which chance explains")]
    [TestCase(new double[] { 90, 98, 108, 118, 130 }, false, TestName = "Eight percent within noise of nineteen")]
    [TestCase(new double[] { 110, 120, 130, 140, 150 }, true, TestName = "Thirty percent beyond noise of fifteen")]
    [TestCase(new double[] { 50, 50, 50, 50, 50 }, false, TestName = "Faster")]
    [TestCase(new double[] { 150, 150 }, false, TestName = "Too few samples to know the noise")]
    public void A_row_that_is_worse_by_more_than_noise_is_a_regression(double[] now, bool expected)
    {
        Write("a", Run("ops", "1111111", 1, Row("x", Steady)));
        Write("b", Run("ops", "2222222", 2, Row("x", now)));
        (int code, string output, _) = Report("--check");
        Assert.That(code, Is.EqualTo(expected ? ExitCode.Failure : ExitCode.Success), output);
        Assert.That(output.Contains("REGRESSION", StringComparison.Ordinal), Is.EqualTo(expected), output);
        Assert.That(Report().Code, Is.Zero, "without --check it is said and no more");
    }

    [Test]
    public void A_regression_names_row_runs_change_and_noise()
    {
        Write("a", Run("ops", "1111111", 1, Row("gate/x", Steady)));
        Write("b", Run("ops", "2222222", 2, Row("gate/x", [110, 120, 130, 140, 150])));
        Assert.That(Report().Output, Does.Contain(
            "REGRESSION ops, AMD (2 processors), 2 threads, fast: gate/x is 30.0 % worse than at 1111111 of 2026-11-01 (100 ms, now 130), noise explains 15.4 %\n" +
            "1 row has become worse by more than noise\n"));
    }

    [Test]
    public void Rates_are_worse_where_they_fall()
    {
        Write("a", Run("ops", "1111111", 1, Row("x", Steady, higherIsBetter: true), Row("y", Steady, higherIsBetter: true)));
        Write("b", Run("ops", "2222222", 2, Row("x", [80, 80, 80], higherIsBetter: true), Row("y", [125, 125, 125], higherIsBetter: true)));
        Assert.That(Report().Output, Does.Contain("x is 25.0 % worse").And.Not.Contain("y is"));
    }

    [Test]
    public void Only_the_same_configuration_is_compared_and_only_what_nobody_disturbed()
    {
        Write("a", Run("ops", "1111111", 1, Row("x", Steady), Row("y", Steady), Row("peak/triad", Steady)));
        Write("b", Run("ops", "2222222", 2, Row("x", [200, 200, 200])) with { Policy = Policy("cpu", "exact", 2) });
        Write("c", Run("ops", "2222222", 3, Row("x", [200, 200, 200])) with { Policy = Policy("cpu", "fast", 1) });
        Write("d", Run("ops", "2222222", 4, Row("x", [200, 200, 200])) with { Machine = new BenchmarkMachine("Intel", 2, "Linux") });
        Write("e", Run("ops", "2222222", 5, Row("y", [200, 200, 200], disturbed: true), Row("peak/triad", [200, 200, 200])));
        Assert.That(Report("--check").Code, Is.Zero);
        Assert.That(File.ReadAllText(Readme), Does.Contain("1 of 3 rows disturbed by other work on the machine"));
    }

    [Test]
    public void A_run_of_a_part_leaves_the_newest_figures_of_the_rest()
    {
        Write("a", Run("ops", "1111111", 1, Row("x", Steady), Row("y", [7, 7, 7])));
        Write("b", Run("ops", "2222222", 2, Row("x", [50, 50, 50])));
        Report();
        Assert.That(File.ReadAllText(Readme), Does.Contain("1111111 of 2026-11-01, 2222222 of 2026-11-02").And.Contain("| `x` | ms | 50.0 |").And.Contain("| `y` | ms | 7.00 |"));
    }

    [Test]
    public void Files_that_are_no_results_are_named_and_left_out()
    {
        Write("a", Run("ops", "1111111", 1, Row("x", Steady)));
        File.WriteAllText(Path.Combine(_folder, "results", "old.json"), "{\"rows\": []}");
        (int code, string output, string error) = Report();
        Assert.That((code, output.Contains("from 1 run", StringComparison.Ordinal)), Is.EqualTo((ExitCode.Success, true)));
        Assert.That(error, Does.StartWith("left out: ").And.Contain("old.json: is no file of benchmark results"));
        Assert.That(Report("--check").Code, Is.EqualTo(ExitCode.Failure));
    }

    [TestCase("# Title\n")]
    [TestCase("<!-- bench:end -->\n<!-- bench:begin -->\n")]
    public void A_README_without_the_comments_is_left_as_it_is(string content)
    {
        Write("a", Run("ops", "1111111", 1, Row("x", Steady)));
        File.WriteAllText(Readme, content);
        (int code, _, string error) = Report();
        Assert.That((code, error), Is.EqualTo((ExitCode.Failure, $"benchmarks: {Readme}: has no <!-- bench:begin --> with <!-- bench:end --> after it; add both where the table shall stand\n")));
        Assert.That(File.ReadAllText(Readme), Is.EqualTo(content));
    }

    [Test]
    public void A_plot_is_well_formed_with_a_chart_for_each_group_and_a_dot_for_each_run()
    {
        Write("a", Run("ops", "1111111", 1, Row("x <&>", Steady), Row("y", [7, 8, 9])));
        Write("b", Run("ops", "2222222", 2, Row("x <&>", [50, 60, 70])));
        Write("c", Run("ops", "2222222", 3, Row("x <&>", [500, 600, 700])) with { Policy = Policy("cpu", "exact", 2) });
        Report();
        XElement svg = XDocument.Load(Plot("ops")).Root!;
        string[] Texts(string element) => [.. svg.Descendants().Where(e => e.Name.LocalName == element).Select(static e => e.Value)];
        Assert.That(svg.Name.LocalName, Is.EqualTo("svg"));
        Assert.That(Texts("text"), Has.Member("ops").And.Member("x <&>").And.Member("y").And.Member("ms, lower is better").And.Member("1111111").And.Member("2026-11-02"));
        Assert.That(Texts("text"), Has.Member("AMD (2 processors), 2 threads, fast").And.Member("AMD (2 processors), 2 threads, exact"));
        Assert.That(Texts("title"), Is.EqualTo(new[]
        {
            "ops over 2 commits", "1111111 of 2026-11-01: 100 (99.0 to 101)", "2222222 of 2026-11-02: 60.0 (50.0 to 70.0)", "2222222 of 2026-11-03: 600 (500 to 700)",
            "1111111 of 2026-11-01: 8.00 (7.00 to 9.00)",
        }));
        Assert.That(Texts("polyline"), Has.Length.EqualTo(1), "one configuration has two runs of a row");
    }

    [TestCase("convolution", "convolution", "")]
    [TestCase("step-r34-321-weights-all-b16/bfloat16/best", "step-r34-321-weights-all-b16/bfloat16/", "best")]
    [TestCase("infer ResNet34 seg,sn,depth 120x160 b1: one pass a task, all blocks", "infer ResNet34 seg,sn,depth 120x160", "b1: one pass a task, all blocks")]
    [TestCase("an_unbroken_name_that_is_longer_than_one_line_and_longer_than_another_one", "an_unbroken_name_that_is_longer_than_o", "ne_line_and_longer_than_another_one")]
    [TestCase("a-long-first-part-of-a-name/an_unbroken_name_that_is_longer_than_a_line_can_be", "a-long-first-part-of-a-name/", "an_unbroken_name_that_is_longer_than_…")]
    public void A_chart_has_a_title_of_at_most_two_lines(string title, string first, string second) => Assert.That(ChartTitle.Lines(title), Is.EqualTo((first, second)));

    [TestCase(new double[] { 7, 93 }, new double[] { 0, 25, 50, 75, 100 })]
    [TestCase(new double[] { 2.1 }, new double[] { 0, 1, 2, 3 })]
    [TestCase(new double[] { 0.3, 200 }, new double[] { 0.1, 1, 10, 100, 1000 })]
    [TestCase(new double[0], new double[] { 0, 0.25, 0.5, 0.75, 1 })]
    public void Axes_end_at_round_numbers_and_are_logarithmic_where_values_span_much(double[] values, double[] ticks)
    {
        var axis = new AxisScale(values);
        Assert.That(axis.Ticks, Is.EqualTo(ticks).Within(1e-9));
        Assert.That((axis.At(ticks[0]), axis.At(ticks[^1])), Is.EqualTo((0, 1)));
        Assert.That(values.Select(axis.At), Is.All.InRange(0, 1));
    }

    private static BenchmarkPolicy Policy(string device, string numerics, int threads) => new(device, numerics, threads, Deterministic: true, "a device");

    private static BenchmarkRun Run(string benchmark, string commit, int day, params BenchmarkRow[] rows) => new()
    {
        Benchmark = benchmark,
        Date = new DateTimeOffset(2026, 11, day, 12, 0, 0, TimeSpan.Zero),
        Commit = commit,
        Machine = new BenchmarkMachine("AMD", 2, "Linux"),
        Policy = Policy("cpu", "fast", 2),
        Rows = rows,
    };

    private static BenchmarkRow Row(string name, double[] samples, double? share = null, bool higherIsBetter = false, bool disturbed = false) => new(
        name, "ms", higherIsBetter, Spread.Of(samples), share is { } known ? new Dictionary<string, double> { ["share_of_peak"] = known } : null,
        disturbed ? new Dictionary<string, string> { ["disturbed"] = "others computed" } : null);

    private void Write(string name, BenchmarkRun run) => ResultFile.Write(Path.Combine(_folder, "results", name + ".json"), run);

    private string Plot(string benchmark) => Path.Combine(_folder, "results", "plots", benchmark + ".svg");

    private (int Code, string Output, string Error) Report(params string[] more)
    {
        StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        int code = BenchmarkProgram.Invoke(["report", "--results", Path.Combine(_folder, "results"), "--readme", Readme, .. more], HostContext.Plain(output, error));
        return (code, output.ToString(), error.ToString());
    }
}
