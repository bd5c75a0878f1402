using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;

namespace AdaShare.Native.Methods.AdaShare;

/// <summary>How the sharing loss weighs block l of L (from 0).</summary>
public enum SharingWeights
{
    /// <summary>(L - l) / L: lower blocks count more (the paper).</summary>
    Bottom,

    /// <summary>(l + 1) / L: upper blocks count more (the official code).</summary>
    Top,

    /// <summary>1 for every block.</summary>
    Uniform,
}

/// <summary>What the sharing loss compares between two tasks.</summary>
public enum SharingDistance
{
    /// <summary>|alpha_i - alpha_j| (the paper).</summary>
    Probability,

    /// <summary>The difference of the raw select logits (the official code).</summary>
    Logit,
}

/// <summary>The form of the sparsity loss.</summary>
public enum SparsityForm
{
    /// <summary>The sum of log alpha (the paper).</summary>
    LogLikelihood,

    /// <summary>The mean over blocks of -log(1 - alpha), summed over tasks (the official code).</summary>
    CrossEntropy,
}

/// <summary>In what the paper's regularisers and the official code's differ, resolved from a configuration.</summary>
/// <param name="SharingWeights">Block weights of the sharing loss.</param>
/// <param name="SharingDistance">What it compares.</param>
/// <param name="Sparsity">The form of the sparsity loss.</param>
/// <param name="WeighSparsityByDepth">Whether the sparsity loss is 2 (l + 1) / L weighted, as the official code does without sharing.</param>
public sealed record LossRules(SharingWeights SharingWeights, SharingDistance SharingDistance, SparsityForm Sparsity, bool WeighSparsityByDepth)
{
    /// <summary>What the official code computes.</summary>
    public static LossRules Official { get; } = new(SharingWeights.Top, SharingDistance.Logit, SparsityForm.CrossEntropy, WeighSparsityByDepth: false);

    /// <summary>Resolves the modes <c>paper</c> and <c>official</c> and what overrides them.</summary>
    /// <exception cref="ConfigurationException">A value is unknown.</exception>
    public static LossRules Of(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        bool official = LossMode.IsOfficial(config);
        AdaShareOptions options = config.Options<AdaShareOptions>();
        SharingWeights weights = LossMode.Choose(
            "adashare.sharing_weights", options.SharingWeights, ("auto", official ? SharingWeights.Top : SharingWeights.Bottom),
            ("bottom", SharingWeights.Bottom), ("top", SharingWeights.Top), ("uniform", SharingWeights.Uniform));
        SharingDistance distance = LossMode.Choose(
            "adashare.sharing_distance", options.SharingDistance, ("auto", official ? SharingDistance.Logit : SharingDistance.Probability),
            ("probability", SharingDistance.Probability), ("logit", SharingDistance.Logit));
        SparsityForm sparsity = LossMode.Choose(
            "adashare.sparsity", options.Sparsity, ("auto", official ? SparsityForm.CrossEntropy : SparsityForm.LogLikelihood),
            ("log_likelihood", SparsityForm.LogLikelihood), ("cross_entropy", SparsityForm.CrossEntropy));
        return new LossRules(options.DiffSparsityWeights ? weights : SharingWeights.Uniform, distance, sparsity, options.DiffSparsityWeights && !options.IsSharing);
    }
}
