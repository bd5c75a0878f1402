using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Benchmarking.Workloads;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Profiling;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Benchmarking.Measurement;

/// <summary>What is predicted, and how often it is timed.</summary>
/// <param name="Backbone">The backbone.</param>
/// <param name="Tasks">The tasks.</param>
/// <param name="HeadChannels">Hidden channels of the heads.</param>
/// <param name="Height">Rows of an image.</param>
/// <param name="Width">Columns of an image.</param>
/// <param name="Batch">Images that are predicted together where throughput is measured.</param>
/// <param name="Policies">The policies.</param>
public sealed record InferenceSpec(
    BackboneSpec Backbone, IReadOnlyList<TaskSpec> Tasks, int HeadChannels, int Height, int Width, int Batch, IReadOnlyList<InferencePolicy> Policies)
{
    /// <summary>The type in which activations are stored: BFloat16, or anything else for single precision.</summary>
    public DType Activations { get; init; } = DType.Float32;

    /// <summary>The name of the same work in every run.</summary>
    public string Name(InferencePolicy policy, int batch) => $"infer {WorkloadNames.Of(Backbone, Tasks, HeadChannels)} {Height}x{Width} b{batch}: {policy.Name}";
}

/// <summary>What predictions under one policy take.</summary>
/// <param name="Spec">What is predicted.</param>
/// <param name="Policy">The policy.</param>
/// <param name="Latency">The time of one image, each prediction by itself, from the host's memory and back.</param>
/// <param name="Throughput">The time of a batch.</param>
/// <param name="BackboneMultiplyAdds">Multiply-adds of the backbone for one image as it is executed, taps in the padding left out.</param>
/// <param name="HeadMultiplyAdds">The same of the heads.</param>
public sealed record InferenceMeasurement(InferenceSpec Spec, InferencePolicy Policy, Timing Latency, Timing Throughput, long BackboneMultiplyAdds, long HeadMultiplyAdds)
{
    private const double MillisecondsPerSecond = 1000;
    private const double Slow = 0.95;

    /// <summary>Multiply-adds of one image.</summary>
    public long MultiplyAdds => BackboneMultiplyAdds + HeadMultiplyAdds;

    /// <summary>The milliseconds that 19 of 20 predictions of one image stay below.</summary>
    public double Percentile95 => Latency.Wall.Quantile(Slow);

    /// <summary>Images a second in batches.</summary>
    public double ImagesPerSecond => Spec.Batch * MillisecondsPerSecond / Throughput.Wall.Median;

    /// <summary>Times the predictions under every policy, by turns so that all see the same machine.</summary>
    /// <param name="backend">Where to compute.</param>
    /// <param name="spec">What is predicted.</param>
    /// <param name="predictions">How often one image is predicted under each policy.</param>
    /// <param name="sampling">How often a batch is.</param>
    /// <param name="stop">Stops between two predictions.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was signalled.</exception>
    public static IReadOnlyList<InferenceMeasurement> Of(Backend backend, InferenceSpec spec, int predictions, Sampling sampling, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(spec);
        using var profiling = new ProfilingBackend(backend);
        using var workload = new InferenceWorkload(profiling, spec.Backbone, spec.Tasks, spec.HeadChannels, spec.Height, spec.Width, spec.Batch, spec.Activations);
        IReadOnlyList<Timing> Measure(int images, Sampling how) =>
            Sampler.Measure(profiling, [.. spec.Policies.Select(policy => (Action)(() => workload.Predict(policy, images)))], how, stop);
        IReadOnlyList<Timing> latencies = Measure(1, new Sampling(predictions, LeastMilliseconds: 0));
        IReadOnlyList<Timing> throughputs = spec.Batch == 1 ? latencies : Measure(spec.Batch, sampling);
        return [.. spec.Policies.Select((policy, p) =>
        {
            Profile profile = profiling.Profile(() => workload.Predict(policy));
            long Work(string section) => profile.Rows.Where(row => row.Section == section).Sum(static row => row.MultiplyAdds);
            return new InferenceMeasurement(spec, policy, latencies[p], throughputs[p], Work(StepSections.Backbone), Work(StepSections.Heads));
        })];
    }

    /// <summary>The share of the multiply-adds of another policy that this one does without.</summary>
    public double WorkSaved(InferenceMeasurement reference) => 1 - ((double)MultiplyAdds / (reference ?? throw new ArgumentNullException(nameof(reference))).MultiplyAdds);

    /// <summary>The share of the time of one image under another policy that this one does without.</summary>
    public double TimeSaved(InferenceMeasurement reference) => 1 - (Latency.Wall.Median / (reference ?? throw new ArgumentNullException(nameof(reference))).Latency.Wall.Median);

    /// <summary>The figures as rows of a result file: one image, and a batch.</summary>
    /// <param name="reference">The measurement that savings refer to.</param>
    public IEnumerable<BenchmarkRow> Rows(InferenceMeasurement reference)
    {
        yield return new BenchmarkRow(Spec.Name(Policy, 1), "ms", HigherIsBetter: false, Latency.Wall, new Dictionary<string, double>
        {
            ["p95_ms"] = Percentile95,
            ["device_ms"] = Latency.Device.Median,
            ["backbone_multiply_adds"] = BackboneMultiplyAdds,
            ["head_multiply_adds"] = HeadMultiplyAdds,
            ["work_saved"] = WorkSaved(reference),
            ["time_saved"] = TimeSaved(reference),
        });
        if (Spec.Batch > 1)
        {
            yield return new BenchmarkRow(
                Spec.Name(Policy, Spec.Batch), "ms", HigherIsBetter: false, Throughput.Wall, new Dictionary<string, double> { ["images_per_s"] = ImagesPerSecond, ["repeats"] = Throughput.Repeats });
        }
    }
}
