using AdaShare.Native.Data.Registry;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Learning.Configuration;

/// <summary>What follows from <c>loss.mode</c>, <c>paper</c> or <c>official</c>, where a key says <c>auto</c>.</summary>
public static class LossMode
{
    /// <summary>Whether the official code's choices are made.</summary>
    /// <exception cref="ConfigurationException">The mode is unknown.</exception>
    public static bool IsOfficial(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return Choose("loss.mode", config.Loss.Mode, ("paper", false), ("official", true));
    }

    /// <summary>Whether normals are decoded to [-1, 1]; otherwise they stay 0 … 255.</summary>
    /// <exception cref="ConfigurationException">A value is unknown.</exception>
    public static bool DecodesNormals(RunConfig config) =>
        Choose("dataload.normals", config.Dataload.Normals, ("auto", !IsOfficial(config) || OfficialDecodes(config.Dataload.Dataset)), ("decoded", true), ("raw", false));

    private static bool OfficialDecodes(string dataset) => DatasetRegistry.Find(dataset) is { OfficialDecodesNormals: true };

    /// <summary>Whether blocks that a fixed policy drops still move their running statistics.</summary>
    /// <exception cref="ConfigurationException">A value is unknown.</exception>
    public static bool ComputesDroppedBlocks(RunConfig config) =>
        Choose("model.dropped_blocks", config.Model.DroppedBlocks, ("auto", IsOfficial(config)), ("skip", false), ("compute", true));

    /// <summary>What a word stands for.</summary>
    /// <param name="key">The key, for the message.</param>
    /// <param name="value">The word.</param>
    /// <param name="choices">The words and what they stand for.</param>
    /// <exception cref="ConfigurationException">The word is none of them.</exception>
    public static T Choose<T>(string key, string value, params ReadOnlySpan<(string Name, T Value)> choices)
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
