using System.Diagnostics;
using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Host.Runs;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods;
using Spectre.Console;

namespace AdaShare.Native.Host.Console.Bench;

/// <summary>What a way of reporting adds to a training step: its time beside that of the same steps of which nothing is said or logged.</summary>
/// <param name="Way">The way, one of <see cref="Ways"/>.</param>
/// <param name="Milliseconds">Time of a step, a sample a turn, logging and reporting included.</param>
/// <param name="Ratio">The same over that of the turn's silent run.</param>
public sealed record ReportingMeasurement(string Way, Spread Milliseconds, Spread Ratio)
{
    /// <summary>Nothing is printed, and log.jsonl gets the first step alone.</summary>
    public const string Silent = "nothing";

    // The first steps compile kernels and fill the loader.
    private const int Unmeasured = 3;
    private const int TerminalWidth = 120;

    /// <summary>The ways, from the least to the most.</summary>
    public static IReadOnlyList<string> Ways { get; } = [Silent, "log.jsonl", "log and lines", "log and live view", "log and TensorBoard"];

    /// <summary>Trains the beginning of the same run again and again, every way once a turn, each turn beginning with another one.</summary>
    /// <param name="config">The run.</param>
    /// <param name="backend">Where to compute.</param>
    /// <param name="dataset">The data.</param>
    /// <param name="steps">Steps that are timed each time, at least 1.</param>
    /// <param name="turns">How often.</param>
    /// <param name="stop">Stops after a step.</param>
    /// <exception cref="ConfigurationException">The run has fewer steps.</exception>
    public static IReadOnlyList<ReportingMeasurement> Of(RunConfig config, Backend backend, IDataset dataset, int steps, int turns, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(config);
        long all = MethodRegistry.Get(config.Method).AllSteps(config);
        if (all < steps + Unmeasured + 1)
        {
            throw new ConfigurationException($"--steps is {steps}, and the run has {all} steps, of which {Unmeasured} are not timed; take fewer, or a longer run");
        }

        double[][] times = [.. Ways.Select(_ => new double[turns])];
        for (int turn = 0; turn < turns; turn++)
        {
            for (int i = 0; i < Ways.Count; i++)
            {
                int way = (turn + i) % Ways.Count;
                times[way][turn] = Train(config, backend, dataset, way, steps, stop);
            }
        }

        return [.. Ways.Select((name, way) => new ReportingMeasurement(name, Spread.Of(times[way]), Spread.Of(times[way].Zip(times[0], static (own, silent) => own / silent))))];
    }

    private static double Train(RunConfig config, Backend backend, IDataset dataset, int way, int steps, CancellationToken stop)
    {
        string folder = Directory.CreateTempSubdirectory("adashare-bench-").FullName;
        int period = config.Train.PrintFreq;
        try
        {
            config.Train.PrintFreq = way == 0 ? int.MaxValue : period;
            var plan = new PlannedRun(config, new RunFolder(folder), Resumes: false, []);
            IReadOnlyList<TaskSpec> tasks = TaskSpec.Of(config);
            double Under(IRunObserver observer) => Train(plan, backend, dataset, observer, steps, stop);
            return way switch
            {
                2 => Under(new PlainObserver(TextWriter.Null, period, tasks, RunMeter.Of(plan), TimeProvider.System)),
                3 => ProgressObserver.Show(Terminal(), tasks, RunMeter.Of(plan), Under),
                4 => WithEvents(plan, Under),
                _ => Under(new QuietObserver()),
            };
        }
        finally
        {
            config.Train.PrintFreq = period;
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double WithEvents(PlannedRun plan, Func<IRunObserver, double> under)
    {
        using var events = EventFiles.Follow(new QuietObserver(), plan);
        return under(events);
    }

    private static double Train(PlannedRun plan, Backend backend, IDataset dataset, IRunObserver observer, int steps, CancellationToken stop)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var clock = new StepClock(observer, Unmeasured, steps, source.Cancel);
        try
        {
            Learning.Methods.Trainer.Run(MethodRegistry.Get(plan.Config.Method), plan.Config, backend, dataset, plan.Folder, clock, resume: false, source.Token, new RunTerms { Configuration = ConfigWriter.Write(plan.Config) });
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested && clock.Milliseconds is not null)
        {
            // All steps that are timed are done.
        }

        return clock.Milliseconds!.Value;
    }

    /// <summary>A terminal that nobody looks at.</summary>
    private static IAnsiConsole Terminal()
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, ColorSystem = ColorSystemSupport.TrueColor, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(TextWriter.Null) });
        console.Profile.Width = TerminalWidth;
        return console;
    }

    /// <summary>Measures from step to step, what is done between them included, and asks for the end after enough of them.</summary>
    private sealed class StepClock(IRunObserver inner, int before, int steps, Action done) : IRunObserver
    {
        private long _first;
        private int _count;

        public double? Milliseconds { get; private set; }

        public void Notice(string text) => inner.Notice(text);

        public void PhaseStarted(PhaseInfo phase, long step) => inner.PhaseStarted(phase, step);

        public void StepDone(StepRecord record)
        {
            inner.StepDone(record);
            if (_count == before)
            {
                _first = Stopwatch.GetTimestamp();
            }
            else if (_count == before + steps)
            {
                Milliseconds = Stopwatch.GetElapsedTime(_first).TotalMilliseconds / steps;
                done();
            }

            _count++;
        }

        public void Validated(PhaseInfo phase, long step, MetricTable metrics) => inner.Validated(phase, step, metrics);

        public void CheckpointSaved(string path) => inner.CheckpointSaved(path);
    }
}
