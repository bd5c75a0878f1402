using System.Globalization;
using System.Text;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.CelebA;

/// <summary>The files of CelebA: where they lie, and what its two lists say.</summary>
/// <remarks>
/// <c>list_attr_celeba.txt</c>: the number of images, the names of the attributes, and a line for each image, its file and 1 or -1 for each attribute. <c>list_eval_partition.txt</c>: a
/// file and 0 (training), 1 (validation) or 2 (test) in each line. They lie in the folder itself (torchvision) or in <c>Anno</c> and <c>Eval</c> (as published); <c>img_align_celeba</c>
/// in the folder or in <c>Img</c>.
/// </remarks>
internal sealed class CelebAFolder(string root)
{
    /// <summary>The list of attributes.</summary>
    public const string AttributesFile = "list_attr_celeba.txt";

    private const string PartsFile = "list_eval_partition.txt", ImagesFolder = "img_align_celeba";
    private static readonly char[] Blanks = [' ', '\t'];

    /// <summary>Whether a folder has the list of attributes.</summary>
    public static bool IsIn(string root) => File.Exists(Path.Combine(root, AttributesFile)) || File.Exists(Path.Combine(root, "Anno", AttributesFile));

    /// <summary>Reads both lists.</summary>
    /// <param name="notices">Images that no list names.</param>
    /// <exception cref="DataException">A list is missing or damaged, or the two do not fit each other; the message names the file and line.</exception>
    public ExampleParts<CelebAExample> Read(List<string> notices)
    {
        if (!Directory.Exists(root))
        {
            throw new DataException($"{root}: there is no such folder; expected that of CelebA, with {AttributesFile}, {PartsFile} and {ImagesFolder}");
        }

        string attributesPath = Place("Anno", AttributesFile), partsPath = Place("Eval", PartsFile), images = Place("Img", ImagesFolder);
        Dictionary<string, CelebAExample> examples = Attributes(attributesPath, images);
        var parts = new List<CelebAExample>[] { [], [], [] };
        var seen = new HashSet<string>();
        foreach ((int line, string[] fields) in Lines(partsPath))
        {
            string file = fields[0];
            if (fields.Length != 2 || fields[1] is not ("0" or "1" or "2"))
            {
                throw new DataException($"{partsPath}, line {line}: is '{Shown.Of(string.Join(' ', fields))}'; expected an image and 0, 1 or 2, such as 000001.jpg 0");
            }

            if (!seen.Add(file))
            {
                throw new DataException($"{partsPath}, line {line}: {Shown.Of(file)} stands in the list a second time; remove one line");
            }

            parts[fields[1][0] - '0'].Add(examples.GetValueOrDefault(file) ?? throw new DataException($"{partsPath}, line {line}: {Shown.Of(file)} is not in {attributesPath}; download both lists again"));
        }

        if (examples.Keys.FirstOrDefault(file => !seen.Contains(file)) is { } missing)
        {
            throw new DataException($"{partsPath}: has no line for {Shown.Of(missing)}, which is in {attributesPath}; download both lists again");
        }

        return Divided(parts, partsPath, images, seen, notices);
    }

    private static ExampleParts<CelebAExample> Divided(List<CelebAExample>[] parts, string partsPath, string images, HashSet<string> listed, List<string> notices)
    {
        if (parts[0].Count < 2 || parts[1].Count == 0 || parts[2].Count == 0)
        {
            throw new DataException($"{partsPath}: has {parts[0].Count} images of training, {parts[1].Count} of validation and {parts[2].Count} of test; expected 2 or more to train on, and 1 or more of each other");
        }

        FolderListing.AddNotice(notices, images, [.. FolderListing.Read(images, "", ".jpg").Files.Where(file => !listed.Contains(file))], "image that no list names", "passed over", "images that no list names");
        Dictionary<string, CelebAExample> train = parts[0].ToDictionary(static example => example.Id);
        (IReadOnlyList<string> weights, IReadOnlyList<string> policy) = ExampleSplits.DivideTraining([.. train.Keys], seed: 0);
        return new([.. weights.Select(id => train[id])], [.. policy.Select(id => train[id])], [], parts[1], parts[2]);
    }

    private static Dictionary<string, CelebAExample> Attributes(string path, string images)
    {
        using IEnumerator<(int Line, string[] Fields)> lines = Lines(path).GetEnumerator();
        string[] Next(string expected) => lines.MoveNext() ? lines.Current.Fields : throw new DataException($"{path}: ends before {expected}; download it again");
        string[] first = Next("the number of images");
        if (first.Length != 1 || !int.TryParse(first[0], NumberStyles.None, CultureInfo.InvariantCulture, out int count))
        {
            throw new DataException($"{path}, line 1: is '{Shown.Of(string.Join(' ', first))}'; expected the number of images");
        }

        string[] names = Next("the names of the attributes");
        if (!names.Order(StringComparer.Ordinal).SequenceEqual(CelebAAttributes.Names.Order(StringComparer.Ordinal)))
        {
            string odd = names.Except(CelebAAttributes.Names).Select(static name => $"; {Shown.Of(name)} is none of them").FirstOrDefault() ?? "";
            throw new DataException($"{path}, line 2: names {names.Length} attributes{odd}; expected CelebA's {CelebAAttributes.Names.Count}, each once");
        }

        int[] numbers = Array.ConvertAll(names, static name => CelebAAttributes.Numbers[name]);
        var paths = new ListedPaths(images, path);
        var examples = new Dictionary<string, CelebAExample>();
        while (lines.MoveNext())
        {
            (int line, string[] fields) = lines.Current;
            string file = paths.Inside(fields[0]);
            if (!examples.TryAdd(fields[0], new CelebAExample(Path.GetFileNameWithoutExtension(file), paths.Full(file), Bits(path, line, fields, numbers))))
            {
                throw new DataException($"{path}, line {line}: {Shown.Of(fields[0])} stands in the list a second time; remove one line");
            }
        }

        return examples.Count == count ? examples : throw new DataException($"{path}: has {examples.Count} images, its first line says {count}; download it again");
    }

    private static ulong Bits(string path, int line, string[] fields, int[] numbers)
    {
        if (fields.Length != numbers.Length + 1)
        {
            throw new DataException($"{path}, line {line}: has {fields.Length} fields; expected an image and {numbers.Length} attributes");
        }

        ulong bits = 0;
        for (int i = 0; i < numbers.Length; i++)
        {
            bits |= fields[i + 1] switch
            {
                "1" => 1UL << numbers[i],
                "-1" => 0,
                _ => throw new DataException($"{path}, line {line}: attribute {CelebAAttributes.Names[numbers[i]]} is '{Shown.Of(fields[i + 1])}'; expected 1 or -1"),
            };
        }

        return bits;
    }

    private static IEnumerable<(int Line, string[] Fields)> Lines(string path)
    {
        int line = 0;
        foreach (string text in Encoding.UTF8.GetString(CodecFile.Read(path)).TrimStart('\uFEFF').Split('\n'))
        {
            line++;
            string[] fields = text.TrimEnd('\r').Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 0)
            {
                yield return (line, fields);
            }
        }
    }

    private string Place(string folder, string name) => Path.Exists(Path.Combine(root, folder, name)) ? Path.Combine(root, folder, name) : Path.Combine(root, name);
}
