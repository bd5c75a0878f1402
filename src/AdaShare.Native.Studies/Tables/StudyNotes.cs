using AdaShare.Native.Studies.Analysis;
using AdaShare.Native.Studies.Results;

namespace AdaShare.Native.Studies.Tables;

/// <summary>The sentences below the tables: what was matched, over what the figures are, and what they do not say.</summary>
public static class StudyNotes
{
    /// <summary>All sentences, in order.</summary>
    public static IReadOnlyList<string> Of(Study study)
    {
        ArgumentNullException.ThrowIfNull(study);
        return [.. Budgets(study), .. Gains(study), .. Conventions(study), .. Exceptions(study), .. Circumstances(study), .. Failures(study)];
    }

    // What the steps really were, not what the study asked for.
    private static IEnumerable<string> Budgets(Study study)
    {
        foreach (IGrouping<string, MethodSummary> group in study.Methods.GroupBy(static method => method.Match))
        {
            // A total is matched to what methods with a search spend, whatever those themselves are matched by.
            MethodSummary[] searching = [.. study.Methods.Where(method => group.Key == BudgetMatch.Total && method.Match != BudgetMatch.Total && method.Budget is { } budget && budget.TotalSteps > budget.FinalSteps)];
            List<MethodSummary> present = [.. group.Where(static method => method.Budget is not null), .. searching];
            List<double> steps = [.. present.Select(method => Matched(method, group.Key)).Distinct()];
            string what = group.Key == BudgetMatch.Total ? "total steps" : "steps of the final network";
            string names = string.Join(", ", group.Select(static method => method.Label));
            yield return $"Budgets, match: {group.Key} ({names}): each method was to get {BudgetMatch.Describe(group.Key)}." + (steps.Count switch
            {
                0 => " None of them has a run.",
                1 => $" All{string.Concat(searching.Select(static method => $", and {method.Label},"))} had {Figures.Count(steps[0])} {what}.",
                _ => $" They did not: {string.Join(", ", present.Select(method => $"{method.Label} had {Figures.Count(Matched(method, group.Key))} {what}"))}, so differences between them are also differences of budget.",
            });
        }

        static double Matched(MethodSummary method, string match) => match == BudgetMatch.Total ? method.Budget!.TotalSteps : method.Budget!.FinalSteps;
    }

    private static IEnumerable<string> Gains(Study study)
    {
        MethodSummary reference = study.Methods.First(method => method.Label == study.Data.Reference);
        foreach (MethodSummary method in study.Methods.Where(method => method != reference && method.Delta.PerTask is not null && reference.Budget is not null))
        {
            string head = $"{method.Label} ({Steps(method)}) against {reference.Label} ({Steps(reference)}): Delta_T ";
            yield return head + (method.Delta.PairedPerTask switch
            {
                { Lower: { } lower, Upper: { } upper } paired => $"{Figures.Signed(paired.Mean)} % over {paired.Count} paired seeds, 95 % interval {Figures.Signed(lower)} to {Figures.Signed(upper)}, which {(paired.ExcludesZero == true ? "excludes" : "includes")} zero.",
                { } paired => $"{Figures.Signed(paired.Mean)} % with one paired seed; one seed has no interval, so this says nothing of other seeds.",
                null => $"{Figures.Signed(method.Delta.PerTask!.Mean)} % against the reference's mean, with no paired seed and thus no interval.",
            });
        }

        static string Steps(MethodSummary method) => $"{Figures.Count(method.Budget!.FinalSteps)} steps of the final network, {Figures.Count(method.Budget.TotalSteps)} in all";
    }

    private static IEnumerable<string> Conventions(Study study)
    {
        yield return "Figures are mean ± standard deviation (n - 1) over seeds; with one seed there is no deviation. Budgets are those of the table of budgets.";
        yield return $"Delta_T is the mean over tasks of the mean over each task's metrics of the gain over {study.Data.Reference}, higher is better (LibMTL, AdaShare); Delta_M is the mean over all metrics of the loss against it, lower is better (CAGrad, FAMO). "
            + "Both are computed seed by seed; intervals are Student's t at 95 % of paired differences, not corrected for the number of comparisons. Both compare networks with the budgets named above.";
        yield return "Multiply-adds as executed count what tasks share once, for one image and all tasks; K passes count one pass a task, as the paper does. A multiply-add is one multiplication with its addition.";
        if (study.Data.Choices.Count > 0)
        {
            yield return "Grid points were chosen by the validation score of the method's first seed, the earlier point where two are equal. Each point had the same budget as the runs that followed; the steps that trying them took are in no figure of these tables.";
        }
    }

    private static IEnumerable<string> Exceptions(Study study)
    {
        foreach (LeftOutMetric metric in study.LeftOut)
        {
            yield return $"{metric.Task} {metric.Metric} is left out of Delta: {metric.Reason}.";
        }

        foreach (MethodSummary method in study.Methods)
        {
            List<CellDelta> unpaired = [.. method.Delta.Cells.Where(static cell => !cell.Paired)];
            if (unpaired.Count > 0)
            {
                yield return $"{method.Label}: {Seeds(unpaired.Select(static cell => cell.Seed))} is compared with the mean of {study.Data.Reference}, which has no run of that seed; the interval is of the paired seeds alone.";
            }

            foreach (CellDelta cell in method.Delta.Cells.Where(static cell => cell.Undefined.Count > 0))
            {
                yield return $"{method.Label}, {Seeds([cell.Seed])}: has no Delta, because {string.Join(", ", cell.Undefined)} is not finite.";
            }
        }
    }

    private static IEnumerable<string> Circumstances(Study study)
    {
        foreach (IGrouping<string, MethodSummary> group in study.Methods.GroupBy(static method => Seeds(method.Seeds)))
        {
            yield return $"Seeds that figures are over: {string.Join(", ", group.Select(static method => method.Label))}: {(group.Key.Length == 0 ? "none" : group.Key)}.";
        }

        yield return $"Data set: {study.Data.Dataset}{(study.Data.Images.Count == 0 ? "" : $" ({string.Join(", ", study.Data.Images.Select(static part => $"{part.Key} {Figures.Count(part.Value)} images"))})")}.";
        List<CellProvenance> places = [.. study.Data.Cells.Where(static cell => cell.Failure is null).Select(static cell => cell.Provenance).OfType<CellProvenance>().Distinct()];
        foreach (CellProvenance place in places)
        {
            yield return $"Ran on {place.Device}, numerics {place.Numerics}, version {place.Version}, commit {place.Commit}.";
        }

        if (places.Count > 1)
        {
            yield return "Runs differ in where they ran, so their times and memory can't be compared.";
        }
    }

    private static IEnumerable<string> Failures(Study study)
    {
        List<CellResult> failed = [.. study.Data.Cells.Where(static cell => cell.Failure is not null)];
        yield return failed.Count == 0 ? "No run failed." : $"{failed.Count} of {study.Data.Cells.Count} runs failed; the next start tries them again:";
        foreach (CellResult cell in failed)
        {
            yield return $"Failed: {cell.Cell}: {cell.Failure}";
        }
    }

    private static string Seeds(IEnumerable<long> seeds) => string.Join(", ", seeds.Select(static seed => Figures.Invariant($"seed {seed}")));
}
