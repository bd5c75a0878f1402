using System.Globalization;
using System.Text;

namespace AdaShare.Native.Tests;

/// <summary>Folders of texts in the form of Zhang, Zhao and LeCun, generated: the class decides which words stand among others, so that it can be learnt.</summary>
internal static class TextCsv
{
    private static readonly string[] Filler = ["and", "the", "of", "in", "a", "to", "it", "was", "for", "on"];

    // Six words a task, two a class; letters are told apart more easily than meanings.
    private static readonly string[] Words = ["zebra", "quartz", "jelly", "vivid", "kiwi", "buzz", "fox", "wax", "pygmy", "hymn", "gizmo", "cobb"];

    /// <summary>Writes a task's folder <c>NAME_csv</c>.</summary>
    /// <param name="root">The folder of all tasks.</param>
    /// <param name="task">The task's name.</param>
    /// <param name="number">The task's number: others mean other words.</param>
    /// <param name="classes">Classes, 2 to 6.</param>
    /// <param name="train">Rows to train on.</param>
    /// <param name="test">Rows of the test.</param>
    /// <param name="words">Words of a text.</param>
    /// <returns>The task's folder.</returns>
    public static string Write(string root, string task, int number, int classes = 3, int train = 60, int test = 24, int words = 8)
    {
        string folder = Directory.CreateDirectory(Path.Combine(root, task + "_csv")).FullName;
        File.WriteAllLines(Path.Combine(folder, "classes.txt"), Enumerable.Range(0, classes).Select(c => $"class {c}"));
        File.WriteAllText(Path.Combine(folder, "readme.txt"), "generated");
        var random = new Random(100 + number);
        File.WriteAllText(Path.Combine(folder, "train.csv"), Rows(random, number, classes, train, words));
        File.WriteAllText(Path.Combine(folder, "test.csv"), Rows(random, number, classes, test, words));
        return folder;
    }

    private static string Rows(Random random, int number, int classes, int count, int words)
    {
        var text = new StringBuilder();
        for (int row = 0; row < count; row++)
        {
            int c = row % classes;
            string[] told = [.. Enumerable.Range(0, words).Select(w => w % 2 == 0 ? Words[((2 * c) + (5 * number) + random.Next(2)) % Words.Length] : Filler[random.Next(Filler.Length)])];
            string half = string.Join(' ', told[..(words / 2)]), rest = string.Join("\\n", told[(words / 2)..]);
            text.Append(CultureInfo.InvariantCulture, $"\"{c + 1}\",\"{char.ToUpperInvariant(half[0])}{half[1..]}\",\"said: \"\"{rest}\"\", twice\"\n");
        }

        return text.ToString();
    }
}
