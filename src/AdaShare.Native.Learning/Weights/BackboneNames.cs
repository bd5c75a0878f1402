using System.Text.RegularExpressions;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Learning.Weights;

/// <summary>A tensor of a residual network, by its name.</summary>
/// <param name="Prefix">What the names of the network begin with, the dot included; empty for none.</param>
/// <param name="Place">The name within a backbone of ours, such as <c>blocks.0.1.conv2.weight</c>.</param>
/// <param name="IsTorchvision">Whether the name was torchvision's.</param>
internal sealed record BackboneName(string Prefix, string Place, bool IsTorchvision);

/// <summary>
/// The names of residual networks: torchvision's (<c>conv1</c>, <c>bn1</c>, <c>layer1.0.conv1</c>, <c>layer2.0.downsample.0</c>) and those of the published AdaShare code, which are ours
/// (<c>blocks.0.0.conv1</c>, <c>ds.1.0</c>).
/// </summary>
internal static partial class BackboneNames
{
    /// <summary>The first convolution's filter.</summary>
    public const string StemFilter = "conv1.weight";

    /// <summary>The running mean of the first batch norm.</summary>
    public const string StemMean = "bn1.running_mean";

    /// <summary>The end of the names of counters, which a file may lack.</summary>
    public const string CounterEnding = "num_batches_tracked";

    private const string Wrapper = "module.";

    /// <summary>The name without what <c>nn.DataParallel</c> puts before it.</summary>
    public static string Unwrapped(string name) => name.StartsWith(Wrapper, StringComparison.Ordinal) ? Unwrapped(name[Wrapper.Length..]) : name;

    /// <summary>What a name says; null where it is of no backbone. A head's <c>conv1.weight</c> looks like a stem's: what has no blocks is no backbone.</summary>
    public static BackboneName? Parse(string name)
    {
        Match match = Torchvision().Match(name);
        if (match.Success)
        {
            int stage = int.Parse(match.Groups["stage"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) - 1;
            string rest = match.Groups["rest"].Value;
            string place = match.Groups["down"].Success ? $"ds.{stage}.{match.Groups["down"].Value}" : $"blocks.{stage}.{match.Groups["block"].Value}.{rest}";
            return new BackboneName(match.Groups["prefix"].Value, place, IsTorchvision: true);
        }

        match = Own().Match(name);
        return match.Success && match.Groups["prefix"].Value != PolicyNetwork.GroupName + "." ? new BackboneName(match.Groups["prefix"].Value, match.Groups["place"].Value, IsTorchvision: false) : null;
    }

    /// <summary>The stage and the block of a place in a block; null for stem and shortcuts.</summary>
    public static (int Stage, int Block)? BlockOf(string place)
    {
        string[] parts = place.Split('.');
        return parts[0] == "blocks" ? (Number(parts[1]), Number(parts[2])) : null;
    }

    /// <summary>
    /// The place in an undivided block of a tensor that is one of several parts of it, <c>blocks.0.0.conv1.2.weight</c>, and which part; null where it is no part. The parts divide the channels between
    /// the block's two convolutions.
    /// </summary>
    public static (string Whole, int Part)? PartOf(string place)
    {
        Match match = Part().Match(place);
        return match.Success ? ($"{match.Groups["layer"].Value}.{match.Groups["rest"].Value}", Number(match.Groups["part"].Value)) : null;
    }

    /// <summary>The place that the batch norm of one task, <c>task0_bn1.weight</c>, has where all tasks have one; other places as they are.</summary>
    public static string WithoutTask(string place) => TaskMark().Replace(place, "");

    private static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<prefix>(?:.+?\.)??)layer(?<stage>[1-9])\.(?:(?<block>\d{1,4})\.(?<rest>conv[1-3]\.weight|bn[1-3]\.(?:weight|bias|running_mean|running_var|num_batches_tracked))|0\.downsample\.(?<down>0\.weight|1\.(?:weight|bias|running_mean|running_var|num_batches_tracked)))\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Torchvision();

    [GeneratedRegex(@"^(?<prefix>(?:.+?\.)??)(?<place>conv1\.weight|embedding\.weight|(?:task\d{1,4}_)?bn1\.(?:weight|bias|running_mean|running_var|num_batches_tracked)|blocks\.\d{1,4}\.\d{1,4}\.(?:conv[1-3]|(?:task\d{1,4}_)?bn[1-3])(?:\.\d{1,4})?\.(?:weight|bias|running_mean|running_var|num_batches_tracked)|(?:task\d{1,4}_)?ds\.\d{1,4}\.[01]\.(?:weight|bias|running_mean|running_var|num_batches_tracked))\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Own();

    [GeneratedRegex(@"(?<=^|\.)task\d{1,4}_(?=bn|ds)")]
    private static partial Regex TaskMark();

    [GeneratedRegex(@"^(?<layer>blocks\.\d+\.\d+\.(?:conv|bn)\d)\.(?<part>\d+)\.(?<rest>\w+)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Part();
}
