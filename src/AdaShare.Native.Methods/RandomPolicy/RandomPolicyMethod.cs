using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.FixedPolicy;
using static AdaShare.Native.Learning.Configuration.ConfigCheck;

namespace AdaShare.Native.Methods.RandomPolicy;

/// <summary>A random policy of a given sparsity, trained once from fresh weights: what a learnt policy has to beat.</summary>
public sealed class RandomPolicyMethod : Method<RandomPolicyOptions>
{
    /// <inheritdoc/>
    public override string Name => "random_policy";

    /// <inheritdoc/>
    public override string Title => "random policy";

    /// <inheritdoc/>
    public override string Summary => "trains one backbone under a policy that skips a given number of random blocks for each task";

    /// <inheritdoc/>
    public override string? WithoutTaskNorms => null;

    /// <inheritdoc/>
    protected override void Check(RunConfig config, RandomPolicyOptions options)
    {
        PolicySource source = options.Source;
        bool isLike = source.HasFile || source.HasText;
        Require(options.Share is not null || isLike, $"{Name}.share", "", $"a share from 0 up to, not including, 1; or give a policy with as many skips by {Name}.file or {Name}.skip");
        InRange($"{Name}.share", options.Share ?? 0, options.Share is null or (>= 0 and < 1), "a share from 0 up to, not including, 1");
        Require(options.Share is null || !isLike, $"{Name}.share", $"{options.Share} beside {Name}.{(source.HasFile ? "file" : "skip")}", "only one of the two");
        source.Check(config);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Notices(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return [.. config.Options<RandomPolicyOptions>().Source.Notices()];
    }

    /// <inheritdoc/>
    public override IModel Build(RunConfig config, Backend backend, DType type = DType.Float32) => new SharedNetwork(NetworkSpec.Of(config), backend, type);

    /// <inheritdoc/>
    public override IMethodRun Begin(TrainingSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return PolicyRun.Begin(session, () => Draw(session.Config, session.Seed));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<StoredNetwork> Networks(RunFolder folder, RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return PolicyRun.Networks(folder, Title);
    }

    /// <summary>Draws the policy of a seed. A task's blocks don't depend on which other tasks there are.</summary>
    /// <param name="config">A valid configuration.</param>
    /// <param name="seed">The run's seed.</param>
    public static BlockPolicy Draw(RunConfig config, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(config);
        int blocks = BackboneSpec.Of(config.Backbone).BlockCount;
        int[] skips = Skips(config, blocks);
        return new BlockPolicy([.. config.Tasks.Select((task, t) =>
        {
            var runs = new bool[blocks];
            foreach (int block in RandomStream.For(seed, $"random_policy/{task}").Permutation(blocks).Skip(skips[t]))
            {
                runs[block] = true;
            }

            return runs;
        })]);
    }

    private static int[] Skips(RunConfig config, int blocks)
    {
        RandomPolicyOptions options = config.Options<RandomPolicyOptions>();
        if (options.Share is { } share)
        {
            int skips = Math.Min(blocks - 1, (int)Math.Round(share * blocks, MidpointRounding.AwayFromZero));
            return [.. Enumerable.Repeat(skips, config.Tasks.Count)];
        }

        return [.. options.Source.Read(config).ToArray().Select(static row => row.Count(static run => !run))];
    }
}
