using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Runs;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods;
using AdaShare.Native.Reports.RunPages;

namespace AdaShare.Native.Host.Console;

/// <summary>How far a run is in all its phases, and the time that the rest will take if its steps take as long as the last ones. Validations and checkpoints come on top.</summary>
/// <param name="totalSteps">Steps of all phases.</param>
/// <param name="before">The phases that the run has begun before it goes on, with the steps before each; none where it begins.</param>
/// <param name="inputs">What the network reads.</param>
public sealed class RunMeter(long totalSteps, IReadOnlyList<(string Phase, int Index, long Start)> before, InputKind inputs = InputKind.Image)
{
    private readonly SpeedMeter _speed = new();
    private bool _hasBegun;

    /// <summary>What speed is counted in.</summary>
    public string SpeedUnit { get; } = inputs == InputKind.Text ? "texts/s" : "img/s";

    /// <summary>Steps of all phases that are done.</summary>
    public long Done { get; private set; }

    /// <summary>Steps of all phases.</summary>
    public long Total => Math.Max(totalSteps, Done);

    /// <summary>The time that the steps that are left will take.</summary>
    public TimeSpan Left => _speed.Left(Total - Done);

    /// <summary>The meter of a run that starts or goes on.</summary>
    public static RunMeter Of(PlannedRun plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return new RunMeter(MethodRegistry.Get(plan.Config.Method).AllSteps(plan.Config), plan.Resumes ? PhasesOf(plan.Folder.Log) : [], BackboneRegistry.Get(plan.Config.Backbone).Inputs);
    }

    /// <summary>The meter of a run that starts, or goes on where its log has been begun.</summary>
    /// <param name="totalSteps">Steps of all phases.</param>
    /// <param name="folder">The run.</param>
    /// <param name="inputs">What its network reads.</param>
    public static RunMeter Of(long totalSteps, string folder, InputKind inputs) => new(totalSteps, PhasesOf(new RunFolder(folder).Log), inputs);

    /// <summary>Takes the beginning of a phase into account.</summary>
    /// <param name="phase">The phase.</param>
    /// <param name="step">Steps of it that were done before.</param>
    public void Begin(PhaseInfo phase, long step)
    {
        ArgumentNullException.ThrowIfNull(phase);
        if (!_hasBegun)
        {
            Done = before.FirstOrDefault(known => known.Phase == phase.Key && known.Index == phase.Index).Start + step;
            _hasBegun = true;
        }
        else
        {
            // A training of an extended run that goes on after another one.
            Done += step;
        }
    }

    /// <summary>Takes a step into account.</summary>
    public void Add(StepRecord record)
    {
        _speed.Add(record);
        Done++;
    }

    private static IReadOnlyList<(string Phase, int Index, long Start)> PhasesOf(string log)
    {
        try
        {
            return RunHistory.Read(log).Phases;
        }
        catch (DataException)
        {
            // An estimate of time is no reason to refuse a run.
            return [];
        }
    }
}
