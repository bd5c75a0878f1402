using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using AdaShare.Native.Host.Configuration;

namespace AdaShare.Native.Host.Commands;

/// <summary>Options that several commands have, made alike.</summary>
public static class CommonOptions
{
    /// <summary><c>--config FILE</c>.</summary>
    public static Option<string?> Config() => new("--config") { HelpName = "FILE", Description = "A YAML configuration: one of the official AdaShare files, or a run's config.yaml." };

    /// <summary><c>--preset NAME</c>.</summary>
    public static Option<string?> Preset()
    {
        var option = new Option<string?>("--preset") { HelpName = "NAME", Description = $"A configuration that comes with the program: {string.Join(", ", PresetCatalog.Names)}. Default: {PresetCatalog.Default}." };
        option.CompletionSources.Add([.. PresetCatalog.Names]);
        return option;
    }

    /// <summary><c>--set key=value</c>, as often as wanted.</summary>
    public static Option<string[]> Set() => new("--set")
    {
        HelpName = "key=value",
        Description = "Sets one configuration key, for example train.batch_size=4 or tasks=[seg,sn]; may be repeated.",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary><c>--data DIR</c>.</summary>
    public static Option<string?> Data() => new("--data") { HelpName = "DIR", Description = "The data set's folder, instead of dataload.dataroot." };

    /// <summary><c>--cache FILE</c>.</summary>
    public static Option<string?> Cache()
    {
        var option = new Option<string?>("--cache") { HelpName = "FILE", Description = "A file that keeps decoded images and labels, written at the first use: later reads are copies. The same as --set dataload.cache=FILE; results do not depend on it." };
        RefuseEmpty(option);
        return option;
    }

    /// <summary><c>--cache-rebuild</c>.</summary>
    public static Option<bool> RebuildCache() => new("--cache-rebuild") { Description = "Makes the cache anew, as is needed when the data or how they are read have changed." };

    /// <summary><c>--accept-config</c> of a command that looks at a run.</summary>
    public static Option<bool> AcceptConfiguration() => new("--accept-config") { Description = "Goes on although config.yaml is not the configuration that the run was trained with." };

    /// <summary><c>--out DIR</c> of a command that can't do without.</summary>
    public static Option<string> Output(string description)
    {
        var option = new Option<string>("--out") { HelpName = "DIR", Description = description, Required = true };
        RefuseEmpty(option);
        return option;
    }

    /// <summary>Makes an empty text, which the system takes for the current folder, an error.</summary>
    public static void RefuseEmpty(Option option)
    {
        ArgumentNullException.ThrowIfNull(option);
        option.Validators.Add(RefuseEmptyTokens);
    }

    private static void RefuseEmptyTokens(OptionResult result)
    {
        if (result.Tokens.Any(static token => string.IsNullOrWhiteSpace(token.Value)))
        {
            result.AddError($"{result.IdentifierToken?.Value} is empty; expected a path.");
        }
    }

    /// <summary><c>--device NAME</c>.</summary>
    public static Option<string> Device()
    {
        var option = new Option<string>("--device") { HelpName = "NAME", Description = "Where to compute: cpu, cuda or cuda:N for a GPU, or auto for a GPU that can be used, else the CPU.", DefaultValueFactory = _ => "auto" };
        option.CompletionSources.Add("auto", "cpu", "cuda", "cuda:0");
        return option;
    }

    /// <summary><c>--numerics MODE</c>.</summary>
    public static Option<string> Numerics(string fallback) => new("--numerics")
    {
        HelpName = "MODE",
        Description = "How to round: exact; fast (Winograd on the CPU, TF32 on a GPU); bfloat16 (on a GPU: activations are stored in it).",
        DefaultValueFactory = _ => fallback,
        CustomParser = static result =>
        {
            string mode = result.Tokens[0].Value;
            if (mode is not ("exact" or "fast" or "bfloat16"))
            {
                result.AddError($"--numerics is {mode}; expected exact, fast or bfloat16.");
            }

            return mode;
        },
    };

    /// <summary><c>--threads N</c>.</summary>
    public static Option<int?> Threads() => new("--threads")
    {
        HelpName = "N",
        Description = "Threads that compute on the CPU; all processors if absent. Results do not depend on it.",
        CustomParser = result => (int?)Whole(result, 1, 1024),
    };

    /// <summary><c>--seed N</c>.</summary>
    public static Option<long?> Seed(string description) => new("--seed") { HelpName = "N", Description = description, CustomParser = result => Whole(result, 0, long.MaxValue) };

    /// <summary>An option that takes a whole number.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">What it says.</param>
    /// <param name="least">The smallest number.</param>
    /// <param name="most">The largest number.</param>
    /// <param name="fallback">The number where the option is absent.</param>
    public static Option<int> Count(string name, string description, int least, int most, int fallback) => new(name)
    {
        HelpName = "N",
        Description = description,
        DefaultValueFactory = _ => fallback,
        CustomParser = result => (int)(Whole(result, least, most) ?? fallback),
    };

    /// <summary><c>--size HxW</c>.</summary>
    /// <param name="description">What it is the size of.</param>
    /// <param name="least">The smallest height and width.</param>
    /// <param name="fallback">The size that stands where the option is absent, for the help text.</param>
    public static Option<(int Height, int Width)?> Size(string description, int least, (int Height, int Width) fallback) =>
        Size($"{description} Default: {fallback.Height}x{fallback.Width}.", least);

    /// <summary><c>--size HxW</c> without a size that stands where the option is absent.</summary>
    /// <param name="description">What it is the size of.</param>
    /// <param name="least">The smallest height and width.</param>
    public static Option<(int Height, int Width)?> Size(string description, int least) => new("--size")
    {
        HelpName = "HxW",
        Description = description,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            string[] sides = text.Split('x');
            if (sides.Length == 2 && Side(sides[0], least, out int height) && Side(sides[1], least, out int width))
            {
                return (height, width);
            }

            result.AddError($"--size is {text}; expected rows x columns of {least} to {LargestSide} each, for example 480x640.");
            return null;
        },
    };

    private const int LargestSide = 4096;

    private static bool Side(string text, int least, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= least && value <= LargestSide;

    /// <summary>A whole number from an option, or an error on it.</summary>
    internal static long? Whole(ArgumentResult result, long least, long most)
    {
        string text = result.Tokens[0].Value;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= least && value <= most)
        {
            return value;
        }

        string range = most == long.MaxValue ? $"of {least} or more" : $"from {least} to {most}";
        result.AddError($"{(result.Parent as OptionResult)?.IdentifierToken?.Value} is {text}; expected a whole number {range}.");
        return null;
    }
}
