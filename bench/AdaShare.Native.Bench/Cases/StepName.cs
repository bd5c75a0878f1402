using System.Globalization;
using AdaShare.Native.Benchmarking.Workloads;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Bench.Cases;

/// <summary>Steps by the names that they have in the comparison.</summary>
internal static class StepName
{
    private static readonly string[] Tasks = ["seg", "sn", "depth"];

    /// <summary>
    /// The words of a case's name after <c>step</c>: <c>BACKBONE-PIXELS-warm|weights-OPEN|policy-OPEN</c>, then, where they differ from 2 images and 3 tasks, <c>bBATCH</c> and
    /// <c>tTASKS</c>; beyond three tasks repeat.
    /// </summary>
    /// <exception cref="FormatException">The words are none of these.</exception>
    public static StepSpec Parse(ReadOnlySpan<string> words)
    {
        int batch = 2, tasks = 3;
        while (words.Length > 0 && words[^1].Length > 1 && words[^1][0] is 'b' or 't' && int.TryParse(words[^1].AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out int value))
        {
            (batch, tasks) = words[^1][0] == 'b' ? (value, tasks) : (batch, value);
            words = words[..^1];
        }

        StepSpec Of(string backbone, string pixels, StepKind kind, int open) => new(
            BackboneOf(backbone), WorkloadNames.Tasks(Enumerable.Range(0, tasks).Select(static t => Tasks[t % Tasks.Length])), Number(pixels), Number(pixels), batch, kind, open);
        return words switch
        {
            [var backbone, var pixels, "warm"] => Of(backbone, pixels, StepKind.WarmUp, 0),
            [var backbone, var pixels, "weights", var open] => Of(backbone, pixels, StepKind.Weights, OpenBlocks(open)),
            [var backbone, var pixels, "policy", var open] => Of(backbone, pixels, StepKind.Policy, OpenBlocks(open)),
            _ => throw new FormatException($"a step is BACKBONE-PIXELS-warm, -weights-OPEN or -policy-OPEN, with -bBATCH and -tTASKS where wanted; found {string.Join('-', words.ToArray())}"),
        };
    }

    private static BackboneSpec BackboneOf(string name) => name switch
    {
        "r18" => BackboneSpec.Of("ResNet18"),
        "r34" => BackboneSpec.Of("ResNet34"),
        // So many blocks in every stage: depth alone, the widths kept.
        ['d', .. var blocks] => BackboneSpec.Of("ResNet18") with { Name = name, Blocks = [.. Enumerable.Repeat(Number(blocks), 4)] },
        _ => throw new FormatException($"the backbone {name} is not one of r18, r34 and dBLOCKS"),
    };

    private static int OpenBlocks(string text) => text == "all" ? int.MaxValue : Number(text);

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
