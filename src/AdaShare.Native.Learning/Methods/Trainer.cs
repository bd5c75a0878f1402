using System.Security.Cryptography;
using System.Text;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Optimizers;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Learning.Weights;

namespace AdaShare.Native.Learning.Methods;

/// <summary>Runs a method's phases one after another, from the start or from the run folder's last checkpoint.</summary>
public static class Trainer
{
    private const int RunDigits = 16;

    /// <summary>Trains to the end and writes log, checkpoints and metrics into the run folder.</summary>
    /// <param name="method">The method; its name is the configuration's.</param>
    /// <param name="config">A valid configuration.</param>
    /// <param name="backend">Where to compute.</param>
    /// <param name="dataset">The data.</param>
    /// <param name="folder">Where files go.</param>
    /// <param name="observer">Who is told.</param>
    /// <param name="resume">Whether to go on from the folder's last checkpoint; from the beginning if the run was stopped before the first.</param>
    /// <param name="stop">Asks to stop after the step that is under way; a checkpoint is written first.</param>
    /// <param name="terms">On what terms it starts or goes on; the usual ones if null.</param>
    /// <returns>What was written to metrics.json.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was signalled.</exception>
    /// <exception cref="AdaShareException">Configuration, data or a file is at fault; earlier checkpoints are intact.</exception>
    public static MetricsFile Run(
        IMethod method, RunConfig config, Backend backend, IDataset dataset, RunFolder folder, IRunObserver observer, bool resume, CancellationToken stop, RunTerms? terms = null)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(observer);
        terms ??= RunTerms.Default;
        CheckData(dataset, config, method);
        using FileLock taken = RunLock.Take(folder);
        RunState? saved = resume ? CheckpointStore.ReadState(folder) : null;
        if (resume && saved is null && File.Exists(folder.Metrics))
        {
            throw new CheckpointException($"{folder.Latest}: is missing, and the run in this folder is finished, whose networks and results would be written over; bring the file back, or start a new run with --config {folder.Config} --out");
        }

        if (resume && saved is null && RunLog.Outlived(folder.Log, config.Train.CheckpointFreq))
        {
            throw new CheckpointException($"{folder.Latest}: is missing, though {folder.Log} says that the run came to its first checkpoint ({CheckpointStore.WithoutLatest(folder)})");
        }

        if (resume && saved is null)
        {
            observer.Notice("the run was stopped before its first checkpoint: it starts from the beginning");
        }

        if (saved?.Phase == RunState.Done && terms.RestartsPhase)
        {
            throw new ConfigurationException($"{folder.Path}: the run is finished, so there is no phase to train again; start a new run with --config {folder.Config} --out");
        }

        if (terms.ExtendsFrom is not null)
        {
            RunExtension.Require(folder, saved);
        }
        else if (saved?.Phase == RunState.Done && File.Exists(folder.Metrics))
        {
            RunCopies.Restore(folder, saved, dataset, terms, observer);
            observer.Notice($"the run is finished: nothing is left to train, and {folder.Metrics} has its results");
            return MetricsFile.Read(folder.Metrics);
        }

        IModel model = method.Build(config, backend);
        try
        {
            // Weights that don't fit are refused before anything of the run is written.
            using StartingWeights? start = saved is null && config.Init is { } init ? StartOf(init, config, model, terms) : null;
            if (terms.ExtendsFrom is null || saved is null)
            {
                KeepConfiguration(folder, resume, terms);
            }

            RunState state = KeepData(dataset, folder, saved, terms);
            if (saved is not null)
            {
                RunCopies.RestorePolicy(folder, saved, observer);
            }

            using var session = new TrainingSession(config, model, dataset, folder, observer, state, terms);
            if (!session.HasValidation)
            {
                observer.Notice(TrainingSession.WithoutValidation);
            }

            return Run(session, method, isNew: saved is null, start, stop);
        }
        finally
        {
            model.Dispose();
        }
    }

    private static MetricsFile Run(TrainingSession session, IMethod method, bool isNew, StartingWeights? start, CancellationToken stop)
    {
        IMethodRun run = method.Begin(session);
        session.MethodState = run.Save;
        RunState state = session.State;
        if (isNew)
        {
            Begin(session, start);
            state.Phase = run.FirstPhase;
            session.SetReference();
        }
        else if (session.Terms.RestartsPhase)
        {
            (state.Step, state.Best, state.AfterStepDue, state.Weighting) = (0, [], false, null);
            state.Ended?.Remove(new PhasePlace(state.Phase, state.Index));
            run.Restart();
        }
        else if (session.Terms.ExtendsFrom is { } length)
        {
            RunExtension.Begin(session, run, length);
            KeepConfiguration(session.Folder, resume: true, session.Terms);
            state.Policy?.Write(session.Folder.Policy);
        }

        RunExtension.SetResultsAside(session);

        // The checkpoint whose tensors the next phase goes on with; null where it has its own.
        string? source = isNew || session.Terms.RestartsPhase ? null : CheckpointStore.LatestName;
        bool keeps = session.Terms.RestartsPhase;
        while (state.Phase != RunState.Done)
        {
            using Phase phase = run.Create();
            if (state.Step > phase.Info.Steps)
            {
                throw new CheckpointException($"{session.Folder.Latest}: says that {state.Step} steps of {phase.Info.Title} are done, which has {phase.Info.Steps}; its run state is damaged or of another run");
            }

            if (source is not null)
            {
                CheckpointStore.LoadState(session, source, phase.Optimizers);
            }

            if (keeps)
            {
                // A phase keeps what the one before has found. The first has nothing to lose: a run without a checkpoint starts from its seed.
                CheckpointStore.SaveLatest(session, phase.Optimizers);
            }

            RunToEnd(session, phase, stop);
            RunExtension.KeepLast(session, phase);
            Keeping(session, phase, () => phase.Finish(stop));
            (source, keeps) = (RunExtension.EnterNext(session, isNext: true), true);
        }

        if (source is not null)
        {
            // The run was stopped between its last step and its results: its weights must not be written over by those of a fresh model.
            CheckpointStore.LoadState(session, source, new Dictionary<string, Optimizer>());
        }

        // The state before the results: a run that is stopped between the two writes its results again. The policy that was chosen is in it.
        RunOutcome outcome = run.Finish();
        CheckpointStore.SaveLatest(session, new Dictionary<string, Optimizer>());
        return RunResults.Write(session, method, outcome);
    }

    /// <summary>Sets the weights of a run that begins. Those from elsewhere it keeps: fresh networks of later phases start from them too, and the file may be gone then.</summary>
    private static void Begin(TrainingSession session, StartingWeights? start)
    {
        session.Model.Store.Initialize(session.Seed);
        if (start is null)
        {
            return;
        }

        start.Apply();
        CheckpointStore.SaveModel(session, CheckpointStore.Init, start.Names.Contains);
        session.State.Init = start.Record;
        session.Observer.Notice(start.Record.Describe());
        if (start.Record.Run is { } run && DataManifest.Read(new RunFolder(run)) is { } theirs && DataManifest.Of(session.Dataset).TestedBeside(theirs) is > 0 and var seen)
        {
            session.Observer.Notice($"{seen} examples of this run's test part are among those that {run} was trained on or chosen by, so what this run reaches on that part is no measure of it");
        }
    }

    /// <summary>The weights that a run starts from: of a file, or of the run in a folder.</summary>
    private static StartingWeights StartOf(string init, RunConfig config, IModel model, RunTerms terms)
    {
        if (!Directory.Exists(init))
        {
            return StartingWeights.Of(init, model.Store, InputOf(config), model.Input);
        }

        StartingRun run = terms.FindRun?.Invoke(init) ?? throw new ConfigurationException($"init is {init}, which is a folder; give a file of weights, for example a checkpoint of the run in it");
        return StartingWeights.Of(run, model.Store, model.Tasks, BackboneRegistry.Get(config.Backbone).Inputs == InputKind.Text ? InputConvention.Own : InputConventions.Parse(config.InitInput), model.Input);
    }

    /// <summary>Writes down what the data hold, or refuses others; gives the state of the run, which knows them.</summary>
    private static RunState KeepData(IDataset dataset, RunFolder folder, RunState? saved, RunTerms terms)
    {
        DataManifest manifest = DataManifest.Of(dataset);
        if (saved is not null && !terms.AcceptsOtherData && DataManifest.Fault(folder, manifest, saved.Data) is { } fault)
        {
            throw new DataException($"{fault}; bring the data back as they were, or, where other images may be trained on and measured, go on with train --resume {folder.Path} --accept-data");
        }

        manifest.Write(folder);
        string digest = manifest.Digest();
        RunState state = saved ?? new RunState { Run = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(terms.Configuration + digest)))[..RunDigits] };
        state.Data = digest;
        return state;
    }

    /// <summary>Writes config.yaml, once the folder is this process's.</summary>
    private static void KeepConfiguration(RunFolder folder, bool resume, RunTerms terms)
    {
        if (terms.Configuration.Length == 0)
        {
            return;
        }

        if (!resume && (File.Exists(folder.Config) || File.Exists(folder.Latest)))
        {
            throw new DataException($"{folder.Path}: another process has begun a run in this folder meanwhile; choose another --out, or go on with that run with --resume {folder.Path}");
        }

        byte[] text = Encoding.UTF8.GetBytes(terms.Configuration);
        AtomicFile.Write(folder.Config, stream => stream.Write(text));
    }

    private static void RunToEnd(TrainingSession session, Phase phase, CancellationToken stop)
    {
        RunState state = session.State;
        TrainConfig train = session.Config.Train;
        string key = phase.Info.Key;
        session.Observer.PhaseStarted(phase.Info, state.Step);
        if (state.AfterStepDue)
        {
            AfterStep(session, phase, stop);
        }

        while (state.Step < phase.Info.Steps)
        {
            if (stop.IsCancellationRequested)
            {
                CheckpointStore.SaveLatest(session, phase.Optimizers);
                stop.ThrowIfCancellationRequested();
            }

            StepRecord record = phase.Run(state.Step);
            state.Step++;
            state.PeakBytes[key] = Math.Max(state.PeakBytes.GetValueOrDefault(key), record.PeakBytes);
            Spent(state, key).Add(record);
            session.Observer.StepDone(record);
            if (phase.Info.IsLogged(state.Step, train.PrintFreq))
            {
                session.Log.Write(record, state);
            }

            AfterStep(session, phase, stop);
            if (train.CheckpointFreq > 0 && state.Step % train.CheckpointFreq == 0 && state.Step < phase.Info.Steps)
            {
                CheckpointStore.SaveLatest(session, phase.Optimizers);
            }
        }
    }

    private static void AfterStep(TrainingSession session, Phase phase, CancellationToken stop)
    {
        session.State.AfterStepDue = true;
        Keeping(session, phase, () => phase.AfterStep(session.State.Step, stop));
        session.State.AfterStepDue = false;
    }

    /// <summary>Measures something. Where that is asked to stop, the steps before it are kept: they are the dearer part.</summary>
    private static void Keeping(TrainingSession session, Phase phase, Action measure)
    {
        try
        {
            measure();
        }
        catch (OperationCanceledException)
        {
            CheckpointStore.SaveLatest(session, phase.Optimizers);
            throw;
        }
    }

    /// <summary>The images for which the weights that a run starts from were trained. Texts there is one kind of: nothing is turned round.</summary>
    private static InputConvention? InputOf(RunConfig config) =>
        BackboneRegistry.Get(config.Backbone).Inputs == InputKind.Text ? InputConvention.Bgr : InputConventions.Parse(config.InitInput);

    private static PhaseBudget Spent(RunState state, string phase)
    {
        if (!state.Budget.TryGetValue(phase, out PhaseBudget? budget))
        {
            state.Budget[phase] = budget = new PhaseBudget();
        }

        return budget;
    }

    private static void CheckData(IDataset dataset, RunConfig config, IMethod method)
    {
        if (BackboneRegistry.Get(config.Backbone).Inputs is var read && read != dataset.Inputs)
        {
            throw new ConfigurationException($"backbone is {config.Backbone}, which reads {read.Plural()}; expected one that reads {dataset.Inputs.Plural()}, which {dataset.Name} holds: {BackboneRegistry.ListOf(dataset.Inputs)}");
        }

        IReadOnlyList<TaskSpec> tasks = TaskSpec.Of(config);
        bool hasValidation = TaskGroup.HasPart(dataset, tasks, Split.Validation);
        if (!hasValidation && method.NeedOfValidation(config) is { } need)
        {
            throw new ConfigurationException($"{dataset.Name} has no validation part (its share is 0): {need}");
        }

        foreach (TaskGroup group in TaskGroup.Of(dataset, tasks))
        {
            foreach (TaskSpec task in group.Tasks.Select(t => tasks[t]))
            {
                if (!group.Dataset.Labels.Contains(task.Label))
                {
                    throw new ConfigurationException($"tasks: {group.Dataset.Name} has no labels for {task.Name}; it has {string.Join(", ", group.Dataset.Labels)}");
                }

                if (task.Kind.Misfit(task, group.Dataset) is { } misfit)
                {
                    throw new ConfigurationException($"tasks_num_class: {misfit}");
                }
            }

            foreach (Split split in Enum.GetValues<Split>())
            {
                if (group.Dataset.Count(split) == 0 && split == Split.Validation && hasValidation)
                {
                    throw new DataException($"{group.Dataset.Name}: has no validation part, though other tasks' images have one, and a run chooses by all tasks or by none; give dataload.validation_fraction a share above 0");
                }

                if (group.Dataset.Count(split) == 0 && split != Split.Validation)
                {
                    throw new DataException($"{group.Dataset.Name}: the part {split} is empty; every part but Validation needs at least one example");
                }
            }
        }
    }
}
