using System.Globalization;
using AdaShare.Native.MultiTask.Model;

namespace AdaShare.Native.Bench.Cases;

/// <summary>What a training step moves.</summary>
internal enum StepKind
{
    /// <summary>The weights by Adam, all blocks on.</summary>
    WarmUp,

    /// <summary>The weights by SGD, under sampled gates.</summary>
    Weights,

    /// <summary>The logits by Adam, under sampled gates.</summary>
    Policy,
}

/// <summary>What a step trains and how large it is.</summary>
/// <param name="Backbone">The backbone.</param>
/// <param name="Size">Rows and columns of the images.</param>
/// <param name="Kind">What the step moves.</param>
/// <param name="Open">How many of the last blocks are open.</param>
/// <param name="Batch">Images of a batch.</param>
/// <param name="Tasks">Tasks; beyond three they repeat.</param>
internal sealed record StepShape(BackboneSpec Backbone, int Size, StepKind Kind, int Open, int Batch, int Tasks)
{
    /// <summary>The words of a case's name after <c>step</c>: <c>BACKBONE-PIXELS-warm|weights-OPEN|policy-OPEN</c>, then, where they differ from 2 images and 3 tasks, <c>bBATCH</c> and <c>tTASKS</c>.</summary>
    /// <exception cref="FormatException">The words are none of these.</exception>
    public static StepShape Parse(ReadOnlySpan<string> words)
    {
        int batch = 2, tasks = 3;
        while (words.Length > 0 && words[^1].Length > 1 && words[^1][0] is 'b' or 't' && int.TryParse(words[^1].AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out int value))
        {
            (batch, tasks) = words[^1][0] == 'b' ? (value, tasks) : (batch, value);
            words = words[..^1];
        }

        return words switch
        {
            [var backbone, var pixels, "warm"] => new StepShape(BackboneOf(backbone), Number(pixels), StepKind.WarmUp, 0, batch, tasks),
            [var backbone, var pixels, "weights", var open] => new StepShape(BackboneOf(backbone), Number(pixels), StepKind.Weights, OpenBlocks(open), batch, tasks),
            [var backbone, var pixels, "policy", var open] => new StepShape(BackboneOf(backbone), Number(pixels), StepKind.Policy, OpenBlocks(open), batch, tasks),
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
