using AdaShare.Native.Engine.Errors;
using AdaShare.Native.MultiTask.Configuration;

namespace AdaShare.Native.MultiTask.Losses;

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

/// <summary>Everything in which the paper and the official code differ, resolved from a configuration.</summary>
/// <param name="SharingWeights">Block weights of the sharing loss.</param>
/// <param name="SharingDistance">What it compares.</param>
/// <param name="Sparsity">The form of the sparsity loss.</param>
/// <param name="WeighSparsityByDepth">Whether the sparsity loss is 2 (l + 1) / L weighted, as the official code does without sharing.</param>
/// <param name="DecodedNormals">Whether normals are decoded to [-1, 1].</param>
/// <param name="DroppedBlocksSilent">Whether blocks that a fixed policy drops still move their running statistics.</param>
public sealed record LossRules(
    SharingWeights SharingWeights, SharingDistance SharingDistance, SparsityForm Sparsity, bool WeighSparsityByDepth, bool DecodedNormals, bool DroppedBlocksSilent)
{
    /// <summary>Resolves the modes <c>paper</c> and <c>official</c> and what overrides them.</summary>
    /// <exception cref="ConfigurationException">A value is unknown.</exception>
    public static LossRules Of(RunConfig config)
    {
        bool official = Choose("loss.mode", config.Loss.Mode, ("paper", false), ("official", true));
        SharingWeights weights = Choose(
            "loss.sharing_weights", config.Loss.SharingWeights, ("auto", official ? SharingWeights.Top : SharingWeights.Bottom),
            ("bottom", SharingWeights.Bottom), ("top", SharingWeights.Top), ("uniform", SharingWeights.Uniform));
        SharingDistance distance = Choose(
            "loss.sharing_distance", config.Loss.SharingDistance, ("auto", official ? SharingDistance.Logit : SharingDistance.Probability),
            ("probability", SharingDistance.Probability), ("logit", SharingDistance.Logit));
        SparsityForm sparsity = Choose(
            "loss.sparsity", config.Loss.Sparsity, ("auto", official ? SparsityForm.CrossEntropy : SparsityForm.LogLikelihood),
            ("log_likelihood", SparsityForm.LogLikelihood), ("cross_entropy", SparsityForm.CrossEntropy));
        bool decoded = Choose("dataload.normals", config.Dataload.Normals, ("auto", !official), ("decoded", true), ("raw", false));
        bool silent = Choose("retrain.dropped_blocks", config.Retrain.DroppedBlocks, ("auto", official), ("skip", false), ("compute", true));
        return new LossRules(
            config.DiffSparsityWeights ? weights : SharingWeights.Uniform, distance, sparsity,
            config.DiffSparsityWeights && !config.IsSharing, decoded, silent);
    }

    private static T Choose<T>(string key, string value, params ReadOnlySpan<(string Name, T Value)> choices)
    {
        var names = new List<string>();
        foreach ((string name, T choice) in choices)
        {
            if (name == value)
            {
                return choice;
            }

            names.Add(name);
        }

        throw new ConfigurationException($"{key}: {value} is not known; use {string.Join(", ", names)}");
    }
}
