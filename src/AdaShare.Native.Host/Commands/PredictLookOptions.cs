using System.CommandLine;
using System.Globalization;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Predictions;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Host.Commands;

/// <summary>The options of <c>predict</c> that say what pictures look like.</summary>
public sealed class PredictLookOptions
{
    private const double DefaultShare = 0.5;

    private readonly Option<PredictionScale?> _scale = new("--scale")
    {
        HelpName = "each|all|LOW:HIGH",
        Description = "The colour scale of depth: one over all images of the call (all, the default), each image's own (each), or given ends, such as 0.5:10.",
        CustomParser = static result =>
        {
            PredictionScale? scale = PredictionScale.Parse(result.Tokens[0].Value);
            if (scale is null)
            {
                result.AddError($"--scale is {result.Tokens[0].Value}; expected each, all, or LOW:HIGH, two numbers of which the first is smaller, such as 0.5:10.");
            }

            return scale;
        },
    };

    private readonly Option<double?> _overlay = new("--overlay")
    {
        HelpName = "ALPHA",
        Description = "Blends the colours of classes over the image: 1 is colours alone. Without a number 0.5; write images before it, or --overlay=0.5.",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = static result =>
        {
            if (result.Tokens.Count == 0)
            {
                return DefaultShare;
            }

            string text = result.Tokens[0].Value;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double share) && share is > 0 and <= 1)
            {
                return share;
            }

            result.AddError($"--overlay is {text}; expected a number above 0 and up to 1, such as 0.5; images stand before --overlay.");
            return null;
        },
    };

    private PredictLookOptions()
    {
    }

    /// <summary>Adds the options to a command.</summary>
    public static PredictLookOptions AddTo(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var options = new PredictLookOptions();
        command.Options.Add(options._scale);
        command.Options.Add(options._overlay);
        return options;
    }

    /// <summary>How the tasks of a network are painted.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="tasks">The tasks.</param>
    /// <param name="images">How many images are painted.</param>
    /// <exception cref="ConfigurationException">An option is for tasks that the network does not have.</exception>
    public PredictionLook Of(ParseResult parsed, IReadOnlyList<TaskSpec> tasks, int images)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        ArgumentNullException.ThrowIfNull(tasks);
        string all = string.Join(", ", tasks.Select(static task => task.Name));
        if (parsed.GetValue(_scale) is not null && !tasks.Any(static task => task.Kind.FollowsScale))
        {
            throw new ConfigurationException($"--scale is for tasks whose colours follow a scale, such as depth, and the network has none ({all}); leave it out");
        }

        double? overlay = parsed.GetResult(_overlay) is null ? null : parsed.GetValue(_overlay) ?? DefaultShare;
        if (overlay is not null && !tasks.Any(static task => task.Label is { IsOfClasses: true, IsOfImage: false }))
        {
            throw new ConfigurationException($"--overlay is for tasks with a class for each pixel, such as seg, and the network has none ({all}); leave it out");
        }

        return new PredictionLook(parsed.GetValue(_scale) ?? PredictionScale.All, overlay, images > 1);
    }
}
