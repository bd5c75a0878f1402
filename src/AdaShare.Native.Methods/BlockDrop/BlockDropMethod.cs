using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;
using static AdaShare.Native.Learning.Configuration.ConfigCheck;

namespace AdaShare.Native.Methods.BlockDrop;

/// <summary>BlockDrop (Wu et al., CVPR 2018) for several tasks: a policy network, learnt by rewards, says for each image which blocks of the shared backbone run.</summary>
public sealed class BlockDropMethod : Method<BlockDropOptions>
{
    /// <inheritdoc/>
    public override string Name => "blockdrop";

    /// <inheritdoc/>
    public override string Title => "BlockDrop";

    /// <inheritdoc/>
    public override string Summary => "hard sharing in which a small network, learnt by rewards, says for each image which blocks run";

    /// <inheritdoc/>
    public override string? WithoutTaskNorms => null;

    /// <inheritdoc/>
    protected override void Check(RunConfig config, BlockDropOptions options)
    {
        int total = config.Train.TotalIters;
        InRange(Key("warm_up_iters"), options.WarmUpIters ?? 0, options.WarmUpIters is null || (options.WarmUpIters >= 0 && options.WarmUpIters <= total), $"0 to train.total_iters ({total}), which counts the policy's training too");
        AtLeast(Key("open_iters"), options.OpenIters ?? 1, 1);
        InRange(Key("alpha"), options.Alpha, options.Alpha is > 0.5 and < 1, "a share above 0.5 and below 1");
        InRange(Key("entropy"), options.Entropy, options.Entropy >= 0 && double.IsFinite(options.Entropy), "a weight of 0 or more");
        InRange(Key("policy_lr"), options.PolicyLr, options.PolicyLr > 0 && double.IsFinite(options.PolicyLr), "a learning rate above 0");
        InRange(Key("tolerance"), options.Tolerance, options.Tolerance >= 0 && double.IsFinite(options.Tolerance), "a share of 0 or more");
        InRange(Key("penalty"), options.Penalty, options.Penalty >= 0 && double.IsFinite(options.Penalty), "0 or more");
        InRange(Key("joint_penalty"), options.JointPenalty, options.JointPenalty >= 0 && double.IsFinite(options.JointPenalty), "0 or more");
        InRange(Key("rate_factor"), options.RateFactor, options.RateFactor > 0 && double.IsFinite(options.RateFactor), "a factor above 0");
    }

    /// <summary>Those of warm-up and policy.</summary>
    public override long StepsBefore(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return config.Train.TotalIters;
    }

    /// <inheritdoc/>
    public override IModel Build(RunConfig config, Backend backend, DType type = DType.Float32) => new BlockDropNetwork(NetworkSpec.Of(config), backend, type);

    /// <inheritdoc/>
    public override IMethodRun Begin(TrainingSession session) => new BlockDropRun(session);

    /// <inheritdoc/>
    public override IReadOnlyList<StoredNetwork> Networks(RunFolder folder, RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string warmUp = folder.Checkpoint(BlockDropRun.WarmUp), policy = folder.Checkpoint(BlockDropRun.Policy), final = folder.Checkpoint(BlockDropRun.Final);
        return
        [
            .. File.Exists(warmUp) ? [new StoredNetwork("warm-up", warmUp, GateTable.Shared, IsFinal: false)] : (StoredNetwork[])[],
            .. File.Exists(policy) ? [new StoredNetwork("policy, before the joint training", policy, GateTable.Decided, IsFinal: false)] : (StoredNetwork[])[],
            .. File.Exists(final) ? [new StoredNetwork(Title, final, GateTable.Decided, IsFinal: File.Exists(folder.Metrics))] : (StoredNetwork[])[],
        ];
    }
}
