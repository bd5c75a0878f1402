using System.Text.Json;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Learning.Methods;

/// <summary>A way to learn several tasks: what is built, in which phases it is trained, and which networks a run leaves. Trainer, evaluation, studies and the host speak to this only.</summary>
public interface IMethod
{
    /// <summary>The name in configurations and files, in snake case; also that of its section of options.</summary>
    string Name { get; }

    /// <summary>The name for people, in tables.</summary>
    string Title { get; }

    /// <summary>What it does, in one sentence.</summary>
    string Summary { get; }

    /// <summary>The type of its options, whose public properties are the keys of its section; null where it has none.</summary>
    Type? OptionsType { get; }

    /// <summary>The sections of a configuration that it reads: its own where it has options, and those of a method of which it is a form.</summary>
    IReadOnlyList<string> Sections => [Name];

    /// <summary>Makes options with their defaults. Called where <see cref="OptionsType"/> is not null.</summary>
    object CreateOptions();

    /// <summary>Whether tasks share weights, whose gradients can then be compared: see <see cref="IModel.IsShared"/>.</summary>
    bool SharesWeights => true;

    /// <summary>Why no task can have batch norms of its own in the method's network, as the end of a sentence about the method; null where tasks can (<c>model.batch_norm: per_task</c>).</summary>
    string? WithoutTaskNorms => "which runs no shared backbone in passes of single tasks";

    /// <summary>Why the method's network can't have bottleneck blocks, as the end of a sentence about the method; null where it can.</summary>
    string? WithoutBottlenecks => null;

    /// <summary>Why the method's network can't have stages of a single block, as the end of a sentence about the method; null where it can.</summary>
    string? WithoutSingleBlocks => null;

    /// <summary>Checks what only this method uses.</summary>
    /// <exception cref="ConfigurationException">The first thing that is wrong: the key, what was found, what was expected.</exception>
    void Validate(RunConfig config);

    /// <summary>Remarks on keys that are set and have no effect here, one line each.</summary>
    IReadOnlyList<string> Notices(RunConfig config) => [];

    /// <summary>Optimiser steps that are taken before the training of the final network, such as those of a search; they count where total budgets are matched.</summary>
    /// <param name="config">A valid configuration.</param>
    long StepsBefore(RunConfig config) => 0;

    /// <summary>All optimiser steps of a run, those of networks among which it chooses or with which it compares included; for estimates of time.</summary>
    /// <param name="config">A valid configuration.</param>
    long AllSteps(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return StepsBefore(config) + config.Train.FinalSteps;
    }

    /// <summary>
    /// What of the final training depends on its length, as the beginning of a sentence, such as <c>the temperature of the choices</c>: where a run is extended, a training then is not the same as one that had all
    /// steps from the start. Null where nothing does.
    /// </summary>
    string? DependsOnLength => null;

    /// <summary>What is published of the cost of its networks, for some numbers of tasks; nothing for most.</summary>
    IReadOnlyList<PublishedCost> PublishedCosts => [];

    /// <summary>What a configuration leaves to the validation part and the last network can't stand in for, as a whole sentence with a way out; null where a run can do without that part.</summary>
    /// <param name="config">A valid configuration.</param>
    string? NeedOfValidation(RunConfig config) => null;

    /// <summary>Builds the model, without weights.</summary>
    /// <param name="config">A valid configuration.</param>
    /// <param name="backend">Where to compute.</param>
    /// <param name="type">Float32, or Float64 for verification.</param>
    IModel Build(RunConfig config, Backend backend, DType type = DType.Float32);

    /// <summary>Begins a run, or goes on with it where the session's state says so.</summary>
    /// <param name="session">The run, whose model <see cref="Build"/> made.</param>
    IMethodRun Begin(TrainingSession session);

    /// <summary>The networks that a run folder has so far, the final one last.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="config">Its configuration.</param>
    /// <exception cref="DataException">A file is damaged.</exception>
    IReadOnlyList<StoredNetwork> Networks(RunFolder folder, RunConfig config);

    /// <summary>The networks of a run folder under a choice among the policies that its search has learnt, the one that stands for them last.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="choice">Which policies.</param>
    /// <exception cref="ConfigurationException">The method's runs have no such policies.</exception>
    /// <exception cref="DataException">The run has no such policies yet, or a file is missing or damaged.</exception>
    IReadOnlyList<StoredNetwork> Networks(RunFolder folder, RunConfig config, PolicyChoice choice);
}

/// <summary>A network of a run folder.</summary>
/// <param name="Title">Its name for people.</param>
/// <param name="Checkpoint">The file of its weights.</param>
/// <param name="Gates">The gates that it was trained under.</param>
/// <param name="IsFinal">Whether the run was made for it; otherwise a network on the way.</param>
public sealed record StoredNetwork(string Title, string Checkpoint, GateTable Gates, bool IsFinal)
{
    /// <summary>Builds the model and reads the weights.</summary>
    /// <param name="method">The run's method.</param>
    /// <param name="config">The run's configuration.</param>
    /// <param name="backend">Where to compute.</param>
    /// <exception cref="CheckpointException">The file is missing, damaged, or of another model.</exception>
    public TrainedNetwork Load(IMethod method, RunConfig config, Backend backend)
    {
        ArgumentNullException.ThrowIfNull(method);
        try
        {
            return TrainedNetwork.Load(method.Build(config, backend), Gates, Checkpoint, LossMode.DecodesNormals(config));
        }
        catch (CheckpointException error)
        {
            throw new CheckpointException($"{error.Message} (it is the network '{Title}'; bring the run's own file back, or repeat the run: train --config on its config.yaml)", error);
        }
    }
}

/// <summary>A method in a run: its phases and what it has found.</summary>
public interface IMethodRun
{
    /// <summary>The name of the first phase.</summary>
    string FirstPhase { get; }

    /// <summary>The phase that the session's state names, made to go on after the steps that are done.</summary>
    /// <exception cref="CheckpointException">The method has no such phase: the state is of another run.</exception>
    Phase Create();

    /// <summary>Sets the model to what it was at the start of the phase that the session's state names, where that phase does not do so itself.</summary>
    void Restart() => Session.Initialize(Session.Seed);

    /// <summary>The run.</summary>
    TrainingSession Session { get; }

    /// <summary>What the method has found so far, for the run state; null for nothing.</summary>
    JsonElement? Save();

    /// <summary>What the run found, when no phase is left.</summary>
    RunOutcome Finish();
}

/// <summary>What a method's run found.</summary>
/// <param name="Final">The final network on the test part.</param>
/// <param name="Gates">Its gates.</param>
public sealed record RunOutcome(TestResult Final, GateTable Gates)
{
    /// <summary>Networks on the way to the final one.</summary>
    public IReadOnlyList<NamedResult> Others { get; init; } = [];

    /// <summary>The networks among which the final one was chosen.</summary>
    public IReadOnlyList<NamedResult> Candidates { get; init; } = [];

    /// <summary>The final network's gates for the files; null where every task runs every block.</summary>
    public PolicySummary? Policy { get; init; }
}
