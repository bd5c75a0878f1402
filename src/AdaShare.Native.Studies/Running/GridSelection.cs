using AdaShare.Native.Studies.Results;
using AdaShare.Native.Studies.Specification;

namespace AdaShare.Native.Studies.Running;

/// <summary>Chooses among the points of a grid, on the validation part only.</summary>
internal static class GridSelection
{
    /// <summary>The choice for a method: the highest validation score, the earlier point where two are equal. A failed run or a score that is not finite never wins.</summary>
    /// <param name="plan">The study.</param>
    /// <param name="entry">A method of it.</param>
    /// <param name="results">Results and failures by cell.</param>
    /// <returns>The choice; null where the method has no grid or not all of its points have run.</returns>
    public static GridChoice? Of(StudyPlan plan, MethodEntry entry, IReadOnlyDictionary<string, CellResult> results)
    {
        List<StudyCell> cells = [.. plan.GridCells.Where(cell => cell.Label == entry.Label)];
        if (cells.Count == 0 || !cells.TrueForAll(cell => results.ContainsKey(cell.Id)))
        {
            return null;
        }

        List<GridScore> points = [];
        GridScore? best = null;
        foreach ((StudyCell cell, (string variant, IReadOnlyList<string> settings)) in cells.Zip(plan.GridPoints(entry.Label)))
        {
            CellResult result = results[cell.Id];
            double? score = result.Failure is null && result.ValidationScore is { } value && double.IsFinite(value) ? value : null;
            var point = new GridScore(variant, settings, score);
            points.Add(point);
            if (score is not null && (best is null || score > best.ValidationScore))
            {
                best = point;
            }
        }

        return new GridChoice(entry.Label, entry.Seeds[0], points, best?.Variant);
    }
}
