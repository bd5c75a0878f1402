using System.CommandLine;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Host.Runs;
using AdaShare.Native.Learning.Methods;

namespace AdaShare.Native.Host.Commands;

/// <summary>The options with which a command takes a checkpoint from elsewhere instead of a run.</summary>
public sealed class CheckpointOptions
{
    private readonly Option<string?> _checkpoint = new("--checkpoint") { HelpName = "FILE", Description = "Instead of a run: a checkpoint of PyTorch (.model, .pth.tar, .pth) or safetensors, for example a published one." };
    private readonly Option<string?> _policy = new("--policy")
    {
        HelpName = "FILE|sampled|argmax",
        Description = "With --checkpoint: the file of its policy, a published pickle or a policy.json; without, every task runs every block. Of a run with a search: sampled (the sampled policies that were retrained) or argmax (the likelier decision of every block).",
    };

    private readonly Option<string?> _skip = new("--skip") { HelpName = "POLICY", Description = "With --checkpoint: its policy by hand, the blocks, from 0, that each task skips, for example \"seg:6;sn:9,10,11\"." };
    private readonly Option<string?> _config = CommonOptions.Config();
    private readonly Option<string?> _preset = CommonOptions.Preset();
    private readonly Option<string[]> _set = CommonOptions.Set();

    private CheckpointOptions()
    {
        Array.ForEach<Option>([_checkpoint, _policy, _skip], CommonOptions.RefuseEmpty);
    }

    /// <summary>Adds the options to a command.</summary>
    public static CheckpointOptions AddTo(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var options = new CheckpointOptions();
        Array.ForEach<Option>([options._checkpoint, options._policy, options._skip, options._config, options._preset, options._set], command.Options.Add);
        return options;
    }

    /// <summary>The choice among a run's own policies; null where there is none, or a file is named.</summary>
    /// <param name="parsed">The command line.</param>
    public PolicyChoice? ChoiceOf(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        return parsed.GetValue(_policy) is { } word ? PolicyChoices.Parse(word) : null;
    }

    /// <summary>The checkpoint that a command line names; null where it names none, and then none of the other options either.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="data">The folder of <c>--data</c>, or null.</param>
    /// <param name="load">Reads and checks the configuration.</param>
    /// <exception cref="ConfigurationException">There are options without a checkpoint, or the configuration is wrong.</exception>
    public ForeignCheckpoint? Read(ParseResult parsed, string? data, Func<ConfigRequest, LoadedConfig> load)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        ArgumentNullException.ThrowIfNull(load);
        (string? policy, string? skip) = (parsed.GetValue(_policy), parsed.GetValue(_skip));
        var request = new ConfigRequest(parsed.GetValue(_config), parsed.GetValue(_preset), parsed.GetValue(_set) ?? [], data);
        if (parsed.GetValue(_checkpoint) is string path)
        {
            if (policy is not null && PolicyChoices.Parse(policy) is not null && !File.Exists(policy))
            {
                throw new ConfigurationException($"--policy {policy} chooses among the policies of a run, and a checkpoint from elsewhere has none; give the file of its policy, or leave --policy out");
            }

            return ForeignCheckpoint.Of(path, load(request), policy, skip);
        }

        if (policy is not null && PolicyChoices.Parse(policy) is null)
        {
            throw new ConfigurationException($"--policy is for a checkpoint from elsewhere where it names a file ({policy}); name that checkpoint with --checkpoint, or choose among a run's own policies with --policy sampled or --policy argmax");
        }

        string? alone = skip is not null ? "--skip" : request.File is not null ? "--config" : request.Preset is not null ? "--preset" : request.Assignments.Count > 0 ? "--set" : null;
        return alone is null ? null : throw new ConfigurationException($"{alone} is for a checkpoint from elsewhere; name it with --checkpoint, or leave {alone} out, since a run has its own configuration and policy");
    }
}
