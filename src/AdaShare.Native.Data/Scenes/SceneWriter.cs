using System.Runtime.ExceptionServices;
using System.Text.Json;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Scenes;

/// <summary>Writes procedural scenes as files, in the folder layout of NYU v2 with two more labels.</summary>
/// <remarks>
/// For each scene, named by its number (<see cref="ProceduralScenes.Id"/>):
/// <list type="bullet">
/// <item><c>img/NNNN.png</c>: 8-bit RGB.</item>
/// <item><c>seg/NNNN.png</c>: 8-bit grey, the class id.</item>
/// <item><c>normal_mask/NNNN.png</c>: 8-bit RGB, round((n + 1) * 127.5) of x, y and z, at most 254.</item>
/// <item><c>depth/NNNN.npy</c>, <c>edge/NNNN.npy</c>, <c>keypoint/NNNN.npy</c>: single precision, shape (height, width), C order.</item>
/// </list>
/// <c>scenes.json</c> names the classes and the scenes of each part (train1, train2, val, test). It is written last, and an older one is removed
/// first: a folder that holds one is complete.
/// </remarks>
public static class SceneWriter
{
    private const string IndexName = "scenes.json";
    private static readonly string[] Folders = ["img", "seg", "normal_mask", "depth", "edge", "keypoint"];

    /// <summary>Writes every scene of every part, replacing files of the same names.</summary>
    /// <param name="scenes">What to write.</param>
    /// <param name="directory">The folder; it is made where it is missing.</param>
    /// <param name="progress">Told after each scene: how many are written, and how many there are. Never called twice at once.</param>
    /// <param name="cancellationToken">Stops the writing between two scenes.</param>
    /// <exception cref="DataException">A file or folder can't be written; the message names it.</exception>
    /// <exception cref="OperationCanceledException">The writing was stopped; the folder has no <c>scenes.json</c>.</exception>
    public static void Write(
        ProceduralScenes scenes, string directory, Action<int, int>? progress = null, CancellationToken cancellationToken = default)
    {
        string index = Path.Combine(directory, IndexName);
        foreach (string folder in Folders)
        {
            Guard(Path.Combine(directory, folder), path => Directory.CreateDirectory(path));
        }

        Guard(index, File.Delete);
        (Split Part, int Index)[] all = [.. ProceduralScenes.Parts.SelectMany(part => Enumerable.Range(0, scenes.Count(part)).Select(i => (part, i)))];
        int written = 0;
        var turn = new Lock();
        try
        {
            Parallel.ForEach(all, new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount }, item =>
            {
                WriteScene(scenes.Draw(item.Part, item.Index), directory, scenes.Id(item.Part, item.Index));
                lock (turn)
                {
                    written++;
                    progress?.Invoke(written, all.Length);
                }
            });
        }
        catch (AggregateException error)
        {
            // One full disk fails every thread in the same way: the first message says it.
            ExceptionDispatchInfo.Throw(error.Flatten().InnerExceptions[0]);
        }

        byte[] json = Index(scenes);
        Guard(index, path => File.WriteAllBytes(path, json));
    }

    private static void WriteScene(RenderedScene scene, string directory, string id)
    {
        int[] shape = [scene.Height, scene.Width];
        Put("img", ".png", Picture(3, Reversed(scene.Image)));
        Put("seg", ".png", Picture(1, scene.Classes));
        Put("normal_mask", ".png", Picture(3, Reversed(scene.Normals)));
        Put("depth", ".npy", NumpyArray.Encode(shape, scene.Depth));
        Put("edge", ".npy", NumpyArray.Encode(shape, scene.Edges));
        Put("keypoint", ".npy", NumpyArray.Encode(shape, scene.Keypoints));

        // Thousands of small files are written once: speed counts for more than size.
        byte[] Picture(int channels, byte[] pixels) => Png.Encode(new ByteImage(scene.Width, scene.Height, channels, pixels), PngEffort.Fast);

        void Put(string folder, string extension, byte[] content) =>
            Guard(Path.Combine(directory, folder, id + extension), path => File.WriteAllBytes(path, content));
    }

    /// <summary>B, G, R pixels as R, G, B.</summary>
    private static byte[] Reversed(byte[] pixels)
    {
        var reversed = new byte[pixels.Length];
        for (int i = 0; i < pixels.Length; i += 3)
        {
            reversed[i] = pixels[i + 2];
            reversed[i + 1] = pixels[i + 1];
            reversed[i + 2] = pixels[i];
        }

        return reversed;
    }

    private static byte[] Index(ProceduralScenes scenes)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            WriteArray(json, "classes", scenes.ClassNames);
            json.WriteStartObject("splits");
            foreach (Split part in ProceduralScenes.Parts)
            {
                WriteArray(json, ProceduralScenes.PartName(part), Enumerable.Range(0, scenes.Count(part)).Select(i => scenes.Id(part, i)));
            }

            json.WriteEndObject();
            json.WriteNumber("seed", scenes.Options.Seed);
            json.WriteStartArray("size");
            json.WriteNumberValue(scenes.Options.Height);
            json.WriteNumberValue(scenes.Options.Width);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void WriteArray(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private static void Guard(string path, Action<string> write)
    {
        try
        {
            write(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            string cause = error.Message.ReplaceLineEndings(" ");
            throw new DataException($"{path}: can't be written ({cause}); choose a folder that you may write to, on a disk with free space", error);
        }
    }
}
