using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Host.Runs;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods;
using Spectre.Console;

namespace AdaShare.Native.Host.Console.Bench;

/// <summary>
/// What a way of reporting adds to a training step, by two accounts: its time beside that of the same steps of which nothing is said or logged, and directly, what the reports themselves take.
/// </summary>
/// <remarks>The first account has everything in it, and the noise of the machine; the second leaves out what reports do to the steps between them (caches, a core taken away), and hardly varies.</remarks>
/// <param name="Way">The way, one of <see cref="Ways"/>.</param>
/// <param name="Milliseconds">Time of a step, a sample a turn, logging and reporting included.</param>
/// <param name="Ratio">The same over that of the turn's silent run.</param>
/// <param name="Processor">Processor time of a step, all threads together, over that of the turn's silent run.</param>
/// <param name="Told">The share of a step's time that the training thread spends on observers and log.</param>
/// <param name="Drawn">What a thread of its own takes to draw, as a share of a step's processor time; null for ways that have no such thread.</param>
public sealed record ReportingMeasurement(string Way, Spread Milliseconds, Spread Ratio, Spread Processor, Spread Told, Spread? Drawn)
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

        Turn[][] times = [.. Ways.Select(_ => new Turn[turns])];
        for (int turn = 0; turn < turns; turn++)
        {
            for (int i = 0; i < Ways.Count; i++)
            {
                int way = (turn + i) % Ways.Count;
                times[way][turn] = Train(config, backend, dataset, way, steps, stop);
            }
        }

        return [.. Ways.Select((name, way) => Measured(name, times[way], times[0], steps))];
    }

    private static ReportingMeasurement Measured(string way, Turn[] own, Turn[] silent, int steps)
    {
        Spread Over(Func<Turn, Turn, double> of) => Spread.Of(own.Zip(silent, of));
        return new ReportingMeasurement(
            way, Spread.Of(own.Select(turn => turn.Times.Time.TotalMilliseconds / steps)), Over(static (turn, nothing) => turn.Times.Time / nothing.Times.Time),
            Over(static (turn, nothing) => turn.Times.Processor / nothing.Times.Processor), Spread.Of(own.Select(static turn => turn.Times.Told / turn.Times.Time)),
            own[0].Drawn is null ? null : Over(static (turn, nothing) => turn.Drawn!.Value / nothing.Times.Processor));
    }

    private static Turn Train(RunConfig config, Backend backend, IDataset dataset, int way, int steps, CancellationToken stop)
    {
        string folder = Directory.CreateTempSubdirectory("adashare-bench-").FullName;
        int period = config.Train.PrintFreq;
        try
        {
            config.Train.PrintFreq = way == 0 ? int.MaxValue : period;
            var plan = new PlannedRun(config, new RunFolder(folder), Resumes: false, []);
            IReadOnlyList<TaskSpec> tasks = TaskSpec.Of(config);
            StepAccount Under(IRunObserver observer) => Train(plan, backend, dataset, observer, steps, stop);
            return way switch
            {
                2 => new Turn(Under(new PlainObserver(TextWriter.Null, period, tasks, RunMeter.Of(plan), TimeProvider.System)).Times!.Value, null),
                3 => ProgressObserver.Show(Terminal(), tasks, RunMeter.Of(plan), observer => Redrawn(observer, Under(observer))),
                4 => WithEvents(plan, Under),
                _ => new Turn(Under(new QuietObserver()).Times!.Value, null),
            };
        }
        finally
        {
            config.Train.PrintFreq = period;
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Turn WithEvents(PlannedRun plan, Func<IRunObserver, StepAccount> under)
    {
        using var events = EventFiles.Follow(new QuietObserver(), plan);
        return new Turn(under(events).Times!.Value, null);
    }

    // The view is drawn by a thread of its own, so what it takes is seen where nothing else runs: the same steps are told again at the same pace, with nothing trained between them.
    private static Turn Redrawn(ProgressObserver observer, StepAccount trained)
    {
        StepTimes times = trained.Times!.Value;
        TimeSpan before = Environment.CpuUsage.TotalTime, pace = times.Time / trained.Records.Count;
        foreach (StepRecord record in trained.Records)
        {
            observer.StepDone(record);
            Thread.Sleep(pace);
        }

        return new Turn(times, Environment.CpuUsage.TotalTime - before);
    }

    private static StepAccount Train(PlannedRun plan, Backend backend, IDataset dataset, IRunObserver observer, int steps, CancellationToken stop)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var account = new StepAccount(observer, Unmeasured, steps, source.Cancel);
        var terms = new RunTerms { Configuration = ConfigWriter.Write(plan.Config), LogTimed = account.AddLog };
        try
        {
            Learning.Methods.Trainer.Run(MethodRegistry.Get(plan.Config.Method), plan.Config, backend, dataset, plan.Folder, account, resume: false, source.Token, terms);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested && account.Times is not null)
        {
            // All steps that are timed are done.
        }

        return account;
    }

    /// <summary>A terminal that nobody looks at.</summary>
    private static IAnsiConsole Terminal()
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, ColorSystem = ColorSystemSupport.TrueColor, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(TextWriter.Null) });
        console.Profile.Width = TerminalWidth;
        return console;
    }

    /// <summary>What a way took in a turn.</summary>
    /// <param name="Times">The account of the steps.</param>
    /// <param name="Drawn">Processor time of drawing as much alone; null for ways that draw nothing.</param>
    private readonly record struct Turn(StepTimes Times, TimeSpan? Drawn);
}
