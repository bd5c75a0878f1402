using System.Runtime.ExceptionServices;
using System.Text.Json;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Checkpoints;
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
/// <c>scenes.json</c> names the classes and the scenes of each part (train1, train2, val, test). The folder is complete or absent (see
/// <see cref="AtomicFolder"/>), and nothing but older scenes is ever replaced.
/// </remarks>
public static class SceneWriter
{
    private const string IndexName = "scenes.json";
    private static readonly string[] Folders = ["img", "seg", "normal_mask", "depth", "edge", "keypoint"];

    /// <summary>Writes every scene of every part into a folder that is missing or empty: it is complete or as it was.</summary>
    /// <param name="scenes">What to write.</param>
    /// <param name="directory">The folder.</param>
    /// <param name="progress">Told after each scene: how many are written, and how many there are. Never called twice at once.</param>
    /// <param name="cancellationToken">Stops the writing between two scenes.</param>
    /// <exception cref="DataException">The folder holds something already, or a file or folder can't be written; the message names it.</exception>
    /// <exception cref="OperationCanceledException">The writing was stopped; nothing of it is left.</exception>
    public static void Write(
        ProceduralScenes scenes, string directory, Action<int, int>? progress = null, CancellationToken cancellationToken = default) =>
        Write(scenes, directory, overwrite: false, progress, cancellationToken);

    /// <summary>Writes every scene of every part: the folder is complete or as it was.</summary>
    /// <param name="scenes">What to write.</param>
    /// <param name="directory">The folder; it is made where it is missing, and must be empty unless an older data set is to be replaced.</param>
    /// <param name="overwrite">Whether scenes that were written there before are replaced; a folder with anything else in it never is.</param>
    /// <param name="progress">Told after each scene: how many are written, and how many there are. Never called twice at once.</param>
    /// <param name="cancellationToken">Stops the writing between two scenes.</param>
    /// <exception cref="DataException">The folder holds something already, or a file or folder can't be written; the message names it.</exception>
    /// <exception cref="OperationCanceledException">The writing was stopped; nothing of it is left.</exception>
    public static void Write(
        ProceduralScenes scenes, string directory, bool overwrite, Action<int, int>? progress = null, CancellationToken cancellationToken = default)
    {
        // A folder of bare images and labels would be read without its index: it must not be there before it is complete.
        if (overwrite && !File.Exists(Path.Combine(directory, IndexName)) && Folders.FirstOrDefault(folder => Directory.Exists(Path.Combine(directory, folder))) is { } foreign)
        {
            throw new DataException($"{directory}: has a folder {foreign} and no {IndexName}, so it is no folder of scenes that may be replaced; choose another --out");
        }

        AtomicFolder.Write(directory, Folders[0], folder => WriteAll(scenes, folder, progress, cancellationToken), overwrite ? IsOwn : null);
    }

    private static bool IsOwn(string entry) => entry == IndexName || Folders.Contains(entry);

    private static void WriteAll(ProceduralScenes scenes, string directory, Action<int, int>? progress, CancellationToken cancellationToken)
    {
        foreach (string folder in Folders)
        {
            Directory.CreateDirectory(Path.Combine(directory, folder));
        }

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

        File.WriteAllBytes(Path.Combine(directory, IndexName), Index(scenes));
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

        void Put(string folder, string extension, byte[] content) => File.WriteAllBytes(Path.Combine(directory, folder, id + extension), content);
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
}
