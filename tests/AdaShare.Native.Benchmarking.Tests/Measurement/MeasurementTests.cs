using AdaShare.Native.Benchmarking.Measurement;
using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Benchmarking.Workloads;
using AdaShare.Native.Cpu;

namespace AdaShare.Native.Benchmarking.Tests.Measurement;

/// <summary>What measurements of steps and predictions say.</summary>
[TestFixture]
public sealed class MeasurementTests
{
    private static readonly Sampling Short = new(5, LeastMilliseconds: 0);

    [Test]
    public void A_step_has_shares_that_add_up_and_figures_that_fit_together([Values] bool withOps)
    {
        using var cpu = new CpuBackend();
        StepMeasurement step = StepMeasurement.Of(cpu, TinyWork.Step(StepKind.Weights, 2), Short);
        BenchmarkRow[] rows = [.. step.Rows(withOps)];
        IReadOnlyDictionary<string, double> figures = rows[0].Figures!;
        Assert.Multiple(() =>
        {
            Assert.That(step.Shares.Values.Sum(), Is.EqualTo(1).Within(1e-9));
            Assert.That(figures.Where(static figure => figure.Key.StartsWith("share_", StringComparison.Ordinal)).Sum(static figure => figure.Value), Is.EqualTo(1).Within(1e-9));
            Assert.That(figures.Values, Is.All.GreaterThan(0).And.All.Matches<double>(double.IsFinite));
            Assert.That(figures["images_per_s"], Is.EqualTo(2000 / figures["wall_ms"]).Within(1e-9 * figures["images_per_s"]));
            Assert.That(figures["tflop_per_s"] * rows[0].Value.Median, Is.EqualTo(2e-9 * figures["useful_multiply_adds"]).Within(1e-12));
            Assert.That(rows, Has.Length.EqualTo(withOps ? 1 + step.Profile.Rows.Count : 1));
            Assert.That(rows.Select(static row => row.Name), Is.Unique);
            Assert.That(cpu.Memory.LiveBuffers, Is.Zero);
        });
    }

    [Test]
    public void The_peak_is_that_of_the_steps_and_recomputing_lowers_it()
    {
        using var cpu = new CpuBackend();
        StepSpec spec = TinyWork.Step(StepKind.WarmUp, 0) with { Batch = 8 };
        StepMeasurement kept = StepMeasurement.Of(cpu, spec, Short), recomputed = StepMeasurement.Of(cpu, spec with { Recompute = true }, Short);
        using var workload = new StepWorkload(cpu, spec);
        Assert.That(recomputed.PeakBytes, Is.LessThan(kept.PeakBytes).And.GreaterThan(workload.StateBytes));
        Assert.That(recomputed.Profile.UsefulMultiplyAdds, Is.EqualTo(kept.Profile.UsefulMultiplyAdds));
    }

    [Test]
    public void Predictions_have_their_work_beside_their_time()
    {
        using var cpu = new CpuBackend();
        var tasks = WorkloadNames.Tasks(["seg", "depth"]);
        InferencePolicy[] policies = [InferencePolicy.Separate, InferencePolicy.AllOn, InferencePolicy.Skip("depth:7", TinyWork.Backbone, tasks)];
        var spec = new InferenceSpec(TinyWork.Backbone, tasks, HeadChannels: 8, 32, 32, Batch: 2, policies);
        IReadOnlyList<InferenceMeasurement> rows = InferenceMeasurement.Of(cpu, spec, predictions: 20, Short);
        Assert.Multiple(() =>
        {
            Assert.That(rows[0].BackboneMultiplyAdds, Is.EqualTo(2 * rows[1].BackboneMultiplyAdds), "a pass for each of two tasks");
            Assert.That(rows[0].HeadMultiplyAdds, Is.EqualTo(rows[1].HeadMultiplyAdds));
            Assert.That(rows[2].BackboneMultiplyAdds, Is.EqualTo(rows[1].BackboneMultiplyAdds), "the tasks agree up to the last block, which is left out for one of them");
            Assert.That(rows[1].WorkSaved(rows[0]), Is.EqualTo((double)rows[1].BackboneMultiplyAdds / rows[0].MultiplyAdds).Within(1e-12));
            Assert.That(rows[0].TimeSaved(rows[0]), Is.Zero);
            Assert.That(rows.Select(static row => row.Percentile95 >= row.Latency.Wall.Median), Is.All.True);
            Assert.That(rows.SelectMany(row => row.Rows(rows[0])).Select(static row => row.Name), Is.Unique.And.Exactly(6).Items);
            Assert.That(rows[2].Rows(rows[0]).First().Name, Is.EqualTo("infer ResNet18/8 heads/8 seg,depth 32x32 b1: skip depth:7"));
        });
    }
}
