using System.Globalization;
using System.Text.Json.Serialization;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Reports.Charts;
using AdaShare.Native.Reports.Html;

namespace AdaShare.Native.Reports.RunPages;

/// <summary>What a run learnt to share: the policy while it was learnt, at its end, what each task saves by it, and what tasks have in common.</summary>
internal static class PolicySection
{
    /// <summary>The section; empty where there is no policy.</summary>
    public static string Of(RunFiles run)
    {
        if (run.Policy is not { } policy)
        {
            return OverTime(run);
        }

        string[] blocks = Blocks(policy.ArgMax[0].Length);
        bool[][] final = Final(policy);
        string which = policy.Selected is null ? $"{PolicyNames.MostLikely}: the likelier decision of every block"
            : $"the policy of the final network: {PolicyNames.Final(policy, run.Config)}{(policy.Sampled.Length > 1 ? ", the best on the validation part" : "")}";
        return CellGrid.Of($"{which} (tasks x blocks)", policy.Tasks, blocks, Shades(final), (t, b) => final[t][b] ? "run" : "skip")
            + Savings(run, policy.Tasks, final) + OverTime(run) + Probabilities(policy, blocks) + Shared(policy.Tasks, final)
            + HtmlPage.Folded($"all sampled policies ({policy.Sampled.Length}), and the most likely one", Samples(policy, blocks));
    }

    /// <summary>The decisions that stand behind the final network.</summary>
    public static bool[][] Final(PolicyFile policy) => policy.Selected is { } selected ? policy.Sampled[selected] : policy.ArgMax;

    private static string[] Blocks(int count) => [.. Enumerable.Range(0, count).Select(static b => b.ToString(CultureInfo.InvariantCulture))];

    private static double[][] Shades(bool[][] runs) => [.. runs.Select(static row => Array.ConvertAll(row, static run => run ? 1.0 : 0))];

    private static string Savings(RunFiles run, IReadOnlyList<string> tasks, bool[][] runs)
    {
        var spec = BackboneSpec.Of(run.Config.Backbone, run.Config.Model.Width);
        var backbone = new Backbone(new NetworkBuilder(new ParameterStore(), spec.Inputs), spec);
        (int height, int width) = NetworkSpec.InputSize(run.Config);
        Shape image = spec.InputShape(height, width);
        long full = backbone.MultiplyAdds(image), parameters = backbone.Blocks.Sum(static block => block.Body.ParameterCount);
        var table = new HtmlTable(
            $"what each task leaves out of a pass of its own (multiply-adds of {(spec.Inputs == InputKind.Text ? $"a text of {width} characters" : $"a {height} x {width} image")})",
            ("task", false), ("blocks skipped", true), ("parameters of skipped blocks", true), ("share of the blocks' parameters", true), ("multiply-adds left out", true), ("share of a full pass", true));
        for (int t = 0; t < runs.Length; t++)
        {
            long skippedParameters = 0, skipped = 0;
            Shape shape = backbone.Stem.OutputShape(image);
            for (int b = 0; b < backbone.Blocks.Count; b++)
            {
                ResidualBlock body = backbone.Blocks[b].Body;
                skippedParameters += runs[t][b] ? 0 : body.ParameterCount;
                skipped += runs[t][b] ? 0 : body.Convolutions(shape).Sum(LayerCost.MultiplyAdds);
                shape = body.OutputShape(shape);
            }

            table.Add(
                tasks[t], $"{runs[t].Count(static on => !on)} of {runs[t].Length}", HtmlText.Count(skippedParameters), Percent(skippedParameters, parameters), HtmlText.Large(skipped), Percent(skipped, full));
        }

        return table + HtmlPage.Paragraph("This is the paper's unit, a pass for each task. " + (run.Metrics?.Cost.Images is null
            ? "As executed, tasks that skip the same blocks share passes, and hard sharing computes one pass for all: see Cost."
            : "Tasks with images or texts of their own share weights, and nothing of what is computed."), "note");
    }

    private static string OverTime(RunFiles run)
    {
        LoggedStep[] logged = [.. run.History.Steps.Where(static step => step.Probability is not null)];
        if (logged.Length == 0)
        {
            return "";
        }

        PolicyFrame[] frames = [.. logged.Select(step => new PolicyFrame($"{run.History.Title(step.Position.Phase, step.Position.Index)}, step {HtmlText.Count(step.Position.Step)}", Rounded(step.Probability!)))];
        double[][] last = logged[^1].Probability!;
        return "<h3>while it was learnt</h3>\n"
            + $"<div class=\"scrub\" hidden=\"hidden\" data-frames=\"policy-frames\" data-table=\"policy-cells\"><button type=\"button\">play</button><input type=\"range\" min=\"0\" max=\"{frames.Length - 1}\" value=\"{frames.Length - 1}\" aria-label=\"step of the search\"/><output>{HtmlText.Escape(frames[^1].Label)}</output></div>\n"
            + CellGrid.Of("probability in % that a task runs a block", [.. run.Tasks.Select(static task => task.Name)], Blocks(last[0].Length), last, (t, b) => Whole(last[t][b]), "policy-cells")
            + HtmlPage.Data("policy-frames", frames, ReportJson.Default.PolicyFrameArray);
    }

    private static string Probabilities(PolicyFile policy, string[] blocks) => policy.Probability.Length == 0 ? "" : CellGrid.Of(
        "probability in % from which the policies were sampled", policy.Tasks, blocks, policy.Probability, (t, b) => Whole(policy.Probability[t][b]));

    private static string Shared(IReadOnlyList<string> tasks, bool[][] runs)
    {
        if (tasks.Count < 2)
        {
            return "";
        }

        double[][] shared = [.. runs.Select(a => runs.Select(b => Overlap(a, b)).ToArray())];
        return CellGrid.Of("blocks that both tasks run, in % of those that either runs", tasks, tasks, shared, (a, b) => Whole(shared[a][b]));
    }

    private static double Overlap(bool[] a, bool[] b)
    {
        int both = a.Zip(b, static (x, y) => x && y).Count(static x => x), either = a.Zip(b, static (x, y) => x || y).Count(static x => x);
        return either == 0 ? 0 : (double)both / either;
    }

    private static string Samples(PolicyFile policy, string[] blocks) =>
        string.Concat(policy.Sampled.Select((sample, i) => CellGrid.Of($"sample {i + 1}{(i == policy.Selected ? ", chosen" : "")}", policy.Tasks, blocks, Shades(sample), (t, b) => sample[t][b] ? "run" : "skip")))
        + CellGrid.Of("the most likely policy", policy.Tasks, blocks, Shades(policy.ArgMax), (t, b) => policy.ArgMax[t][b] ? "run" : "skip");

    private static string Whole(double share) => Math.Round(100 * share).ToString(CultureInfo.InvariantCulture);

    private static string Percent(double part, double whole) => (part / whole).ToString("P1", CultureInfo.InvariantCulture);

    private static double[][] Rounded(double[][] table) => [.. table.Select(static row => Array.ConvertAll(row, static value => Math.Round(value, 3)))];
}

/// <summary>The policy at one time.</summary>
/// <param name="Label">When.</param>
/// <param name="P">The probability that a task runs a block [task][block].</param>
internal sealed record PolicyFrame(string Label, double[][] P);

/// <summary>JSON contracts, generated so that trimmed programs keep them.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PolicyFrame[]))]
internal sealed partial class ReportJson : JsonSerializerContext;
