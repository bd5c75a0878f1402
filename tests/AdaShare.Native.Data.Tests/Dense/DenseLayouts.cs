using System.Text.Json;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Scenes;

namespace AdaShare.Native.Data.Tests.Dense;

/// <summary>Writes scenes into the layouts of dense data sets.</summary>
internal static class DenseLayouts
{
    private const double Baseline = 0.209313, FocalLength = 2262.52;
    private static readonly int[] CityscapesSets = [2, 7, 19];
    private static readonly string[] CityscapesColumns = ["image", "depth", "label2", "label7", "label19"];
    private static readonly string[] TaskonomyColumns = ["rgb", "segmentsemantic", "normal", "depth_zbuffer", "keypoints2d", "edge_texture"];

    /// <summary>The label of NYU v2 that stands for each class of the scenes.</summary>
    private static readonly Dictionary<SceneClass, int> NyuNames = new()
    {
        [SceneClass.Wall] = 21,
        [SceneClass.Floor] = 11,
        [SceneClass.Ceiling] = 4,
        [SceneClass.Door] = 28,
        [SceneClass.Window] = 59,
        [SceneClass.Picture] = 64,
        [SceneClass.Table] = 19,
        [SceneClass.Chair] = 5,
        [SceneClass.Couch] = 83,
        [SceneClass.Cabinet] = 3,
        [SceneClass.Lamp] = 144,
        [SceneClass.Ball] = 1,
        [SceneClass.Box] = 26,
    };

    /// <summary>The weights of classes that are written for Taskonomy.</summary>
    public static float[] TaskonomyWeights { get; } = [.. Enumerable.Range(1, 17).Select(i => i / 8f)];

    /// <summary>MTAN's NYU v2, the first scenes to train on; types and orders of arrays differ from file to file.</summary>
    public static void MtanNyu(DenseFolder folder, Sample[] scenes, int train)
    {
        for (int i = 0; i < scenes.Length; i++)
        {
            (string part, int number) = MtanImage(folder, scenes[i], i, train);
            (int height, int width) = Size(scenes[i]);
            folder.WriteArray($"{part}/label/{number}.npy", DenseScenes.Classes(scenes[i], 13, ignored: -1), [height, width], i % 2 == 0 ? "f4" : "i8");
            folder.WriteArray($"{part}/depth/{number}.npy", DenseScenes.Depth(scenes[i]), [height, width, 1], i % 2 == 0 ? "f4" : "f8", fortran: i % 3 == 0);
            folder.WriteArray($"{part}/normal/{number}.npy", Masked(DenseScenes.Xyz(scenes[i]), 0), [height, width, 3], fortran: i % 3 == 1);
        }
    }

    /// <summary>MTAN's CityScapes with its three sets of classes.</summary>
    public static void MtanCityscapes(DenseFolder folder, Sample[] scenes, int train)
    {
        for (int i = 0; i < scenes.Length; i++)
        {
            (string part, int number) = MtanImage(folder, scenes[i], i, train);
            (int height, int width) = Size(scenes[i]);
            foreach (int classes in CityscapesSets)
            {
                folder.WriteArray($"{part}/label_{classes}/{number}.npy", DenseScenes.Classes(scenes[i], classes, ignored: -1), [height, width], "i1");
            }

            float[] inverse = [.. DenseScenes.Depth(scenes[i]).Select(depth => depth > 0 ? MathF.Round(Math.Min(0.49f, 0.5f / depth) * 65535) / 65535 : 0)];
            folder.WriteArray($"{part}/depth/{number}.npy", inverse, [height, width, 1]);
        }
    }

    /// <summary>The arrays of the official AdaShare CityScapes, without the list.</summary>
    public static void Cityscapes(DenseFolder folder, Sample[] scenes)
    {
        for (int i = 0; i < scenes.Length; i++)
        {
            (int height, int width) = Size(scenes[i]);
            folder.WriteArray($"image/{i}.npy", [.. DenseScenes.Rgb(scenes[i]).Select(value => value / 255f)], [height, width, 3]);
            folder.WriteArray($"depth/{i}.npy", [.. DenseScenes.Depth(scenes[i]).Select(depth => Math.Min(0.9f, depth / 20))], [height, width, 1]);
            foreach (int classes in CityscapesSets)
            {
                folder.WriteArray($"label{classes}/{i}.npy", DenseScenes.Classes(scenes[i], classes, ignored: -1), [height, width], "i1");
            }
        }
    }

    /// <summary>The entry of the official CityScapes list for a scene.</summary>
    public static string[] CityscapesRow(int number) => [.. CityscapesColumns.Select(column => $"{column}/{number}.npy")];

    /// <summary>CityScapes' own files, of three cities; every label id is there, and 255, the licence plates.</summary>
    public static void CityscapesOriginal(DenseFolder folder, Sample[] scenes, int train)
    {
        for (int i = 0; i < scenes.Length; i++)
        {
            (int height, int width) = Size(scenes[i]);
            string PathOf(string place, string ending) => CityscapesPath(place, i, train, ending);
            folder.WritePng(PathOf("leftImg8bit", "_leftImg8bit.png"), height, width, 3, DenseScenes.Rgb(scenes[i]));
            folder.WritePng(PathOf("gtFine", "_gtFine_labelIds.png"), height, width, 1, Enumerable.Range(0, height * width).Select(p => (byte)(p % 35 == 34 ? 255 : p % 35)));
            folder.Write(PathOf("gtFine", "_gtFine_polygons.json"), "{}");
            folder.WritePng16(PathOf("disparity", "_disparity.png"), height, width, DenseScenes.Depth(scenes[i]).Select((depth, p) => p % 9 == 2 ? 1 : Code(depth)));
            folder.Write(PathOf("camera", "_camera.json"), $$"""{"extrinsic": {"baseline": {{Baseline}}, "x": 1.7}, "intrinsic": {"fx": {{FocalLength}}, "fy": 2265.3} }""");
        }
    }

    /// <summary>Where a file of CityScapes' own is.</summary>
    public static string CityscapesPath(string folder, int i, int train, string ending)
    {
        (string part, string city) = i < train - 1 ? ("train", "aachen") : i < train ? ("train", "bochum") : ("val", "ulm");
        return $"{folder}/{part}/{city}/{city}_{i:D6}_000019{ending}";
    }

    /// <summary>The pictures and weights of the official AdaShare Taskonomy, without the list.</summary>
    public static void Taskonomy(DenseFolder folder, Sample[] scenes)
    {
        for (int i = 0; i < scenes.Length; i++)
        {
            (int height, int width) = Size(scenes[i]);
            string[] row = TaskonomyRow(i);
            folder.WritePng(row[0], height, width, 3, DenseScenes.Rgb(scenes[i]));
            folder.WritePng(row[1], height, width, 1, DenseScenes.Classes(scenes[i], 17, ignored: -1).Select(label => (byte)(label + 1)));
            folder.WritePng(row[2], height, width, 3, DenseScenes.Xyz(scenes[i]).Select((n, p) => (byte)(p / 3 % 11 == 5 ? 128 : Math.Round((n + 1) * 127.5))));
            folder.WritePng16(row[3], height, width, DenseScenes.Depth(scenes[i]).Select(depth => depth > 0 ? (int)(depth * 512) : 65535));
            folder.WritePng16(row[4], height, width, scenes[i].Labels[Label.Keypoints].Values.Select((heat, p) => p % 50 == 0 ? 9000 : (int)((heat + 1) * 180)));
            folder.WritePng16(row[5], height, width, scenes[i].Labels[Label.Edges].Values.Select(edge => (int)((edge + 1) * 3000)));
        }

        folder.WriteArray("semseg_prior_factor.npy", TaskonomyWeights, [17], "f8");
    }

    /// <summary>The entry of the Taskonomy list for a scene.</summary>
    public static string[] TaskonomyRow(int number) => [.. TaskonomyColumns.Select(column => $"{column}/{number}_{column}.png")];

    /// <summary>Writes one of the official lists.</summary>
    public static void List(DenseFolder folder, string file, Dictionary<string, int[]> modes, Func<int, string[]> row) =>
        folder.Write(file, JsonSerializer.Serialize(modes.ToDictionary(mode => mode.Key, mode => mode.Value.Select(row).ToArray())));

    /// <summary>NYU v2's original files, by Python, whole in the folder <c>0</c>, and damaged in the folders 1 to a number.</summary>
    public static void NyuMat(DenseFolder folder, Sample[] scenes, int lastVariant)
    {
        using var planes = new DenseFolder();
        (int height, int width) = Size(scenes[0]);
        void Put(string name, IEnumerable<float> values) => planes.Write(name, IndependentReader.Bytes(values));
        Put("sizes", [scenes.Length, height, width]);
        Put("images", scenes.SelectMany(DenseScenes.Rgb).Select(value => (float)value));
        Put("labels", scenes.SelectMany(scene => scene.Labels[Label.Segmentation].Values.Select((label, i) => i % 7 == 3 ? 0f : NyuNames[(SceneClass)label])));
        Put("depths", scenes.SelectMany(scene => scene.Labels[Label.Depth].Values));
        Put("raw", scenes.SelectMany(DenseScenes.Depth));
        IndependentReader.Run("write_nyu_mats", folder.Root, planes.Root, lastVariant, "h5py", "scipy");
    }

    /// <summary>Normals with every eleventh pixel in another form.</summary>
    public static float[] Masked(float[] normals, float value) => [.. normals.Select((n, i) => i / 3 % 11 == 5 ? value : n)];

    private static (int Height, int Width) Size(Sample scene) => (scene.Image.Height, scene.Image.Width);

    private static (string Part, int Number) MtanImage(DenseFolder folder, Sample scene, int i, int train)
    {
        (string part, int number) = i < train ? ("train", i) : ("val", i - train);
        (int height, int width) = Size(scene);
        folder.WriteArray(
            $"{part}/image/{number}.npy", [.. DenseScenes.Rgb(scene).Select(value => value / 255f)], [height, width, 3], number % 2 == 0 ? "f4" : "f8", fortran: number % 3 == 2);
        return (part, number);
    }

    private static int Code(float depth) => depth > 0 ? (int)Math.Round((Baseline * FocalLength / Math.Max(depth, 2) * 256) + 1) : 0;
}
