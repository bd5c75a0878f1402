using System.Text.Json;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Folder;

/// <summary>Divides the images of a folder into parts: as a file lists them, as they lie in folders, or by a seed.</summary>
internal static class FolderParts
{
    /// <summary>The names of parts in <c>dataset.yaml</c> and in the file of parts. <c>train</c> is divided into <c>train1</c>, for weights, and <c>train2</c>, for the policy.</summary>
    public static readonly string[] Names = ["train", "train1", "train2", "validation", "test"];

    private const int Fewest = 4;

    /// <summary>The parts.</summary>
    /// <param name="request">What share is held out for validation.</param>
    /// <param name="description">What states the parts.</param>
    /// <param name="images">The labelled images: their paths by their paths without endings.</param>
    /// <param name="notices">What is passed over.</param>
    /// <exception cref="DataException">There are too few images, an image is in two parts, or a list names one that isn't there.</exception>
    public static ExampleParts<string> Of(DatasetRequest request, FolderDescription description, IReadOnlyDictionary<string, string> images, List<string> notices)
    {
        string[] ids = [.. images.Keys];
        if (description.PartsFile is { } file)
        {
            string path = Path.Combine(request.Root, file);
            return Stated(request, description, Listed(request.Root, path, images), images, path, notices);
        }

        if (description.PartPatterns.Count > 0)
        {
            string source = Path.Combine(request.Root, FolderDescription.FileName);
            return Stated(request, description, description.PartPatterns.ToDictionary(static pair => pair.Key, pair => Fitting(pair.Value, images)), images, source, notices);
        }

        return ids.Length >= Fewest
            ? ExampleSplits.Divide(ids, request.ValidationFraction, description.Seed)
            : throw new DataException($"{request.Root}: {ids.Length} labelled images can't be divided into weights, policy, validation and test; have at least {Fewest}");
    }

    private static ExampleParts<string> Stated(
        DatasetRequest request, FolderDescription description, Dictionary<string, string[]> stated, IReadOnlyDictionary<string, string> images, string source, List<string> notices)
    {
        string[] without = [.. images.Keys.Except(stated.Values.SelectMany(static part => part))];
        FolderListing.AddNotice(notices, Path.GetFileName(source), without, "labelled image", "in no part and passed over");
        return Complete(request, description, stated, source);
    }

    private static string[] Fitting(string pattern, IReadOnlyDictionary<string, string> images)
    {
        var fits = new PathPattern(pattern);
        return [.. images.Where(image => fits.Fits(image.Value)).Select(static image => image.Key)];
    }

    /// <summary>
    /// A file of parts is one object: a list of images (paths without endings) for each part. An image that is gone is an error, since results would be others; one that has lost its labels
    /// is among the images that are passed over.
    /// </summary>
    private static Dictionary<string, string[]> Listed(string root, string path, IReadOnlyDictionary<string, string> images)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(CodecFile.Read(path));
            var parts = new Dictionary<string, string[]>();
            foreach (JsonProperty part in json.RootElement.EnumerateObject().Where(static part => part.Value.ValueKind == JsonValueKind.Array))
            {
                if (!Names.Contains(part.Name))
                {
                    throw new DataException($"{path}: has a part {Shown.Of(part.Name)}; expected {string.Join(", ", Names)}");
                }

                parts[part.Name] = [.. part.Value.EnumerateArray().Select(static id => id.GetString() ?? "")];
                if (Array.Find(parts[part.Name], id => !images.ContainsKey(id) && !FolderIndex.HasPicture(root, id)) is { } gone)
                {
                    throw new DataException($"{path}: part {part.Name} has the image {Shown.Of(gone)}, which is not in the folder; bring it back, or make the parts again with adashare data split");
                }
            }

            // A group of tasks with images of its own sees its images alone.
            return parts.ToDictionary(static pair => pair.Key, pair => pair.Value.Where(images.ContainsKey).ToArray());
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new DataException($"{path}: is no list of parts ({error.Message.ReplaceLineEndings(" ").TrimEnd('.')}); make it again with adashare data split", error);
        }
    }

    private static ExampleParts<string> Complete(DatasetRequest request, FolderDescription description, Dictionary<string, string[]> listed, string source)
    {
        IReadOnlyList<string> Part(string name) => listed.GetValueOrDefault(name, []);
        (IReadOnlyList<string> weights, IReadOnlyList<string> policy, IReadOnlyList<string> train) = (Part("train1"), Part("train2"), Part("train"));
        if (Part("test").Count == 0 || weights.Count > 0 != policy.Count > 0 || weights.Count > 0 == train.Count > 0 || (weights.Count == 0 && train.Count < 2))
        {
            string found = string.Join(", ", listed.Select(static part => $"{part.Key} {part.Value.Length}"));
            throw new DataException($"{source}: the parts with labelled images are {(found.Length == 0 ? "none" : found)}; expected test, and train with 2 images or more, or train1 and train2 in its place");
        }

        var parts = new ExampleParts<string>(weights.Count > 0 ? weights : train, policy, [], Part("validation"), Part("test"));
        ExampleSplits.RequireDisjoint(parts, source);
        if (parts.Validation.Count == 0)
        {
            parts = ExampleSplits.HoldOut(parts, request.ValidationFraction, description.Seed, source);
        }

        if (policy.Count == 0)
        {
            if (parts.Weights.Count < 2)
            {
                throw new DataException($"{source}: {train.Count} training images can't be divided into validation, weights and policy; have at least 3");
            }

            (weights, policy) = ExampleSplits.DivideTraining(parts.Weights, description.Seed);
            parts = parts with { Weights = weights, Policy = policy };
        }

        return parts;
    }
}
