using System.Globalization;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Mnist;

/// <summary>Finds and reads the four files of MNIST and of data sets in its form.</summary>
/// <remarks>
/// The names are those of the authors, <c>train-images-idx3-ubyte</c>, <c>train-labels-idx1-ubyte</c>, <c>t10k-images-idx3-ubyte</c> and <c>t10k-labels-idx1-ubyte</c>, with <c>.gz</c> or
/// without; also with a point before <c>idx</c>. They lie in the folder itself (as in Debian's <c>/usr/share/datasets/fashion-mnist</c>), in <c>raw</c>, or in <c>NAME/raw</c> (torchvision).
/// </remarks>
internal static class MnistFiles
{
    /// <summary>The number of classes.</summary>
    public const int Classes = 10;

    private const string Train = "train", Test = "t10k";

    /// <summary>Whether the training images lie in a folder.</summary>
    public static bool AreIn(string root, string name) => Directory.Exists(root) && Find(root, name, Train, "images", 3) is not null;

    /// <summary>Reads both parts.</summary>
    /// <exception cref="DataException">A file is missing or damaged, holds other classes, or does not fit its pair; the message names it.</exception>
    public static (IReadOnlyList<MnistExample> Train, IReadOnlyList<MnistExample> Test, int Height, int Width) Read(string root, string name)
    {
        if (!Directory.Exists(root))
        {
            throw new DataException($"{root}: there is no such folder; expected one with the four files of {name}");
        }

        (MnistExample[] train, string trainPath, int height, int width) = Part(root, name, Train);
        (MnistExample[] test, string testPath, int testHeight, int testWidth) = Part(root, name, Test);
        return (height, width) == (testHeight, testWidth)
            ? (train, test, height, width)
            : throw new DataException($"{testPath}: has images of {testHeight}x{testWidth} pixels, {trainPath} of {height}x{width}; expected one size; download both again");
    }

    private static (MnistExample[] Examples, string Path, int Height, int Width) Part(string root, string name, string part)
    {
        string imagesPath = Require(root, name, part, "images", 3), labelsPath = Require(root, name, part, "labels", 1);
        IdxFile images = IdxFile.Read(imagesPath, 3, "the number of images, rows and columns"), labels = IdxFile.Read(labelsPath, 1, "the number of images");
        (int count, int height, int width) = (images.Shape[0], images.Shape[1], images.Shape[2]);
        if (labels.Values.Length != count)
        {
            throw new DataException($"{labelsPath}: has {labels.Values.Length} labels, {imagesPath} {count} images; expected as many; download both again");
        }

        int odd = Array.FindIndex(labels.Values, static label => label >= Classes);
        return odd < 0
            ? ([.. Enumerable.Range(0, count).Select(i => new MnistExample(string.Create(CultureInfo.InvariantCulture, $"{part}-{i:D5}"), images.Values.AsMemory(i * height * width, height * width), labels.Values[i]))], imagesPath, height, width)
            : throw new DataException($"{labelsPath}: image {odd} has class {labels.Values[odd]}; expected 0 to {Classes - 1}; download it again");
    }

    private static string Require(string root, string name, string part, string what, int dimensions) =>
        Find(root, name, part, what, dimensions) ?? throw new DataException($"{Path.Combine(root, FileName(part, what, dimensions))}: there is no such file, with or without .gz, nor in raw or {Path.Combine(name, "raw")}; download the four files of {name}");

    private static string? Find(string root, string name, string part, string what, int dimensions)
    {
        string plain = FileName(part, what, dimensions), dotted = plain.Replace("-idx", ".idx", StringComparison.Ordinal);
        return new[] { root, Path.Combine(root, "raw"), Path.Combine(root, name, "raw") }
            .SelectMany(folder => new[] { plain, plain + ".gz", dotted, dotted + ".gz" }.Select(file => Path.Combine(folder, file))).FirstOrDefault(File.Exists);
    }

    private static string FileName(string part, string what, int dimensions) => string.Create(CultureInfo.InvariantCulture, $"{part}-{what}-idx{dimensions}-ubyte");
}
