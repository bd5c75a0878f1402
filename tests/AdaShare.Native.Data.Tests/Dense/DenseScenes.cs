using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Scenes;

namespace AdaShare.Native.Data.Tests.Dense;

/// <summary>The pictures that the tests write into the layouts: procedural scenes, so that every value is known.</summary>
internal static class DenseScenes
{
    public const int Height = 24, Width = 32;

    private static readonly Label[] All = [Label.Segmentation, Label.SurfaceNormals, Label.Depth, Label.Keypoints, Label.Edges];

    /// <summary>So many scenes of a size.</summary>
    public static Sample[] Draw(int count, int height = Height, int width = Width)
    {
        var scenes = new ProceduralScenes(new() { Seed = 14, Height = height, Width = width, TrainWeights = count, TrainPolicy = 0, Validation = 0, Test = 0 });
        return [.. Enumerable.Range(0, count).Select(i => scenes.Load(Split.TrainWeights, i, All))];
    }

    /// <summary>Red, green, blue of a scene, 0 to 255.</summary>
    public static IEnumerable<byte> Rgb(Sample scene)
    {
        byte[] pixels = scene.Image.Pixels.ToArray();
        return Enumerable.Range(0, pixels.Length).Select(i => pixels[i + 2 - (2 * (i % 3))]);
    }

    /// <summary>x, y, z of a scene's normals.</summary>
    public static float[] Xyz(Sample scene)
    {
        float[] values = scene.Labels[Label.SurfaceNormals].Values;
        return [.. Enumerable.Range(0, values.Length).Select(i => values[i + 2 - (2 * (i % 3))])];
    }

    /// <summary>The classes of a scene; every seventh pixel has none.</summary>
    public static float[] Classes(Sample scene, int classes, float ignored) => [.. scene.Labels[Label.Segmentation].Values.Select((label, i) => i % 7 == 3 ? ignored : label % classes)];

    /// <summary>The depth of a scene in metres, at least 0; every fifth pixel is not known.</summary>
    public static float[] Depth(Sample scene) => [.. scene.Labels[Label.Depth].Values.Select((depth, i) => i % 5 == 1 ? 0 : depth)];
}
