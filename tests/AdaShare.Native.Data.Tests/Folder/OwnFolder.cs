using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.Folder;

namespace AdaShare.Native.Data.Tests.Folder;

/// <summary>A folder of one's own, made for one test and removed after it. Every image is of 3 x 4 pixels.</summary>
internal sealed class OwnFolder : IDisposable
{
    public const int Height = 3;
    public const int Width = 4;

    public OwnFolder(string? description = null)
    {
        Root = Directory.CreateTempSubdirectory("own-").FullName;
        if (description is not null)
        {
            Text("dataset.yaml", description);
        }
    }

    public string Root { get; }

    public string Yaml => Path.Combine(Root, "dataset.yaml");

    /// <summary>Images of different colours, so that no two are one.</summary>
    public OwnFolder Images(string folder, int count, string ending = ".png")
    {
        for (int i = 0; i < count; i++)
        {
            Picture($"{folder}/{i:D2}{ending}", 3, p => (byte)((p * 3) + i));
        }

        return this;
    }

    public OwnFolder Picture(string path, int channels, Func<int, byte> value)
    {
        byte[] pixels = [.. Enumerable.Range(0, Height * Width * channels).Select(value)];
        return Bytes(path, Png.Encode(new ByteImage(Width, Height, channels, pixels)));
    }

    public OwnFolder Array(string path, Func<int, float> value, params int[] shape)
    {
        int[] sizes = shape.Length == 0 ? [Height, Width] : shape;
        return Bytes(path, NumpyArray.Encode(sizes, [.. Enumerable.Range(0, sizes.Aggregate(1, static (a, b) => a * b)).Select(value)]));
    }

    public OwnFolder Text(string path, string text) => Bytes(path, System.Text.Encoding.UTF8.GetBytes(text));

    public OwnFolder Bytes(string path, byte[] bytes)
    {
        string full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, bytes);
        return this;
    }

    public IDataset Open() => new FolderFormat().Open(new DatasetRequest(Root));

    /// <summary>The one example of an identity, in whatever part it is.</summary>
    public static Sample Load(IDataset dataset, string id)
    {
        foreach (Split part in new[] { Split.Train, Split.Validation, Split.Test })
        {
            for (int i = 0; i < dataset.Count(part); i++)
            {
                if (dataset.Id(part, i) == id)
                {
                    return dataset.Load(part, i, dataset.Labels);
                }
            }
        }

        throw new InvalidOperationException($"no example {id}");
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
