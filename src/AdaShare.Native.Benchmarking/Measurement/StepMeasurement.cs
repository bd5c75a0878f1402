using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Benchmarking.Workloads;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Profiling;
using AdaShare.Native.Learning;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Benchmarking.Measurement;

/// <summary>What a training step takes.</summary>
/// <param name="Spec">The step.</param>
/// <param name="Time">Its time.</param>
/// <param name="PeakBytes">The most bytes of the device that were live at once: parameters, optimiser state, activations, gradients.</param>
/// <param name="Profile">Where the time goes in steps that were profiled afterwards, kernel by kernel.</param>
public sealed record StepMeasurement(StepSpec Spec, Timing Time, long PeakBytes, Profile Profile)
{
    private const int LeastProfiled = 3;
    private const double MillisecondsPerSecond = 1000;
    private const double TeraPerMillisecond = 1e9;

    /// <summary>The share of time between kernels, in <see cref="Shares"/>.</summary>
    public const string Between = "between kernels";

    /// <summary>The share of kernels that belong to no section, in <see cref="Shares"/>.</summary>
    public const string Other = "other";

    /// <summary>Images a second, by the host's clock.</summary>
    public double ImagesPerSecond => Spec.Batch * MillisecondsPerSecond / Time.Wall.Median;

    /// <summary>Million millions of floating-point operations a second that the step needs, two for a multiply-add; see <see cref="Profile.UsefulMultiplyAdds"/>.</summary>
    public double TflopPerSecond => 2 * Profile.UsefulMultiplyAdds / (Time.Device.Median * TeraPerMillisecond);

    /// <summary>The share of each section in the time of the profiled steps; the shares add up to 1.</summary>
    public IReadOnlyDictionary<string, double> Shares
    {
        get
        {
            var shares = Profile.Sections.ToDictionary(static section => section.Key.Length == 0 ? Other : section.Key, section => section.Value / Profile.Milliseconds);
            shares[Between] = Profile.Between / Profile.Milliseconds;
            return shares;
        }
    }

    /// <summary>Times a step, then profiles it.</summary>
    /// <param name="backend">Where to compute.</param>
    /// <param name="spec">The step.</param>
    /// <param name="sampling">How often it is timed.</param>
    /// <param name="stop">Stops between two steps.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was signalled.</exception>
    public static StepMeasurement Of(Backend backend, StepSpec spec, Sampling sampling, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(backend);
        using var profiling = new ProfilingBackend(backend);
        using var workload = new StepWorkload(profiling, spec);
        workload.Run();
        backend.ResetPeak();
        Timing time = Sampler.Measure(profiling, workload.Run, sampling, stop);
        long peak = backend.Memory.PeakBytes;
        Profile profile = profiling.Profile(workload.Run, Math.Max(LeastProfiled, time.Repeats));
        return new StepMeasurement(spec, time, peak, profile);
    }

    /// <summary>The figures as rows of a result file: the step, and if wanted its kernels.</summary>
    /// <param name="withOps">Whether the kernels have rows.</param>
    public IEnumerable<BenchmarkRow> Rows(bool withOps)
    {
        var figures = new Dictionary<string, double>
        {
            ["wall_ms"] = Time.Wall.Median,
            ["images_per_s"] = ImagesPerSecond,
            ["tflop_per_s"] = TflopPerSecond,
            ["useful_multiply_adds"] = Profile.UsefulMultiplyAdds,
            ["peak_bytes"] = PeakBytes,
            ["upload_bytes"] = Profile.UploadBytes(StepSections.Data),
            ["repeats"] = Time.Repeats,
            ["profiled_ms"] = Profile.Milliseconds,
        };
        foreach ((string section, double share) in Shares)
        {
            figures["share_" + section.Replace(' ', '_')] = share;
        }

        yield return new BenchmarkRow(Spec.Name, "ms", HigherIsBetter: false, Time.Device, figures);
        foreach (ProfileRow row in withOps ? Profile.Rows : [])
        {
            yield return OpRow(row);
        }
    }

    private BenchmarkRow OpRow(ProfileRow row) => new(
        $"{Spec.Name} / {row.Section ?? Other}{(row.IsRecomputed ? " again" : "")} / {row.Op}", "ms", HigherIsBetter: false, Spread.Of([row.Milliseconds]),
        new Dictionary<string, double>
        {
            ["calls"] = row.Count,
            ["share"] = row.Milliseconds / Profile.Milliseconds,
            ["multiply_adds"] = row.MultiplyAdds,
            ["bytes"] = row.Bytes,
            ["gflop_per_s"] = row.GflopPerSecond,
            ["gbyte_per_s"] = row.GigabytesPerSecond,
        },
        new Dictionary<string, string> { ["section"] = row.Section ?? Other, ["family"] = row.Family, ["kernel"] = row.Kernel });
}
