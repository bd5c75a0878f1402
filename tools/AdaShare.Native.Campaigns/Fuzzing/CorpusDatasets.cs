using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using PureHDF;

namespace AdaShare.Native.Campaigns.Fuzzing;

/// <summary>The corpus of readers of data sets: descriptions, tables, lists, and the binary forms in which data sets are published, which the product reads and does not write.</summary>
internal static class CorpusDatasets
{
    private const string Everything =
        """
        name: everything
        images: "img/**"
        parts: parts.json
        input: {order: rgb, mean: [123.7, 116.3, 103.5], deviation: [58.4, 57.1, 57.4]}
        tasks:
          mask: {kind: seg, files: "mask/{stem}.png", classes: [none, cat, dog], ignore: 9, class_weights: [0.5, 1, 2]}
          far: {kind: depth, files: "far/{stem}.npy", scale: 0.001, weight: 2}
          edge: {kind: edge, files: "far/{stem}.npy", offset: -5.5, scale: 0.1}
          wet: {kind: attributes, table: labels.csv, image: file, columns: [wet]}
          age: {kind: values, table: labels.csv, image: file, columns: [age], scale: 0.1}
          room: {kind: class, table: labels.csv, image: file, column: room}

        """;

    private const string Domains =
        """
        seed: 3
        tasks:
          animal: {kind: class, images: "img/*/*", folder: 1}
          paint: {kind: seg, images: "mask/*.png", files: "mask/{stem}.png", classes: 3}

        """;

    private const string Table = "file,wet,age,\"the \"\"room\"\", or hall\"\r\n00.png,1,3.5,hall\r\n01.png,0,,\"bath,\nblue\"\r\n02.png,1,-2e3,hall\r\n";

    private const string List = "photo/dog/056_0001.jpg 1\nphoto/dog/056_0002.jpg 1\nphoto/elephant/064_0001.jpg 2\nphoto/person/253_0198.jpg 7\n";

    private const string Parts = """{"train": {"real": [0, 1, 2], "sketch": [0, 3]}, "train1": {"real": [0, 1], "sketch": [0]}, "train2": {"real": [2], "sketch": [3]}, "val": {"real": [0], "sketch": []}, "test": {"real": [0, 1], "sketch": [1]}}""";

    /// <summary>Writes all files.</summary>
    public static void Write(Func<string, string, string> path)
    {
        File.WriteAllText(path("dataset", "everything.yaml"), Everything);
        File.WriteAllText(path("dataset", "domains.yaml"), Domains);
        File.WriteAllText(path("csv", "labels.csv"), Table);
        File.WriteAllText(path("csv", "one.csv"), "image\n");
        File.WriteAllText(path("domain-list", "photo.txt"), List);
        File.WriteAllText(path("domain-parts", "parts.json"), Parts);
        WriteMatlab(path);
        WriteIdx(path);
        WriteHdf5(path("hdf5", "labeled.mat"));
    }

    /// <summary>Plain, packed and with small elements,.</summary>
    private static void WriteMatlab(Func<string, string, string> path)
    {
        byte[] numbers = [.. Enumerable.Range(0, 6).SelectMany(static i => BitConverter.GetBytes(i / 2.0))];
        byte[] matrix = Element(14, [.. Element(6, [6, 0, 0, 0, 0, 0, 0, 0]), .. Element(5, [3, 0, 0, 0, 2, 0, 0, 0]), .. Element(1, "ndxs"u8.ToArray()), .. Element(9, numbers)]);
        byte[] small = Element(14, [.. Element(6, [9, 0, 0, 0, 0, 0, 0, 0]), .. Element(5, [1, 0, 0, 0, 2, 0, 0, 0]), 1, 0, 2, 0, (byte)'a', (byte)'b', 0, 0, 2, 0, 2, 0, 7, 8, 0, 0]);
        using var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(matrix);
        }

        File.WriteAllBytes(path("matlab", "plain.mat"), [.. Head("IM"), .. matrix, .. small]);
        File.WriteAllBytes(path("matlab", "packed.mat"), [.. Head("IM"), 15, 0, 0, 0, .. BitConverter.GetBytes((int)packed.Length), .. packed.ToArray(), .. small]);
    }

    private static byte[] Head(string order)
    {
        byte[] head = [.. Encoding.ASCII.GetBytes("MATLAB 5.0 MAT-file".PadRight(124)), 0, 1, .. Encoding.ASCII.GetBytes(order)];
        return head;
    }

    /// <summary>An element, filled up to 8 bytes.</summary>
    private static byte[] Element(int type, byte[] data) => [.. BitConverter.GetBytes(type), .. BitConverter.GetBytes(data.Length), .. data, .. new byte[(8 - (data.Length % 8)) % 8]];

    private static void WriteIdx(Func<string, string, string> path)
    {
        byte[] head = new byte[16];
        (head[2], head[3]) = (8, 3);
        foreach ((int place, int size) in ((int, int)[])[(4, 3), (8, 4), (12, 5)])
        {
            BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(place), size);
        }

        byte[] file = [.. head, .. Enumerable.Range(0, 60).Select(static i => (byte)(i * 4))];
        File.WriteAllBytes(path("idx", "images"), file);
        using var packed = new FileStream(path("idx", "images.gz"), FileMode.Create);
        using var gzip = new GZipStream(packed, CompressionLevel.Optimal);
        gzip.Write(file);
    }

    /// <summary>Two examples of 5 x 4 pixels; dimensions the other way round, as MATLAB writes them.</summary>
    private static void WriteHdf5(string path)
    {
        const int Examples = 2, Columns = 5, Rows = 4;
        var images = new byte[Examples, 3, Columns, Rows];
        var labels = new ushort[Examples, Columns, Rows];
        var depths = new float[Examples, Columns, Rows];
        for (int e = 0; e < Examples; e++)
        {
            for (int i = 0; i < Columns * Rows; i++)
            {
                (int x, int y) = (i / Rows, i % Rows);
                (images[e, 0, x, y], images[e, 1, x, y], images[e, 2, x, y]) = ((byte)(i * 9), (byte)(i + e), (byte)(255 - i));
                (labels[e, x, y], depths[e, x, y]) = ((ushort)(i % 3), 1 + (i / 4f));
            }
        }

        new H5File { ["images"] = images, ["labels"] = labels, ["depths"] = depths }.Write(path);
    }
}
