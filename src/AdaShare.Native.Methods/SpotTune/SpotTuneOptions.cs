namespace AdaShare.Native.Methods.SpotTune;

/// <summary>The keys of section <c>spottune</c>.</summary>
public sealed class SpotTuneOptions
{
    /// <summary>
    /// The given weights: the folder of a finished run whose final network has one backbone for all tasks (<c>hard_sharing</c>, for example), or a checkpoint of such a network. Absent: the run trains
    /// them first, with hard sharing.
    /// </summary>
    public string? StartFrom { get; set; }

    /// <summary>Steps of that training, <c>train.total_iters</c> if absent; without effect where <see cref="StartFrom"/> is set.</summary>
    public int? WarmUpIters { get; set; }

    /// <summary>The Gumbel temperature of the decisions.</summary>
    public double Temperature { get; set; } = 5;

    /// <summary>The factor on the backbone's learning rate for the policy network; the paper's 0.1 is for SGD.</summary>
    public double RateFactor { get; set; } = 1;
}
