using System.Text.Json;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Dense;

/// <summary>The examples that one of the official AdaShare lists names: {mode: [[image, label, …], …]}, paths relative to the folder.</summary>
/// <param name="Examples">The examples by the paths of their images, with the files that are wanted; their ids are the stems of the images.</param>
/// <param name="Modes">The images of each mode.</param>
/// <param name="Unknown">The names of modes that have no meaning here.</param>
internal sealed record DenseList(IReadOnlyDictionary<string, DenseExample> Examples, IReadOnlyDictionary<string, IReadOnlyList<string>> Modes, IReadOnlyList<string> Unknown)
{
    /// <summary>Reads a list.</summary>
    /// <param name="root">The data set's folder.</param>
    /// <param name="path">The list.</param>
    /// <param name="known">The modes that are read.</param>
    /// <param name="columns">What each path of a row leads to, the image first.</param>
    /// <param name="wanted">The columns whose files are needed, by the name that they get in <see cref="DenseExample.Files"/>.</param>
    /// <exception cref="DataException">The list is missing or damaged, or a path leads out of the folder; the message names it.</exception>
    public static DenseList Read(string root, string path, IReadOnlyList<string> known, IReadOnlyList<string> columns, IReadOnlyDictionary<string, int> wanted)
    {
        try
        {
            using JsonDocument json = ListedJson.Open(path);
            var paths = new ListedPaths(root, path);
            var examples = new Dictionary<string, DenseExample>();
            var modes = new Dictionary<string, IReadOnlyList<string>>();
            foreach (JsonProperty mode in json.RootElement.EnumerateObject().Where(mode => known.Contains(mode.Name)))
            {
                modes[mode.Name] = [.. ListedJson.Rows(mode, columns, path).Select(row => Add(examples, row, mode.Name, paths, wanted))];
            }

            string[] unknown = [.. json.RootElement.EnumerateObject().Select(static mode => mode.Name).Where(mode => !known.Contains(mode))];
            Dictionary<string, string> names = ListedPaths.ShortNames(examples.Keys);
            return new(examples.ToDictionary(static pair => pair.Key, pair => pair.Value with { Id = names[pair.Key] }), modes, unknown);
        }
        catch (InvalidOperationException error)
        {
            throw new DataException($"{path}: holds text that is no Unicode ({error.Message.ReplaceLineEndings(" ").TrimEnd('.')}); restore the file", error);
        }
    }

    private static string Add(Dictionary<string, DenseExample> examples, IReadOnlyList<string> row, string mode, ListedPaths paths, IReadOnlyDictionary<string, int> wanted)
    {
        string image = paths.Inside(row[0]);
        var files = wanted.ToDictionary(static pair => pair.Key, pair => paths.Full(paths.Inside(row[pair.Value])));
        if (!examples.TryAdd(image, new(image, files)) && files.Any(file => examples[image].Files[file.Key] != file.Value))
        {
            throw new DataException($"{paths.List}: image '{Shown.Of(image)}' has other labels in mode '{mode}' than in another mode; name the same labels in each");
        }

        return image;
    }
}
