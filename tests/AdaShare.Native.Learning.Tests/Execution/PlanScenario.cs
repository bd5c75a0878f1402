using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Learning.Tests.Execution;

/// <summary>A network, a policy and a state of freezing, for which plan and naive execution are compared.</summary>
/// <param name="Backbone">ResNet18 or ResNet34.</param>
/// <param name="Decisions">[task][block]; soft ones only from <paramref name="SkipLayer"/> on.</param>
/// <param name="SkipLayer">Blocks without logits.</param>
/// <param name="HasPolicy">False in warm-up: no gates at all.</param>
/// <param name="Training">Whether batch norms are in training mode.</param>
/// <param name="BackboneTrains">Whether the backbone's weights want gradients.</param>
/// <param name="HeadsTrain">Whether the heads' weights do.</param>
/// <param name="LogitsTrain">Whether the logits do.</param>
/// <param name="NormsFrozen">Whether scale and shift of the batch norms of stem and blocks don't (<c>fix_BN</c>).</param>
/// <param name="StraightThrough">Whether soft gates are one-hot.</param>
/// <param name="TaskNorms">Whether each task has batch norms of its own.</param>
internal sealed record PlanScenario(
    string Backbone, GateKind[][] Decisions, int SkipLayer, bool HasPolicy, bool Training, bool BackboneTrains, bool HeadsTrain, bool LogitsTrain, bool NormsFrozen, bool StraightThrough,
    bool TaskNorms = false)
{
    private static readonly GateKind[][] Forms =
        [[GateKind.On, GateKind.Off], [GateKind.On, GateKind.Silent], [GateKind.On, GateKind.Off, GateKind.Silent], [GateKind.On, GateKind.Off, GateKind.Silent, GateKind.Soft]];

    public int Tasks => Decisions.Length;

    /// <summary>A scenario from a number; a third are steps of the search, the others random policies whose tasks are likely to agree.</summary>
    public static PlanScenario Of(int seed)
    {
        var stream = RandomStream.For((ulong)seed, "scenario");
        ulong drawn = 0;
        int Draw(int count) => (int)(stream.UniformDouble(drawn++) * count);
        bool Chance(int percent) => Draw(100) < percent;

        string backbone = Chance(30) ? "ResNet34" : "ResNet18";
        int blocks = BackboneSpec.Of(backbone).BlockCount, tasks = 1 + Draw(5), skip = Chance(30) ? Draw(5) : 0, form = Draw(6);
        int open = Draw(blocks - skip + 1);
        var decisions = new GateKind[tasks][];
        for (int t = 0; t < tasks; t++)
        {
            decisions[t] = new GateKind[blocks];
            for (int b = 0; b < blocks; b++)
            {
                GateKind[] kinds = Forms[form % Forms.Length];
                GateKind kind = form >= Forms.Length ? (b < blocks - open ? GateKind.On : GateKind.Soft)
                    : t > 0 && Chance(50) ? decisions[t - 1][b] : kinds[Draw(kinds.Length)];
                decisions[t][b] = kind == GateKind.Soft && b < skip ? GateKind.On : kind;
            }
        }

        return new PlanScenario(backbone, decisions, skip, !Chance(8), Chance(75), Chance(70), Chance(60), Chance(60), Chance(20), Chance(15), Chance(30));
    }

    /// <summary>Simpler scenarios, for a counterexample that can be read: a task less, or a block that every task runs.</summary>
    public IEnumerable<PlanScenario> Shrink()
    {
        for (int t = 0; t < Tasks && Tasks > 1; t++)
        {
            yield return this with { Decisions = [.. Decisions.Where((_, other) => other != t)] };
        }

        for (int b = 0; b < Decisions[0].Length; b++)
        {
            if (Decisions.Any(row => row[b] != GateKind.On))
            {
                yield return this with { Decisions = [.. Decisions.Select(row => row.Select((kind, i) => i == b ? GateKind.On : kind).ToArray())] };
            }
        }
    }

    /// <summary>The gates of a step, soft ones sampled from the network's logits; shared by all without a policy.</summary>
    public GateTable Gates(Step step, LogitNetwork network)
    {
        if (!HasPolicy)
        {
            return GateTable.Shared;
        }

        return GateTable.PerTask([.. Decisions.Select((row, t) =>
        {
            Tensor logits = network.Logits[t].Value;
            Tensor noise = step.GumbelNoise(logits.Shape, logits.DType, RandomStream.For(5, $"gumbel/{t}", 1));
            Tensor sample = step.GumbelSoftmax(logits, noise, 2, StraightThrough);
            return row.Select((kind, b) => kind == GateKind.Soft ? Gate.Soft(step.Slice(sample, 0, b - SkipLayer, 1)) : new Gate(kind)).ToArray();
        })]);
    }

    public override string ToString() =>
        $"{Backbone} skip_layer {SkipLayer}{(HasPolicy ? "" : " without policy")}{(Training ? " training" : " evaluation")}{(BackboneTrains ? " +backbone" : "")}{(HeadsTrain ? " +heads" : "")}" +
        $"{(LogitsTrain ? " +logits" : "")}{(NormsFrozen ? " fix_BN" : "")}{(StraightThrough ? " one-hot" : "")}{(TaskNorms ? " norms per task" : "")} {string.Join(" / ", Decisions.Select(row => string.Concat(row.Select(Letter))))}";

    private static char Letter(GateKind kind) => kind switch
    {
        GateKind.On => '#',
        GateKind.Off => '.',
        GateKind.Silent => 's',
        _ => '~',
    };
}
