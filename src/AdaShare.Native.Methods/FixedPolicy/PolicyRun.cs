using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Methods.FixedPolicy;

/// <summary>
/// Training under a policy that stands before the first step: fresh weights, the rules of AdaShare's retraining, and its data order, so that the same seed and policy give the same
/// bits as AdaShare's first retraining.
/// </summary>
internal static class PolicyRun
{
    private const string Order = "retrain/0";

    /// <summary>Begins a run, whose policy is written to policy.json, or goes on with it under the policy that stands there, whatever has become of its source.</summary>
    /// <param name="session">The run.</param>
    /// <param name="choose">Gives the policy of a run that begins.</param>
    public static IMethodRun Begin(TrainingSession session, Func<BlockPolicy> choose)
    {
        bool begins = session.State.Phase.Length == 0;
        BlockPolicy policy = begins ? choose() : Read(session.Folder);
        if (begins)
        {
            PolicyFile.Of(session.Config.Tasks, policy, isTrained: false).Write(session.Folder.Policy);
        }

        GateTable gates = policy.ToGates(LossMode.ComputesDroppedBlocks(session.Config) ? GateKind.Silent : GateKind.Off);
        return new SingleTrainingRun(session, new SingleTraining { Order = Order, Gates = _ => gates, EvaluationGates = policy.ToGates(), Policy = policy });
    }

    /// <summary>The networks that a run folder has.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="title">The network's name for people.</param>
    public static IReadOnlyList<StoredNetwork> Networks(RunFolder folder, string title) =>
        File.Exists(folder.Policy) ? SingleTrainingRun.Networks(folder, title, Read(folder).ToGates()) : [];

    private static BlockPolicy Read(RunFolder folder) => PolicyFile.Read(folder.Policy).Sampled is [var runs]
        ? new BlockPolicy(runs)
        : throw new DataException($"{folder.Policy}: does not hold the one policy of the run; start the run again");
}
