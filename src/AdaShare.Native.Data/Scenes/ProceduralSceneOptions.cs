using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Scenes;

/// <summary>What <see cref="ProceduralScenes"/> draws.</summary>
public sealed record ProceduralSceneOptions
{
    /// <summary>The largest height and width.</summary>
    public const int MaxSize = 4096;

    /// <summary>The largest number of samples along each side of a pixel.</summary>
    public const int MaxSamples = 8;

    /// <summary>The seed of all scenes. The same seed gives the same bytes.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Rows of each picture, 8 … <see cref="MaxSize"/>.</summary>
    public int Height { get; init; } = 96;

    /// <summary>Columns of each picture, 8 … <see cref="MaxSize"/>.</summary>
    public int Width { get; init; } = 96;

    /// <summary>The number of scenes on which weights are trained, 0 or more.</summary>
    public int TrainWeights { get; init; } = 480;

    /// <summary>The number of scenes on which the policy is learnt, 0 or more.</summary>
    public int TrainPolicy { get; init; } = 120;

    /// <summary>The number of scenes for selection, 0 or more.</summary>
    public int Validation { get; init; } = 80;

    /// <summary>The number of scenes for the final table, 0 or more.</summary>
    public int Test { get; init; } = 120;

    /// <summary>
    /// Samples of colour along each side of a pixel, 1 … <see cref="MaxSamples"/>; their mean smooths outlines. Labels are always taken at
    /// pixel centres.
    /// </summary>
    public int Samples { get; init; } = 1;

    /// <summary>True for surface normals in [-1, 1], false for the stored values 0 … 254.</summary>
    public bool DecodeNormals { get; init; } = true;

    /// <summary>The memory in bytes for scenes that were drawn before; 0 draws a scene each time that it is loaded.</summary>
    public long CacheBytes { get; init; } = 512L << 20;

    /// <summary>Says what is wrong with the options.</summary>
    /// <exception cref="ConfigurationException">A value is out of its range; the message names it.</exception>
    internal void Check()
    {
        Within("height", Height, 8, MaxSize);
        Within("width", Width, 8, MaxSize);
        Within("samples", Samples, 1, MaxSamples);
        Within("train weights", TrainWeights, 0, int.MaxValue);
        Within("train policy", TrainPolicy, 0, int.MaxValue);
        Within("validation", Validation, 0, int.MaxValue);
        Within("test", Test, 0, int.MaxValue);
        Within("cache bytes", CacheBytes, 0, long.MaxValue);
        Within("scenes in all", (long)TrainWeights + TrainPolicy + Validation + Test, 1, int.MaxValue);
        Within("samples in a picture", (long)Height * Width * Samples * Samples, 1, 1L << 27);
    }

    private static void Within(string name, long value, long low, long high)
    {
        if (value < low || value > high)
        {
            throw new ConfigurationException($"procedural scenes: {name} is {value}, which is out of range; give {low} to {high}");
        }
    }
}
