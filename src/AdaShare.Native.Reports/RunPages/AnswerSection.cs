using System.Globalization;
using AdaShare.Native.Learning.Metrics;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.HardSharing;
using AdaShare.Native.Reports.Html;

namespace AdaShare.Native.Reports.RunPages;

/// <summary>A run in a few sentences: what it learnt to share, what it gained, what that costs, and whether it beats hard sharing.</summary>
internal static class AnswerSection
{
    // A gain in percent that is shown as 0.0.
    private const double Smallest = 0.05;

    /// <summary>The section.</summary>
    public static string Of(RunFiles run)
    {
        Answer[] answers = [.. Learnt(run), .. Gained(run), .. Costs(run), .. Beats(run)];
        return $"<ul class=\"answers\">{string.Concat(answers.Select(Item))}</ul>\n";
    }

    // Commands need the width of the page, so they stand below the answers.
    private static string Item(Answer answer) => answer.Commands.Length == 0
        ? $"<li><b>{HtmlText.Escape(answer.Question)}</b>{HtmlText.Escape(answer.Text)}</li>"
        : $"<li class=\"wide\"><b>{HtmlText.Escape(answer.Question)}</b>{HtmlText.Escape(answer.Text)}{string.Concat(answer.Commands.Select(Command))}</li>";

    // A word goes to the next line as a whole, and not at one of its hyphens, so that it can be read as it must be typed.
    private static string Command(IReadOnlyList<string> words) => $"<pre>{string.Join(' ', words.Select(static word => $"<span>{HtmlText.Escape(word)}</span>"))}</pre>";

    private static IEnumerable<Answer> Learnt(RunFiles run)
    {
        if (run.Policy is not { } policy)
        {
            yield return new Answer("What is shared?", $"{run.Method.Summary}.");
            yield break;
        }

        bool[][] final = PolicySection.Final(policy);
        int blocks = final[0].Length, common = Enumerable.Range(0, blocks).Count(b => Array.TrueForAll(final, row => row[b]));
        string each = string.Join(", ", policy.Tasks.Select((task, t) => $"{task} runs {final[t].Count(static on => on)}"));
        string chosen = policy is { Selected: not null, Sampled.Length: > 1 } ? ", the best on the validation part" : "";
        string belongs = run.Metrics is null ? "" : " All figures of the final network on this page are of it.";
        yield return new Answer(
            PolicyNames.IsLearnt(policy) ? "What did it learn to share?" : "What is shared?",
            $"Of {blocks} blocks {each}; {common} {(common == 1 ? "is" : "are")} run by all tasks. That is {PolicyNames.Final(policy, run.Config)}{chosen}.{belongs}");
    }

    private static IEnumerable<Answer> Gained(RunFiles run)
    {
        if (run.Metrics is { } metrics)
        {
            string[] worse = ResultSection.Worse(run);
            string all = worse.Length == 0 ? "Every task is better than its best constant answer" : $"Not every task: {string.Join(", ", worse)} {(worse.Length == 1 ? "is" : "are")} worse than the best constant answer";
            string values = string.Join("; ", run.Tasks.Select(task => Value(task, metrics)).OfType<string>());
            yield return new Answer("What did it gain?", $"{all}{(values.Length > 0 ? $": {values}" : "")}.");
        }
    }

    // A task's first metric, which is its main one.
    private static string? Value(TaskSpec task, MetricsFile metrics)
    {
        MetricInfo info = task.Kind.Metrics.First(static one => !one.IsOfficial);
        double? Of(Dictionary<string, Dictionary<string, double>> table) => table.GetValueOrDefault(task.Name) is { } own && own.TryGetValue(info.Name, out double value) ? value : null;
        return Of(metrics.Final.Metrics) is { } reached && Of(metrics.Trivial) is { } constant
            ? $"{task.Name} {info.TitleWithArrow} {info.Format(reached)} instead of {info.Format(constant)}" : null;
    }

    private static IEnumerable<Answer> Costs(RunFiles run)
    {
        if (run.Metrics is { } metrics)
        {
            ModelCost own = metrics.Cost, hard = metrics.HardSharingCost;
            string idle = own.UsedBackboneParameters < own.BackboneParameters ? $" (no task runs the other {HtmlText.Large(own.BackboneParameters - own.UsedBackboneParameters)})" : "";
            yield return new Answer(
                "What does it cost?",
                $"As executed for {own.Scope}, {Beside(own.ExecutedMultiplyAdds, hard.ExecutedMultiplyAdds, "multiply-adds")}; {Beside(Used(own), Used(hard), "parameters")}{idle}.");
        }
    }

    private static long Used(ModelCost cost) => cost.UsedBackboneParameters + cost.HeadParameters;

    private static string Beside(long own, long hard, string unit)
    {
        string ratio = own == hard ? "as many as" : $"{((double)own / hard).ToString("0.###", CultureInfo.InvariantCulture)} times";
        return $"{HtmlText.Large(own)} {unit}, {ratio} hard sharing's {HtmlText.Large(hard)}";
    }

    private static IEnumerable<Answer> Beats(RunFiles run)
    {
        const string Question = "Does it beat hard sharing?";
        if (run.Metrics is not { } metrics)
        {
            yield break;
        }

        if (run.Method.Name == HardSharingMethod.MethodName)
        {
            yield return new Answer(Question, "This run is hard sharing. adashare report puts it beside other runs, adashare study compares methods over seeds at equal budgets.");
            yield break;
        }

        NamedResult? rival = metrics.Others.Find(static other => other is { IsComparison: true, Name: HardSharingMethod.MethodName, Policy: null });
        if (rival is null || rival.Steps != metrics.FinalSteps)
        {
            yield return new Answer(Question, rival is null ? "Not known: this run trained no hard sharing to compare with."
                : $"Not known: this run's hard sharing was trained for {ResultSection.Steps(rival.Steps)}, its final network for {HtmlText.Count(metrics.FinalSteps)}.");
            yield return Missing(run, $"Train hard sharing with the final network's {ResultSection.Steps(metrics.FinalSteps)}, and set it beside", metrics.FinalSteps);
            yield break;
        }

        long all = Spent(metrics);
        string more = all > rival.Steps ? $" On the way to its final network the run spent {HtmlText.Count(all - rival.Steps)} more, {HtmlText.Count(all)} in all; hard sharing had none of those." : "";
        yield return new Answer(Question, $"{Compared(run, metrics, rival)} Both networks were trained for {ResultSection.Steps(rival.Steps)}. One seed: no proof.{more}");
        if (all > rival.Steps)
        {
            yield return Missing(run, $"Train hard sharing with all {ResultSection.Steps(all)} that the run spent, and set it beside", all);
        }
    }

    private static Answer Missing(RunFiles run, string what, long steps) => new(what, "", RunCommand.HardSharing(run, steps), RunCommand.Comparison(run));

    private static string Compared(RunFiles run, MetricsFile metrics, NamedResult rival)
    {
        if (ResultSection.Gain(run.Tasks, metrics.Final.Metrics, rival.Test.Metrics) is not { } gain)
        {
            return "Not known: the two have no metric in common.";
        }

        string name = run.Policy is { } policy ? PolicyNames.Final(policy, run.Config) : run.Method.Title;
        string tasks = run.Tasks.Count < 2 ? "" : $" ({string.Join(", ", run.Tasks.Select(task => ResultSection.Gain([task], metrics.Final.Metrics, rival.Test.Metrics) is { } own ? $"{task.Name} {Signed(own)}" : null).OfType<string>())})";
        string verdict = Math.Abs(gain) < Smallest ? $"Neither: with {name} it is as good" : $"{(gain > 0 ? "Yes" : "No")}: with {name} it is {Math.Abs(gain).ToString("0.0", CultureInfo.InvariantCulture)} % {(gain > 0 ? "better" : "worse")}";
        return $"{verdict} on the mean over tasks{tasks}.";
    }

    private static string Signed(double gain) => Math.Abs(gain) < Smallest ? "0.0 %" : gain.ToString("+0.0;-0.0", CultureInfo.InvariantCulture) + " %";

    // Steps of a run without those that trained networks to compare with.
    private static long Spent(MetricsFile metrics)
    {
        HashSet<string> comparisons = [.. metrics.Others.Where(static other => other.IsComparison).Select(static other => other.Name)];
        return metrics.Budget.Where(phase => !comparisons.Contains(phase.Key)).Sum(static phase => phase.Value.WeightSteps + phase.Value.OtherSteps);
    }

    /// <summary>A question with its answer.</summary>
    /// <param name="Question">The question.</param>
    /// <param name="Text">The answer.</param>
    /// <param name="Commands">What the reader can run for more.</param>
    private sealed record Answer(string Question, string Text, params IReadOnlyList<string>[] Commands);
}
