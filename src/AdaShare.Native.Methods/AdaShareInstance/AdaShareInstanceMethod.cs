using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.AdaShare;
using static AdaShare.Native.Learning.Configuration.ConfigCheck;

namespace AdaShare.Native.Methods.AdaShareInstance;

/// <summary>AdaShare's ablation with a policy for each image, which a small network gives; schedule, losses and constants are those of AdaShare's section of options.</summary>
public sealed class AdaShareInstanceMethod : Method
{
    private static readonly AdaShareMethod Base = new();

    /// <inheritdoc/>
    public override string Name => "adashare_instance";

    /// <inheritdoc/>
    public override string Title => "AdaShare-Instance";

    /// <inheritdoc/>
    public override string Summary => "AdaShare with decisions that a small network makes for each image, task and block";

    /// <inheritdoc/>
    public override string? WithoutTaskNorms => null;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Sections => [Base.Name];

    /// <inheritdoc/>
    public override void Validate(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        Base.Validate(config);
        AdaShareOptions options = config.Options<AdaShareOptions>();
        Require(options.SkipLayer == 0, "adashare.skip_layer", $"{options.SkipLayer}", $"0, since every block has a decision with method {Name}");
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Notices(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        AdaShareOptions options = config.Options<AdaShareOptions>(), defaults = new();
        var notices = new List<string>();
        void Note(bool set, string key, string why)
        {
            if (set)
            {
                notices.Add($"adashare.{key} has no effect with method {Name}, {why}");
            }
        }

        Note(options.Policies != defaults.Policies || options.PoliciesFrom != defaults.PoliciesFrom, "policies", "which retrains under the likelier decisions of the policy network");
        Note(options.CompareArgMax || options.CompareHardSharing, "compare_arg_max or adashare.compare_hard_sharing", "which trains one network; run method hard_sharing to compare");
        Note(options.InitMethod != defaults.InitMethod || options.InitNegLogits is not null, "init_method", "whose logits come from a network");
        Note(options.DecayTempFreq is not null, "decay_temp_freq", "as in the official code: the temperature decays once a search cycle");
        return notices;
    }

    /// <summary>Those of warm-up and search.</summary>
    public override long StepsBefore(RunConfig config) => Base.StepsBefore(config);

    /// <inheritdoc/>
    public override IModel Build(RunConfig config, Backend backend, DType type = DType.Float32) => new InstanceNetwork(NetworkSpec.Of(config), backend, type);

    /// <inheritdoc/>
    public override IMethodRun Begin(TrainingSession session) => new AdaShareInstanceRun(session);

    /// <inheritdoc/>
    public override IReadOnlyList<StoredNetwork> Networks(RunFolder folder, RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string warmUp = folder.Checkpoint(AdaShareRun.WarmUp), final = folder.Checkpoint(AdaShareInstanceRun.Final);
        return
        [
            .. File.Exists(warmUp) ? [new StoredNetwork("warm-up", warmUp, GateTable.Shared, IsFinal: false)] : (StoredNetwork[])[],
            .. File.Exists(final) ? [new StoredNetwork(Title, final, GateTable.Decided, IsFinal: File.Exists(folder.Metrics))] : (StoredNetwork[])[],
        ];
    }
}
