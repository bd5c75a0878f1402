namespace AdaShare.Native.Methods.Sluice;

/// <summary>The keys of section <c>sluice</c>.</summary>
public sealed class SluiceOptions
{
    /// <summary>How the weights of a mixture start, as in the official code.</summary>
    public const string Balanced = "balanced";

    /// <summary>How the weights of a mixture start, as in the official code.</summary>
    public const string Imbalanced = "imbalanced";

    /// <summary>Where heads read the last stage alone.</summary>
    public const string None = "none";

    /// <summary>Parts of the channels that are mixed each by itself, G: 2, the halves, or 1.</summary>
    public int Subspaces { get; set; } = 2;

    /// <summary>
    /// How the K G x K G weights of a stage start: <c>imbalanced</c>, <c>own_weight</c> for a part's own features and what is left to 1 shared by all others, or <c>balanced</c>, 1 / (K G) each.
    /// The official class starts imbalanced, its command line balanced.
    /// </summary>
    public string Init { get; set; } = Imbalanced;

    /// <summary>The weight of a part's own features at an imbalanced start.</summary>
    public double OwnWeight { get; set; } = 0.9;

    /// <summary>
    /// Whether each task's head reads a learnt mixture of its features behind all L stages, and how that starts: <c>none</c> (the last stage alone, so that the parameters are those of K
    /// backbones), <c>imbalanced</c> (0.9 for the last stage, 0.1 / (L - 1) for each other) or <c>balanced</c> (1 / L each).
    /// </summary>
    public string Beta { get; set; } = None;

    /// <summary>The weight of the penalty on filters of one half that resemble filters of the other; 0 for none. The official read-me says 0.1, its code 0 unless told otherwise.</summary>
    public double Orthogonality { get; set; } = 0.1;

    /// <summary>The factor on <c>train.backbone_lr</c> for the weights of mixtures. The official code has one rate for everything.</summary>
    public double RateFactor { get; set; } = 1;

    /// <summary>The folder of a <c>single_task</c> run whose networks the training starts from; nothing for fresh ones.</summary>
    public string? StartFrom { get; set; }
}
