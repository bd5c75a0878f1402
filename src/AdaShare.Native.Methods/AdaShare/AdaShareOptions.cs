namespace AdaShare.Native.Methods.AdaShare;

/// <summary>
/// AdaShare's own keys, section <c>adashare</c>. The official files have them at the top, in <c>train</c> and elsewhere; a reader maps them here.
/// </summary>
public sealed class AdaShareOptions
{
    /// <summary>The value of <see cref="PoliciesFrom"/> that retrains the policy of the likelier decisions.</summary>
    public const string ArgMax = "arg_max";

    /// <summary>Only <c>task-specific</c>: one policy a task.</summary>
    public string PolicyModel { get; set; } = "task-specific";

    /// <summary>The skip logit under <c>init_method: all_chosen</c>, for example -10.</summary>
    public double? InitNegLogits { get; set; }

    /// <summary>Whether the sparsity loss is used.</summary>
    public bool IsSparse { get; set; } = true;

    /// <summary>Whether the sharing loss is used.</summary>
    public bool IsSharing { get; set; } = true;

    /// <summary>The number of first blocks that have no decision and always run.</summary>
    public int SkipLayer { get; set; }

    /// <summary>Whether decisions are opened from the last block towards the first; false opens all at once.</summary>
    public bool IsCurriculum { get; set; } = true;

    /// <summary>Search cycles until one more block is opened.</summary>
    public int CurriculumSpeed { get; set; } = 3;

    /// <summary>Whether scale and shift of the backbone's batch norms stay frozen after the warm-up (not the down-sampling ones, as in the official code).</summary>
    public bool FixBatchNorm { get; set; }

    /// <summary>Whether the sharing loss, and without sharing the sparsity loss, weighs blocks by depth.</summary>
    public bool DiffSparsityWeights { get; set; } = true;

    /// <summary>Whether retraining starts from the weights of the search instead of fresh ones.</summary>
    public bool RetrainFromPl { get; set; }

    /// <summary>Block weights of the sharing loss: <c>bottom</c> ((L - l) / L, paper), <c>top</c> ((l + 1) / L, official), <c>uniform</c>, or <c>auto</c>.</summary>
    public string SharingWeights { get; set; } = "auto";

    /// <summary>What the sharing loss compares: <c>probability</c> (paper), <c>logit</c> (official), or <c>auto</c>.</summary>
    public string SharingDistance { get; set; } = "auto";

    /// <summary><c>log_likelihood</c> (sum of log alpha, paper), <c>cross_entropy</c> (mean of -log(1 - alpha), official), or <c>auto</c>.</summary>
    public string Sparsity { get; set; } = "auto";

    /// <summary>Steps of the warm-up.</summary>
    public int WarmUpIters { get; set; } = 4000;

    /// <summary>The momentum of the weights' SGD during the search; the official code's 0.9.</summary>
    public double Momentum { get; set; } = 0.9;

    /// <summary>The logits' learning rate.</summary>
    public double PolicyLr { get; set; } = 0.01;

    /// <summary>The decay of the mean of gradients in the logits' Adam; the official code's 0.9.</summary>
    public double PolicyBeta1 { get; set; } = 0.9;

    /// <summary>The decay of their squares; the official code's 0.999.</summary>
    public double PolicyBeta2 { get; set; } = 0.999;

    /// <summary>The logits' decay, an L2 term in the gradient; the official code's 5e-4.</summary>
    public double PolicyWeightDecay { get; set; } = 5e-4;

    /// <summary>The weight of the sparsity loss.</summary>
    public double RegW { get; set; } = 0.001;

    /// <summary>The weight of the sharing loss.</summary>
    public double RegWHamming { get; set; } = 0.05;

    /// <summary>The same as <c>train.decay_lr_freq</c> for the weights during the search; absent means constant.</summary>
    public int? PolicyDecayLrFreq { get; set; }

    /// <summary>The factor of <see cref="PolicyDecayLrFreq"/>.</summary>
    public double? PolicyDecayLrRate { get; set; }

    /// <summary>Read for compatibility: the official code has this key and never uses it; the temperature decays once a search cycle.</summary>
    public int? DecayTempFreq { get; set; }

    /// <summary>The Gumbel temperature at the start of the search.</summary>
    public double InitTemp { get; set; } = 5;

    /// <summary>The factor on the temperature after each search cycle.</summary>
    public double DecayTemp { get; set; } = 0.965;

    /// <summary>Which policy is sampled for retraining: <c>best</c> on the validation part, or <c>latest</c>.</summary>
    public string PolicyIter { get; set; } = "best";

    /// <summary>Read for compatibility: the official code starts the search from this checkpoint; a run here always goes on from its own.</summary>
    public string? WhichIter { get; set; }

    /// <summary><c>equal</c> (0.5), <c>random</c> (1e-3 normal) or <c>all_chosen</c> (0 and <c>init_neg_logits</c>).</summary>
    public string InitMethod { get; set; } = "equal";

    /// <summary>Whether gates are one-hot in the forward pass with the soft sample's gradient (straight-through).</summary>
    public bool HardSampling { get; set; }

    /// <summary>Weight steps a search cycle; absent means one epoch of the weights' part.</summary>
    public int? WeightIterAlternate { get; set; }

    /// <summary>Policy steps a search cycle; absent means one epoch of the policy's part.</summary>
    public int? AlphaIterAlternate { get; set; }

    /// <summary>How many discrete policies are sampled from the learnt distribution, each retrained on its own.</summary>
    public int Policies { get; set; } = 8;

    /// <summary>Which policies are retrained: <c>sampled</c> ones (the paper), or <c>arg_max</c>, the one of the likelier decisions.</summary>
    public string PoliciesFrom { get; set; } = "sampled";

    /// <summary>Whether the policy of the likelier decisions is retrained too, beside the sampled ones. It is reported, and never the run's result.</summary>
    public bool CompareArgMax { get; set; }

    /// <summary>Whether the run ends with the same network under hard sharing, trained from fresh weights for as many steps as a retraining: the comparison at equal budget.</summary>
    public bool CompareHardSharing { get; set; }
}
