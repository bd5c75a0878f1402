using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Methods.FixedPolicy;

/// <summary>
/// Training under a policy that stands before the first step: fresh weights, the rules of AdaShare's retraining, and its data order, so that the same seed and policy give the same
/// bits as AdaShare's first retraining.
/// </summary>
internal static class PolicyRun
{
    private const string Order = "retrain/0";

    /// <summary>Begins a run under a policy, which becomes part of its state, or goes on with it under that one, whatever has become of its source or of policy.json.</summary>
    /// <param name="session">The run.</param>
    /// <param name="choose">Gives the policy of a run that begins.</param>
    /// <exception cref="CheckpointException">The state has a policy of other tasks or blocks.</exception>
    public static IMethodRun Begin(TrainingSession session, Func<BlockPolicy> choose)
    {
        bool begins = session.State.Phase.Length == 0;
        if (begins)
        {
            session.SetPolicy(PolicyFile.Of(session.Config.Tasks, choose(), isTrained: false));
        }

        BlockPolicy policy = Of(session);
        GateTable gates = policy.ToGates(LossMode.ComputesDroppedBlocks(session.Config) ? GateKind.Silent : GateKind.Off);
        return new SingleTrainingRun(session, new SingleTraining { Order = Order, Gates = _ => gates, EvaluationGates = policy.ToGates(), Policy = policy });
    }

    /// <summary>The networks that a run folder has.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="title">The network's name for people.</param>
    /// <exception cref="DataException">There is a network and no policy.json, or that is damaged.</exception>
    public static IReadOnlyList<StoredNetwork> Networks(RunFolder folder, string title)
    {
        // Without its policy nobody knows what the network is.
        return SingleTrainingRun.Networks(folder, title, GateTable.Shared).Count == 0 ? []
            : SingleTrainingRun.Networks(folder, title, Read(folder).ToGates());
    }

    private static BlockPolicy Of(TrainingSession session)
    {
        // States of versions that kept no policy have only the file.
        PolicyFile policy = session.State.Policy ??= PolicyFile.Read(session.Folder.Policy);
        int blocks = BackboneSpec.Of(session.Config.Backbone).BlockCount;
        return policy.Sampled is [var runs] && policy.Tasks.SequenceEqual(session.Config.Tasks) && runs[0].Length == blocks
            ? new BlockPolicy(runs)
            : throw new CheckpointException($"{session.Folder.Latest}: does not hold one policy of the run's tasks and {blocks} blocks; start the run again");
    }

    private static BlockPolicy Read(RunFolder folder)
    {
        if (!File.Exists(folder.Policy))
        {
            throw new DataException($"{folder.Policy}: is missing, and without it nobody knows which blocks the network runs; train --resume {folder.Path} writes it again");
        }

        return PolicyFile.Read(folder.Policy).Sampled is [var runs]
            ? new BlockPolicy(runs)
            : throw new DataException($"{folder.Policy}: does not hold the one policy of the run; train --resume {folder.Path} writes it again");
    }
}
