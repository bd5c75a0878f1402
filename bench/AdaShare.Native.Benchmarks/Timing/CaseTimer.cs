using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using Perfolizer.Horology;
using Perfolizer.Mathematics.OutlierDetection;

namespace AdaShare.Native.Benchmarks.Timing;

/// <summary>Times calls with BenchmarkDotNet, in this process and by the backend's clock, and counts what they allocate once they are warm.</summary>
/// <param name="backend">Where the calls compute.</param>
/// <param name="options">How long and how often.</param>
internal sealed class CaseTimer(Backend backend, TimingOptions options)
{
    private const int MostAllocationCalls = 16;
    private const int AllocationRounds = 3;
    private const double AllocationNanoseconds = 50e6;

    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    /// <summary>The version of BenchmarkDotNet.</summary>
    public static string Version => typeof(BenchmarkRunner).Assembly.GetName().Version!.ToString(fieldCount: 3);

    /// <summary>Times the calls.</summary>
    /// <returns>Nanoseconds of a call, in the order of the measurements.</returns>
    /// <exception cref="AdaShareException">A call failed.</exception>
    public double[] Time(RotatingCalls calls)
    {
        using IDeviceClock clock = backend.CreateClock();
        OpBenchmark.Current = calls;
        try
        {
            Summary summary = BenchmarkRunner.Run<OpBenchmark>(Configuration(clock));
            double[] times = [.. summary.Reports
                .SelectMany(static report => report.AllMeasurements)
                .Where(static measurement => measurement is { IterationMode: IterationMode.Workload, IterationStage: IterationStage.Actual })
                .Select(static measurement => measurement.Nanoseconds / measurement.Operations)];
            return times.Length > 0 ? times : throw new AdaShareException($"BenchmarkDotNet measured nothing: {Reason(summary)}");
        }
        finally
        {
            OpBenchmark.Current = null;
        }
    }

    /// <summary>What a warm call allocates: bytes of the managed heap, and how often it asks the system for memory of the backend.</summary>
    /// <param name="calls">The calls, which have been timed.</param>
    /// <param name="nanoseconds">About how long one takes.</param>
    public (double ManagedBytes, double SystemAllocations) Allocations(RotatingCalls calls, double nanoseconds)
    {
        int count = (int)Math.Clamp(AllocationNanoseconds / nanoseconds, 1, MostAllocationCalls);
        double managed = double.MaxValue, system = double.MaxValue;
        for (int round = 0; round < AllocationRounds; round++)
        {
            // The runtime's own threads allocate now and then; the least of some rounds is the call's.
            long bytes = GC.GetTotalAllocatedBytes(precise: true), asked = backend.Memory.SystemAllocations;
            for (int i = 0; i < count; i++)
            {
                calls.Next();
            }

            managed = Math.Min(managed, (GC.GetTotalAllocatedBytes(precise: true) - bytes) / (double)count);
            system = Math.Min(system, (backend.Memory.SystemAllocations - asked) / (double)count);
        }

        backend.Synchronize();
        return (managed, system);
    }

    private ManualConfig Configuration(IDeviceClock clock)
    {
        Job job = Job.Default
            .WithToolchain(new InProcessNoEmitToolchain(Patience, logOutput: false))
            .WithClock(new DeviceTimestamps(clock))
            .WithIterationTime(TimeInterval.FromMilliseconds(options.Milliseconds))
            .WithIterationCount(options.Iterations)
            .WithWarmupCount(options.WarmUps)
            .WithMinInvokeCount(1)
            .WithUnrollFactor(1)

            // A loop around a delegate takes nanoseconds, a kernel microseconds.
            .WithEvaluateOverhead(false)
            .WithOutlierMode(OutlierMode.DontRemove);
        return ManualConfig.CreateEmpty()
            .AddJob(job)
            .AddLogger(NullLogger.Instance)
            .WithArtifactsPath(Path.Combine(AppContext.BaseDirectory, "benchmarkdotnet"))
            .WithOptions(ConfigOptions.DisableLogFile);
    }

    private static string Reason(Summary summary) => string.Join("; ", (string[])
    [
        .. summary.ValidationErrors.Where(static error => error.IsCritical).Select(static error => error.Message),
        .. summary.Reports.SelectMany(static report => report.ExecuteResults).SelectMany(static result => result.Errors),
    ]);
}
