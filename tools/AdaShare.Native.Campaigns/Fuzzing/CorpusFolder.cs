using System.Globalization;
using AdaShare.Native.Data.Codecs;

namespace AdaShare.Native.Campaigns.Fuzzing;

/// <summary>Six pictures of 4 x 3 pixels in two folders with masks, depth and a table: what the descriptions of the corpus speak of.</summary>
internal static class CorpusFolder
{
    private const int Count = 6;

    /// <summary>Writes everything but the description into an existing folder.</summary>
    public static void WriteFiles(string folder)
    {
        foreach (string part in (string[])["img/cat", "img/dog", "mask", "far"])
        {
            Directory.CreateDirectory(Path.Combine(folder, part));
        }

        string table = "file,wet,age,room\n";
        for (int i = 0; i < Count; i++)
        {
            string name = i.ToString("D2", CultureInfo.InvariantCulture), path = $"img/{(i % 2 == 0 ? "cat" : "dog")}/{name}";
            int number = i;
            Png.Write(Path.Combine(folder, path + ".png"), new ByteImage(4, 3, 3, [.. Enumerable.Range(0, 36).Select(p => (byte)((p * 5) + number))]));
            Png.Write(Path.Combine(folder, "mask", name + ".png"), new ByteImage(4, 3, 1, [.. Enumerable.Range(0, 12).Select(static p => (byte)(p % 3))]));
            NumpyArray.Write(Path.Combine(folder, "far", name + ".npy"), [3, 4], [.. Enumerable.Range(0, 12).Select(static p => (float)p)]);
            table += $"{name},{i % 2},{(i == 3 ? "" : $"{i}.5")},{(i < 3 ? "hall" : "bath")}\n";
        }

        File.WriteAllText(Path.Combine(folder, "labels.csv"), table);
        File.WriteAllText(Path.Combine(folder, "parts.json"), """{"train1": ["img/cat/00", "img/dog/01"], "train2": ["img/cat/02"], "validation": ["img/dog/03"], "test": ["img/cat/04", "img/dog/05"]}""");
    }
}
