using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using AdaShare.Native.Benchmarking.Measurement;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Host.Commands.Bench;

/// <summary>Options that the benchmarks have in common.</summary>
internal static class BenchOptions
{
    private const int LeastImage = 16;
    private const int MostImage = 4096;

    /// <summary><c>--backbone NAME</c>.</summary>
    public static Option<string?> Backbone(string fallback) => new("--backbone") { HelpName = "NAME", Description = $"One of {BackboneRegistry.List}. Default: {fallback}." };

    /// <summary><c>--width FACTOR</c>.</summary>
    public static Option<double> Width() => Factor("--width", "The factor on the backbone's channels 64, 128, 256, 512.");

    /// <summary><c>--head-width FACTOR</c>.</summary>
    public static Option<double> HeadWidth() => Factor("--head-width", "The factor on the heads' 1024 hidden channels.");

    /// <summary>The tasks where none are named.</summary>
    public static readonly string[] DefaultTasks = ["seg", "sn", "depth"];

    /// <summary>The same where texts are read.</summary>
    public static readonly string[] TextTasks = ["class", "class", "class"];

    /// <summary><c>--tasks LIST</c>.</summary>
    public static Option<string[]?> Tasks() => new("--tasks")
    {
        HelpName = "LIST",
        Description = $"Tasks, separated by commas: seg, sn, depth, keypoint, edge; a task may repeat. Default: {string.Join(',', DefaultTasks)}.",
        CustomParser = static result =>
        {
            string[] tasks = Words(result.Tokens[0].Value);
            if (tasks.Length == 0)
            {
                result.AddError($"--tasks is {result.Tokens[0].Value}; expected at least one of seg, sn, depth, keypoint, edge, separated by commas.");
            }

            return tasks;
        },
    };

    /// <summary>Rows and columns of images: <c>N</c> or <c>HxW</c>.</summary>
    public static Option<(int Height, int Width)?> Size(string name, string description) => new(name)
    {
        HelpName = "N|HxW",
        Description = description,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            string[] sides = text.Split('x');
            if (sides.Length <= 2 && Whole(sides[0], LeastImage, MostImage, out int height) && Whole(sides[^1], LeastImage, MostImage, out int width))
            {
                return (height, width);
            }

            result.AddError($"{name} is {text}; expected one side, or rows x columns, of {LeastImage} to {MostImage} each, for example 321 or 480x640.");
            return null;
        },
    };

    /// <summary><c>--batch N</c>.</summary>
    public static Option<int?> Batch(string description) => new("--batch")
    {
        HelpName = "N",
        Description = description,
        CustomParser = result => CommonOptions.Whole(result, 1, 1024) is long value ? (int)value : null,
    };

    /// <summary><c>--rounds N</c>.</summary>
    public static Option<int> Rounds(string description, int fallback) => CommonOptions.Count("--rounds", description, Sampling.LeastRounds, 1000, fallback);

    /// <summary><c>--json FILE</c>.</summary>
    public static Option<string?> Json() => new("--json") { HelpName = "FILE", Description = "Also writes the figures as JSON; - writes them to standard output, and nothing else." };

    /// <summary>A list of whole numbers from 1 on, separated by commas, or <c>all</c> where that is allowed: then the largest number there is.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">What it says.</param>
    /// <param name="most">The largest number.</param>
    /// <param name="all">Whether <c>all</c> is allowed.</param>
    public static Option<int[]?> Numbers(string name, string description, int most, bool all) => new(name)
    {
        HelpName = "LIST",
        Description = description,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            var numbers = new List<int>();
            foreach (string word in Words(text))
            {
                if (all && word == "all")
                {
                    numbers.Add(int.MaxValue);
                }
                else if (Whole(word, 1, most, out int number))
                {
                    numbers.Add(number);
                }
                else
                {
                    numbers.Clear();
                    break;
                }
            }

            if (numbers.Count == 0)
            {
                result.AddError($"{name} is {text}; expected whole numbers from 1 to {most}{(all ? " or all" : "")}, separated by commas.");
            }

            return [.. numbers.Distinct()];
        },
    };

    /// <summary>The values of an option that takes a list, or others where it is absent.</summary>
    public static T[] ListOr<T>(this ParseResult parsed, Option<T[]?> option, IEnumerable<T> fallback) => parsed.GetValue(option) is { Length: > 0 } given ? given : [.. fallback];

    /// <summary>The words of a list.</summary>
    public static string[] Words(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static Option<double> Factor(string name, string description) => new(name)
    {
        HelpName = "FACTOR",
        Description = description,
        DefaultValueFactory = _ => 1,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (double.TryParse(text, CultureInfo.InvariantCulture, out double value) && value is > 0 and <= 8)
            {
                return value;
            }

            result.AddError($"{name} is {text}; expected a factor above 0 and up to 8.");
            return 1;
        },
    };

    private static bool Whole(string text, int least, int most, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= least && value <= most;
}
