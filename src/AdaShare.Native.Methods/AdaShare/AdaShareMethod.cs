using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Training;
using static AdaShare.Native.Learning.Configuration.ConfigCheck;

namespace AdaShare.Native.Methods.AdaShare;

/// <summary>AdaShare (Sun, Panda, Feris, Saenko, NeurIPS 2020): which task runs which block is learnt with the weights.</summary>
public sealed class AdaShareMethod : Method<AdaShareOptions>
{
    /// <inheritdoc/>
    public override string Name => "adashare";

    /// <inheritdoc/>
    public override string Title => "AdaShare";

    /// <inheritdoc/>
    public override string Summary => "learns for each task and block whether to run it, then samples policies and retrains them";

    /// <inheritdoc/>
    public override string? WithoutTaskNorms => null;

    /// <inheritdoc/>
    public override IReadOnlyList<PublishedCost> PublishedCosts => PublishedPolicies.Costs;

    /// <inheritdoc/>
    protected override void Check(RunConfig config, AdaShareOptions options)
    {
        int blocks = BackboneSpec.Of(config.Backbone).BlockCount;
        Choice(Key("policy_model"), options.PolicyModel, "task-specific");
        InRange(Key("skip_layer"), options.SkipLayer, options.SkipLayer >= 0 && options.SkipLayer < blocks, $"0 to {blocks - 1}, since {config.Backbone} has {blocks} blocks");
        CheckLosses(options);
        CheckSchedule(options, config.Train);
        CheckRates(options);
        Choice(Key("init_method"), options.InitMethod, "equal", "random", "all_chosen");
        Require(options.InitMethod != "all_chosen" || options.InitNegLogits is not null, Key("init_neg_logits"), "nothing", "the skip logit that init_method all_chosen starts from, for example -10");
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Notices(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        AdaShareOptions options = config.Options<AdaShareOptions>();
        return
        [
            .. Note(options.DecayTempFreq is not null, "decay_temp_freq has no effect, as in the official code: the temperature decays once a search cycle"),
            .. Note(options.WhichIter is not null, "which_iter has no effect: the search goes on from the run's own warm-up"),
            .. Note(options.PoliciesFrom == AdaShareOptions.ArgMax && options.Policies != new AdaShareOptions().Policies, "policies has no effect with policies_from arg_max, which is one policy"),
            .. Note(options.InitNegLogits is not null && options.InitMethod != "all_chosen", $"init_neg_logits has no effect with init_method {options.InitMethod}; it belongs to all_chosen"),
        ];
    }

    /// <summary>Those of warm-up and search.</summary>
    public override long StepsBefore(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return config.Train.TotalIters;
    }

    /// <summary>Those of warm-up, search, every retrained policy and every network to compare with.</summary>
    public override long AllSteps(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        AdaShareOptions options = config.Options<AdaShareOptions>();
        int retrained = (options.PoliciesFrom == AdaShareOptions.ArgMax ? 1 : options.Policies) + (options.CompareArgMax ? 1 : 0) + (options.CompareHardSharing ? 1 : 0);
        return StepsBefore(config) + ((long)retrained * config.Train.FinalSteps);
    }

    /// <summary>Among several policies the validation part chooses.</summary>
    public override string? NeedOfValidation(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        AdaShareOptions options = config.Options<AdaShareOptions>();
        return options.PoliciesFrom == AdaShareOptions.ArgMax || options.Policies == 1
            ? null
            : $"adashare.policies is {options.Policies}, and the best of them is chosen on the validation part; set adashare.policies=1, or adashare.policies_from=arg_max for the likeliest policy alone";
    }

    /// <inheritdoc/>
    public override IModel Build(RunConfig config, Backend backend, DType type = DType.Float32)
    {
        ArgumentNullException.ThrowIfNull(config);
        AdaShareOptions options = config.Options<AdaShareOptions>();
        return new AdaShareNetwork(NetworkSpec.Of(config), backend, type, options.SkipLayer, LogitInitializer(options));
    }

    /// <inheritdoc/>
    public override IMethodRun Begin(TrainingSession session) => new AdaShareRun(session, (options, state) => new LogitPolicy(session, options, state));

    /// <inheritdoc/>
    public override IReadOnlyList<StoredNetwork> Networks(RunFolder folder, RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var networks = new List<StoredNetwork>();
        string warmUp = folder.Checkpoint(AdaShareRun.WarmUp);
        if (File.Exists(warmUp))
        {
            networks.Add(new StoredNetwork("warm-up", warmUp, GateTable.Shared, IsFinal: false));
        }

        string hardSharing = folder.Checkpoint(AdaShareRun.HardSharing);
        if (File.Exists(hardSharing))
        {
            networks.Add(new StoredNetwork("hard sharing", hardSharing, GateTable.Shared, IsFinal: false));
        }

        if (!File.Exists(folder.Policy) && File.Exists(folder.Metrics))
        {
            throw new DataException($"{folder.Policy}: is missing, though the run is finished; train --resume {folder.Path} writes it again");
        }

        if (File.Exists(folder.Policy) && PolicyFile.Read(folder.Policy) is { Selected: int selected } policy)
        {
            networks.Add(new StoredNetwork("AdaShare, retrained", folder.Checkpoint(AdaShareRun.Retrained(selected)), new BlockPolicy(policy.Sampled[selected]).ToGates(), IsFinal: true));
        }

        return networks;
    }

    /// <summary>
    /// Of sampled policies every one that was retrained, with the network that was trained under it. Of the likelier decisions the network that was retrained under them, where there is one, else that of the search, whose
    /// weights were trained while decisions were drawn.
    /// </summary>
    public override IReadOnlyList<StoredNetwork> Networks(RunFolder folder, RunConfig config, PolicyChoice choice)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(config);
        AdaShareOptions options = config.Options<AdaShareOptions>();
        bool isLikeliest = options.PoliciesFrom == AdaShareOptions.ArgMax;
        if (choice == PolicyChoice.Sampled && isLikeliest)
        {
            throw new ConfigurationException($"--policy sampled: {Key("policies_from")} of the run is arg_max, so that no policy was sampled; take --policy argmax");
        }

        if (!File.Exists(folder.Policy))
        {
            throw new DataException($"{folder.Policy}: is missing, as it is until the search has ended; train --resume {folder.Path} goes on, or writes it again");
        }

        PolicyFile policy = PolicyFile.Read(folder.Policy);
        return choice == PolicyChoice.Sampled ? SampledNetworks(folder, policy) : [LikeliestNetwork(folder, policy, options)];
    }

    private static IReadOnlyList<StoredNetwork> SampledNetworks(RunFolder folder, PolicyFile policy)
    {
        int selected = policy.Selected ?? throw Unfinished(folder, PolicyChoice.Sampled);
        int[] order = [.. Enumerable.Range(0, policy.Sampled.Length).Where(i => i != selected), selected];
        return [.. order.Select(i => new StoredNetwork(
            $"sampled policy {i + 1} of {order.Length}, retrained", folder.Checkpoint(AdaShareRun.Retrained(i)), new BlockPolicy(policy.Sampled[i]).ToGates(), IsFinal: i == selected))];
    }

    private static StoredNetwork LikeliestNetwork(RunFolder folder, PolicyFile policy, AdaShareOptions options)
    {
        GateTable gates = new BlockPolicy(policy.ArgMax).ToGates();
        bool isOwn = options.PoliciesFrom == AdaShareOptions.ArgMax;
        if (isOwn || options.CompareArgMax)
        {
            return policy.Selected is null
                ? throw Unfinished(folder, PolicyChoice.Likeliest)
                : new StoredNetwork("likelier decisions, retrained", folder.Checkpoint(isOwn ? AdaShareRun.Retrained(0) : NamedResult.ArgMaxPolicy), gates, IsFinal: isOwn);
        }

        // The search ends with the network whose probabilities it has learnt: the best on the validation part, where that was asked for and there is such a part.
        string best = folder.Checkpoint(AdaShareRun.BestPolicy);
        return new StoredNetwork(
            "likelier decisions, weights of the search", options.PolicyIter == "best" && File.Exists(best) ? best : folder.Checkpoint(AdaShareRun.LatestPolicy), gates, IsFinal: false);
    }

    private static DataException Unfinished(RunFolder folder, PolicyChoice choice) =>
        new($"{folder.Path}: --policy {choice.Word()} takes networks that are retrained, and the run has not finished that; let it go on with: adashare train --resume {folder.Path}");

    private IEnumerable<string> Note(bool holds, string text) => holds ? [$"{Name}.{text}"] : [];

    private void CheckLosses(AdaShareOptions options)
    {
        Choice(Key("sharing_weights"), options.SharingWeights, "auto", "bottom", "top", "uniform");
        Choice(Key("sharing_distance"), options.SharingDistance, "auto", "probability", "logit");
        Choice(Key("sparsity"), options.Sparsity, "auto", "log_likelihood", "cross_entropy");
        InRange(Key("reg_w"), options.RegW, options.RegW >= 0, "a weight of 0 or more");
        InRange(Key("reg_w_hamming"), options.RegWHamming, options.RegWHamming >= 0, "a weight of 0 or more");
    }

    private void CheckSchedule(AdaShareOptions options, TrainConfig train)
    {
        InRange(Key("warm_up_iters"), options.WarmUpIters, options.WarmUpIters >= 0 && options.WarmUpIters <= train.TotalIters, $"0 to train.total_iters ({train.TotalIters}), which counts the warm-up too");
        AtLeast(Key("weight_iter_alternate"), options.WeightIterAlternate ?? 1, 1);
        AtLeast(Key("alpha_iter_alternate"), options.AlphaIterAlternate ?? 1, 1);
        AtLeast(Key("curriculum_speed"), options.CurriculumSpeed, 1);
        Choice(Key("policy_iter"), options.PolicyIter, "best", "latest");
        AtLeast(Key("policies"), options.Policies, 1);
        Choice(Key("policies_from"), options.PoliciesFrom, "sampled", AdaShareOptions.ArgMax);
    }

    private void CheckRates(AdaShareOptions options)
    {
        InRange(Key("momentum"), options.Momentum, options.Momentum is >= 0 and < 1, "a factor from 0 up to, not including, 1");
        InRange(Key("policy_lr"), options.PolicyLr, options.PolicyLr > 0, "a learning rate above 0");
        InRange(Key("policy_beta1"), options.PolicyBeta1, options.PolicyBeta1 is >= 0 and < 1, "a factor from 0 up to, not including, 1");
        InRange(Key("policy_beta2"), options.PolicyBeta2, options.PolicyBeta2 is >= 0 and < 1, "a factor from 0 up to, not including, 1");
        InRange(Key("policy_weight_decay"), options.PolicyWeightDecay, options.PolicyWeightDecay >= 0, "0 or more");
        AtLeast(Key("policy_decay_lr_freq"), options.PolicyDecayLrFreq ?? 0, 0);
        bool together = options.PolicyDecayLrFreq is null or 0 || options.PolicyDecayLrRate is not null;
        Require(together, Key("policy_decay_lr_rate"), "nothing", $"a factor, since {Key("policy_decay_lr_freq")} is set");
        InRange(Key("policy_decay_lr_rate"), options.PolicyDecayLrRate ?? 1, options.PolicyDecayLrRate is null or (> 0 and <= 1), "a factor above 0 and up to 1");
        InRange(Key("init_temp"), options.InitTemp, options.InitTemp > 0, "a temperature above 0");
        InRange(Key("decay_temp"), options.DecayTemp, options.DecayTemp is > 0 and <= 1, "a factor above 0 and up to 1");
    }

    private static Initializer LogitInitializer(AdaShareOptions options) => options.InitMethod switch
    {
        "equal" => Initializers.Constant(0.5),
        "random" => Initializers.Normal(0, 1e-3),
        "all_chosen" => AllChosen(options.InitNegLogits ?? throw new ConfigurationException("adashare.init_neg_logits: is empty; init_method all_chosen needs it, for example -10")),
        _ => throw new ConfigurationException($"adashare.init_method: {options.InitMethod} is not known; use equal, random or all_chosen"),
    };

    private static Initializer AllChosen(double skip) => (_, _) => i => i % 2 == 0 ? 0 : skip;
}
