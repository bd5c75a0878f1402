using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Studies.Results;
using AdaShare.Native.Studies.Specification;

namespace AdaShare.Native.Studies.Running;

/// <summary>
/// Runs the cells of a study that are missing, one after the other. It keeps no state of its own between starts: what is done is what <c>load</c> finds, so a start after an
/// interruption goes on where the study was, and ends as if there had been none. One object serves one start.
/// </summary>
/// <param name="plan">The study.</param>
/// <param name="run">Runs a cell to its end, going on where an interrupted run of it was. It may throw: that is the cell's failure, unless it is an <see cref="OperationCanceledException"/>, which ends the start.</param>
/// <param name="load">The result of a finished cell or its stored failure; null where it has neither.</param>
/// <param name="steps">The optimiser steps that a cell will take on weights and policy together; only the estimate of the time left uses it.</param>
public sealed class StudyRunner(StudyPlan plan, Func<StudyCell, CancellationToken, CellOutcome> run, Func<StudyCell, CellResult?> load, Func<StudyCell, long> steps)
{
    private readonly Dictionary<string, CellResult> _results = [];
    private readonly Dictionary<string, GridChoice> _choices = [];
    private readonly HashSet<string> _tried = [];
    private TimeEstimate _estimate = new();

    /// <summary>The part of the study to run.</summary>
    public StudyShard Shard { get; init; } = StudyShard.Whole;

    /// <summary>Told what happens.</summary>
    public Action<StudyEvent>? Report { get; init; }

    /// <summary>Given every failure, for <c>load</c> to find it at another start or in another shard; the next start of the shard that owns the cell tries it again all the same.</summary>
    public Action<CellResult>? StoreFailure { get; init; }

    /// <summary>Runs what is missing of this shard.</summary>
    /// <returns>Where the study stands, cells of other shards that are done included.</returns>
    /// <exception cref="OperationCanceledException">It was interrupted; what is done stays done.</exception>
    public StudyOutcome Run(CancellationToken cancellation)
    {
        Refresh(retryFailures: true);
        foreach (StudyCell cell in plan.GridCells)
        {
            Visit(cell, cancellation);
        }

        // Other shards may have run their points of a grid meanwhile, and again while the cells below ran.
        int decided;
        do
        {
            Refresh(retryFailures: true);
            decided = _choices.Count;
            foreach ((_, _, StudyCell? cell) in plan.SeedCells(Chosen()))
            {
                if (cell is not null)
                {
                    Visit(cell, cancellation);
                }
            }

            Refresh(retryFailures: true);
        }
        while (_choices.Count > decided);

        return Outcome();
    }

    /// <summary>Runs nothing; says where the study stands after what all shards have done.</summary>
    public StudyOutcome Join()
    {
        Refresh(retryFailures: false);
        return Outcome();
    }

    // Reads what is done and decides the grids whose points all have run.
    private void Refresh(bool retryFailures)
    {
        foreach (StudyCell cell in plan.GridCells)
        {
            Find(cell, retryFailures);
        }

        foreach (MethodEntry entry in plan.Methods.Where(entry => !_choices.ContainsKey(entry.Label)))
        {
            if (GridSelection.Of(plan, entry, _results) is { } choice)
            {
                _choices[entry.Label] = choice;
                Tell(StudyEventKind.Chosen, null, choice: choice);
            }
        }

        foreach ((_, _, StudyCell? cell) in plan.SeedCells(Chosen()))
        {
            if (cell is not null)
            {
                Find(cell, retryFailures);
            }
        }

        _estimate = new TimeEstimate();
        foreach (CellResult result in _results.Values)
        {
            _estimate.Add(result);
        }
    }

    private void Find(StudyCell cell, bool retryFailures)
    {
        bool retried = retryFailures && Shard.Owns(cell.Index);
        if (!_results.ContainsKey(cell.Id) && load(cell) is { } result && !(retried && result.Failure is not null))
        {
            _results[cell.Id] = Stamp(result, cell);
        }
    }

    private void Visit(StudyCell cell, CancellationToken cancellation)
    {
        if (!Shard.Owns(cell.Index) || !_tried.Add(cell.Id))
        {
            return;
        }

        if (_results.ContainsKey(cell.Id))
        {
            Tell(StudyEventKind.Skipped, cell);
            return;
        }

        cancellation.ThrowIfCancellationRequested();
        Tell(StudyEventKind.Started, cell);
        if (Attempt(cell, cancellation) is not { } result)
        {
            Tell(StudyEventKind.Elsewhere, cell);
            return;
        }

        _results[cell.Id] = result;
        _estimate.Add(result);
        if (result.Failure is not null)
        {
            StoreFailure?.Invoke(result);
        }

        Tell(result.Failure is null ? StudyEventKind.Finished : StudyEventKind.Failed, cell, result.Failure);
    }

    // One cell's fault, whatever it is, must not take the night's other cells with it.
    private CellResult? Attempt(StudyCell cell, CancellationToken cancellation)
    {
        try
        {
            CellOutcome outcome = run(cell, cancellation);
            return outcome.Result is { } result ? Stamp(result, cell) : outcome.FailureText is { } sentence ? Failed(cell, sentence) : null;
        }
        catch (AdaShareException error)
        {
            return Failed(cell, error.Message);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return Failed(cell, $"{error.GetType().Name}: {error.Message}");
        }
    }

    private static CellResult Failed(StudyCell cell, string sentence) => Stamp(new CellResult { Cell = "", Method = "", Label = "", Seed = 0, Failure = sentence.ReplaceLineEndings(" ").Trim() }, cell);

    // A result says of what cell it is in the words of the study, not of the folder that it was read from.
    private static CellResult Stamp(CellResult result, StudyCell cell) => result with { Cell = cell.Id, Method = cell.Method, Label = cell.Label, Variant = cell.Variant, Seed = cell.Seed, Match = cell.Match };

    private Dictionary<string, string> Chosen() => _choices.Where(static pair => pair.Value.Chosen is not null).ToDictionary(static pair => pair.Key, static pair => pair.Value.Chosen!);

    private StudyOutcome Outcome()
    {
        List<CellResult> results = [];
        List<MissingCell> missing = [];
        foreach (StudyCell cell in plan.GridCells)
        {
            Add(cell);
        }

        foreach ((string label, long seed, StudyCell? cell) in plan.SeedCells(Chosen()))
        {
            if (cell is not null)
            {
                Add(cell);
            }
            else if (_choices.TryGetValue(label, out GridChoice? choice))
            {
                results.Add(WithoutPoint(label, seed, choice));
            }
            else
            {
                missing.Add(new MissingCell(FormattableString.Invariant($"{label} with seed {seed}"), WaitsForGrid: true));
            }
        }

        return new StudyOutcome(plan, results, [.. plan.Methods.Where(entry => _choices.ContainsKey(entry.Label)).Select(entry => _choices[entry.Label])], missing);

        void Add(StudyCell cell)
        {
            if (_results.TryGetValue(cell.Id, out CellResult? result))
            {
                results.Add(result);
            }
            else
            {
                missing.Add(new MissingCell(cell.Id, WaitsForGrid: false));
            }
        }
    }

    private CellResult WithoutPoint(string label, long seed, GridChoice choice)
    {
        MethodEntry entry = plan.Methods.First(entry => entry.Label == label);
        return new CellResult
        {
            Cell = FormattableString.Invariant($"{label} with seed {seed}"),
            Method = entry.Method,
            Label = label,
            Seed = seed,
            Match = entry.Match,
            Failure = $"did not run, because none of the {choice.Points.Count} points of its grid has a finite validation score",
        };
    }

    private void Tell(StudyEventKind kind, StudyCell? cell, string? failure = null, GridChoice? choice = null)
    {
        if (Report is null)
        {
            return;
        }

        List<StudyCell> left = [.. Pending()];
        int total = Enumerable.Range(0, plan.Count).Count(Shard.Owns);
        Report(new StudyEvent(kind, cell, left.Count, total, _estimate.Of(left.Select(pending => (pending.Label, steps(pending)))), failure, choice));
    }

    // A cell whose grid point is not chosen yet is taken to be as long as the first point; one whose grid has nothing to choose will never run.
    private IEnumerable<StudyCell> Pending()
    {
        IEnumerable<StudyCell> seeds = plan.SeedCells(Chosen()).Select((entry, i) => (entry.Label, Cell: entry.Cell ?? StandIn(entry.Label, i)))
            .Where(entry => !_choices.TryGetValue(entry.Label, out GridChoice? choice) || choice.Chosen is not null).Select(static entry => entry.Cell);
        return plan.GridCells.Concat(seeds).Where(cell => Shard.Owns(cell.Index) && !_results.ContainsKey(cell.Id));
    }

    private StudyCell StandIn(string label, int place) => plan.GridCells.First(cell => cell.Label == label) with { Index = plan.GridCells.Count + place, Id = "" };
}
