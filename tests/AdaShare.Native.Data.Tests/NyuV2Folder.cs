using System.Text.Json;
using AdaShare.Native.Data.Codecs;

namespace AdaShare.Native.Data.Tests;

/// <summary>A small data set in the layout of NYU v2, made for one test and removed after it.</summary>
internal sealed class NyuV2Folder : IDisposable
{
    public const int Height = 3;
    public const int Width = 4;

    private static readonly byte[] Image = Ramp(3, 5);
    private static readonly byte[] Segmentation = Ramp(1, 1);
    private static readonly byte[] Normals = Ramp(3, 7, ignored: 3);
    private static readonly byte[] Depth = NumpyArray.Encode([Height, Width], [.. Enumerable.Range(0, Height * Width).Select(i => 0.5f + (i * 0.25f))]);

    public NyuV2Folder(int examples)
    {
        Root = Directory.CreateTempSubdirectory("nyu-").FullName;
        foreach (string folder in new[] { "img", "seg", "normal_mask", "depth" })
        {
            Directory.CreateDirectory(Path.Combine(Root, folder));
        }

        for (int i = 0; i < examples; i++)
        {
            Add(Id(i));
        }
    }

    public string Root { get; }

    public static string Id(int index) => $"{index:D4}";

    /// <summary>The row of the official list for an example.</summary>
    public static string[] Row(int index) => [$"img/{Id(index)}.png", $"seg/{Id(index)}.png", $"normal_mask/{Id(index)}.png", $"depth/{Id(index)}.npy"];

    public string PathOf(string folder, int index) => Path.Combine(Root, folder, Id(index) + (folder == "depth" ? ".npy" : ".png"));

    public void WriteList(Dictionary<string, IEnumerable<int>> modes) => File.WriteAllText(
        Path.Combine(Root, "nyu_v2_3task.json"), JsonSerializer.Serialize(modes.ToDictionary(mode => mode.Key, mode => mode.Value.Select(Row).ToArray())));

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private void Add(string id)
    {
        File.WriteAllBytes(Path.Combine(Root, "img", id + ".png"), Image);
        File.WriteAllBytes(Path.Combine(Root, "seg", id + ".png"), Segmentation);
        File.WriteAllBytes(Path.Combine(Root, "normal_mask", id + ".png"), Normals);
        File.WriteAllBytes(Path.Combine(Root, "depth", id + ".npy"), Depth);
    }

    /// <summary>A PNG file with the values 0, step, 2 step, …</summary>
    private static byte[] Ramp(int channels, int step, int? ignored = null)
    {
        byte[] values = [.. Enumerable.Range(0, Height * Width * channels).Select(i => (byte)(i == ignored ? 255 : i * step))];
        return Png.Encode(new ByteImage(Width, Height, channels, values));
    }
}
