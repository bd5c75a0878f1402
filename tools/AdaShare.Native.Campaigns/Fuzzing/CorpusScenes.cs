using AdaShare.Native.Data.Scenes;

namespace AdaShare.Native.Campaigns.Fuzzing;

/// <summary>Five scenes of 8 x 8 pixels: the files that the indices of the corpus name.</summary>
internal static class CorpusScenes
{
    /// <summary>The name of the index that the product writes beside the scenes.</summary>
    public const string Index = "scenes.json";

    /// <summary>Writes pictures and labels without an index into an existing folder.</summary>
    public static void WriteFiles(string folder)
    {
        string made = folder + ".new";
        WriteAll(made);
        foreach (string part in Directory.GetDirectories(made))
        {
            Directory.Move(part, Path.Combine(folder, Path.GetFileName(part)));
        }

        Directory.Delete(made, recursive: true);
    }

    /// <summary>Writes pictures, labels and index into a folder that is missing.</summary>
    public static void WriteAll(string folder) => SceneWriter.Write(
        new ProceduralScenes(new ProceduralSceneOptions { Seed = 1, Height = 8, Width = 8, TrainWeights = 2, TrainPolicy = 1, Validation = 1, Test = 1, CacheBytes = 0 }), folder);
}
