using AdaShare.Native.Engine.Random;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Methods.AdaShare;

namespace AdaShare.Native.Benchmarking.Workloads;

/// <summary>How a network predicts: under which policy, and whether the tasks share a pass.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Policy">The blocks that each task runs, or null for all.</param>
/// <param name="IsSeparate">Whether the backbone runs once for each task, as without sharing; then all blocks run.</param>
public sealed record InferencePolicy(string Name, BlockPolicy? Policy = null, bool IsSeparate = false)
{
    // The policies in the official code, with the networks and tasks that they belong to.
    private static readonly (string Name, string Backbone, string[] Tasks, string Skipped)[] Known =
    [
        ("nyu_v2_2task", "ResNet18", ["seg", "sn"], "seg:1;sn:5"),
        ("nyu_v2_3task", "ResNet34", ["seg", "sn", "depth"], "seg:6;sn:9,10,11;depth:5,10,11"),
        ("cityscapes_2task", "ResNet34", ["seg", "depth"], "seg:5,6,8,12;depth:2,9"),
        ("taskonomy_5task", "ResNet34", ["seg", "sn", "depth", "keypoint", "edge"], "sn:5,12;depth:4,6;keypoint:3;edge:9,10,12"),
    ];

    /// <summary>A pass of its own for each task, all blocks: what multi-task networks are held against.</summary>
    public static InferencePolicy Separate { get; } = new("one pass a task, all blocks", IsSeparate: true);

    /// <summary>Every task runs every block, so that all share one pass.</summary>
    public static InferencePolicy AllOn { get; } = new("all blocks, one pass");

    /// <summary>The policies that the official code publishes for a backbone and these tasks.</summary>
    public static IReadOnlyList<InferencePolicy> Published(BackboneSpec backbone, IReadOnlyList<TaskSpec> tasks)
    {
        string[] names = [.. tasks.Select(static task => task.Name)];
        return [.. Known.Where(known => known.Backbone == backbone.Name && known.Tasks.SequenceEqual(names))
            .Select(known => new InferencePolicy($"published {known.Name}", BlockPolicy.Parse(known.Skipped, names, backbone.BlockCount)))];
    }

    /// <summary>A policy in the form of <see cref="BlockPolicy.Parse"/>.</summary>
    /// <exception cref="Engine.Errors.ConfigurationException">An unknown task or block.</exception>
    public static InferencePolicy Skip(string text, BackboneSpec backbone, IReadOnlyList<TaskSpec> tasks) =>
        new($"skip {text}", BlockPolicy.Parse(text, [.. tasks.Select(static task => task.Name)], backbone.BlockCount));

    /// <summary>A policy under which each task skips each block with a probability, the same every time.</summary>
    /// <param name="share">The probability, 0 … 1.</param>
    /// <param name="backbone">The backbone.</param>
    /// <param name="tasks">The tasks.</param>
    public static InferencePolicy Random(double share, BackboneSpec backbone, IReadOnlyList<TaskSpec> tasks)
    {
        double[][] runs = [.. tasks.Select(_ => Enumerable.Repeat(1 - share, backbone.BlockCount).ToArray())];
        return new(FormattableString.Invariant($"random, {share:0.##} skipped"), new PolicyDistribution(runs).Sample(RandomStream.For(1, "benchmark/policy", 0)));
    }
}
