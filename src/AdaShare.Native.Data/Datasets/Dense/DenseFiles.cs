using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Dense;

/// <summary>Looks at the files of examples without reading what they hold.</summary>
internal static class DenseFiles
{
    /// <summary>Every file is there, and no image is in two examples under other names: a test image must not be trained on.</summary>
    /// <exception cref="DataException">A file is missing or empty, or an image is twice; the message names it.</exception>
    public static void Require(IEnumerable<(DenseExample Example, Split Part)> examples)
    {
        var owners = new Dictionary<string, (DenseExample Example, Split Part)>();
        foreach ((DenseExample example, Split part) in examples)
        {
            foreach ((string file, string path) in example.Files)
            {
                string place = Require(example, path);
                if (file == DenseExample.ImageFile && !owners.TryAdd(place, (example, part)))
                {
                    (DenseExample other, Split otherPart) = owners[place];
                    throw new DataException(
                        $"{path}: the image of example '{example.Id}' ({part}) is the same file as {other.Image} of example '{other.Id}' ({otherPart}); "
                        + "an image must be in one example alone: remove it from one");
                }
            }
        }
    }

    /// <summary>A sign of a file's content, see <see cref="FileFingerprint"/>.</summary>
    /// <exception cref="DataException">It is missing or can't be read; the message names it.</exception>
    public static string Fingerprint(string id, string path)
    {
        try
        {
            return FileFingerprint.Of(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unusable(id, path, error);
        }
    }

    /// <returns>Where the file lies, the same for all its names.</returns>
    private static string Require(DenseExample example, string path)
    {
        try
        {
            FileIdentity file = RegularFile.Identify(path);
            return file.Length > 0 ? file.Place : throw new DataException($"{path}: is empty, but example '{example.Id}' needs it; restore it, or remove the example");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            string cause = new FileInfo(path).LinkTarget is { } target ? $"is a link to {target}, where there is no file" : "there is no such file";
            throw new DataException($"{path}: {cause}, but example '{example.Id}' needs it; restore it, or remove the example", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unusable(example.Id, path, error);
        }
    }

    private static DataException Unusable(string id, string path, Exception error) =>
        new($"{path}: can't be used by example '{id}' ({error.Message.TrimEnd('.')}); restore the file, or remove the example", error);
}
