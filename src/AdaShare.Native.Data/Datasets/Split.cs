namespace AdaShare.Native.Data.Datasets;

/// <summary>The parts of a data set.</summary>
public enum Split
{
    /// <summary>The whole training set: <see cref="TrainWeights"/> and <see cref="TrainPolicy"/> together.</summary>
    Train,

    /// <summary>The part on which weights are trained while the policy is learnt (<c>train1</c> in the official files).</summary>
    TrainWeights,

    /// <summary>The disjoint part on which the policy is learnt (<c>train2</c> in the official files).</summary>
    TrainPolicy,

    /// <summary>Held out from training, used for selection. The one part that may be empty: then nothing is selected.</summary>
    Validation,

    /// <summary>Held out from training and selection, used for the final table.</summary>
    Test,
}
