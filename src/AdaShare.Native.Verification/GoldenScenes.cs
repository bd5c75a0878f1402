using System.Text.Json;
using AdaShare.Native.Data.Scenes;

namespace AdaShare.Native.Verification;

/// <summary>The procedural scenes that a golden run was recorded on: the product draws them itself.</summary>
/// <param name="Seed">Their seed.</param>
/// <param name="Height">Rows of an image.</param>
/// <param name="Width">Columns of an image.</param>
/// <param name="Train1">Scenes of the weights' part.</param>
/// <param name="Train2">Scenes of the policy's part.</param>
/// <param name="Validation">Scenes for selection.</param>
/// <param name="Test">Scenes for the test.</param>
public sealed record GoldenScenes(ulong Seed, int Height, int Width, int Train1, int Train2, int Validation, int Test)
{
    /// <summary>The scenes that a golden file's configuration names; null where it names none.</summary>
    internal static GoldenScenes? Of(JsonElement config) => !config.TryGetProperty("scenes", out JsonElement scenes)
        ? null
        : new GoldenScenes(
            scenes.Member("seed").GetUInt64(), scenes.Member("size").Item(0).GetInt32(), scenes.Member("size").Item(1).GetInt32(), scenes.Member("train1").GetInt32(),
            scenes.Member("train2").GetInt32(), scenes.Member("val").GetInt32(), scenes.Member("test").GetInt32());

    /// <summary>Draws the scenes into a folder in the layout of NYU v2.</summary>
    /// <param name="directory">A folder that is missing or empty.</param>
    /// <param name="stop">Stops between two scenes; nothing of them is left then.</param>
    /// <exception cref="Engine.Errors.DataException">It can't be written.</exception>
    public void Write(string directory, CancellationToken stop = default) => SceneWriter.Write(
        new ProceduralScenes(new ProceduralSceneOptions
        {
            Seed = Seed,
            Height = Height,
            Width = Width,
            TrainWeights = Train1,
            TrainPolicy = Train2,
            Validation = Validation,
            Test = Test,
            CacheBytes = 0,
        }),
        directory, progress: null, stop);
}
