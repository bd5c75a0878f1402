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
    /// <param name="ids">The images, by their paths without endings.</param>
    /// <exception cref="DataException">There are too few images, or an image is in two parts.</exception>
    public static ExampleParts<string> Of(DatasetRequest request, FolderDescription description, string[] ids)
    {
        if (description.PartsFile is { } file)
        {
            string path = Path.Combine(request.Root, file);
            return Complete(request, description, Listed(path, ids), path);
        }

        if (description.PartPatterns.Count > 0)
        {
            string source = Path.Combine(request.Root, FolderDescription.FileName);
            return Complete(request, description, description.PartPatterns.ToDictionary(static pair => pair.Key, pair => Fitting(pair.Value, ids)), source);
        }

        return ids.Length >= Fewest
            ? ExampleSplits.Divide(ids, request.ValidationFraction, description.Seed)
            : throw new DataException($"{request.Root}: {ids.Length} labelled images can't be divided into weights, policy, validation and test; have at least {Fewest}");
    }

    private static string[] Fitting(string pattern, string[] ids)
    {
        var fits = new PathPattern(pattern);
        return [.. ids.Where(id => fits.Fits(id) || fits.Fits(id + ".png") || fits.Fits(id + ".jpg") || fits.Fits(id + ".jpeg"))];
    }

    /// <summary>A file of parts is one object: a list of images (paths without endings) for each part. Images that the folder doesn't have any more are an error, since results would be others.</summary>
    private static Dictionary<string, string[]> Listed(string path, string[] ids)
    {
        var known = ids.ToHashSet(StringComparer.Ordinal);
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
            }

            // A group of tasks with images of its own sees its images alone.
            return parts.ToDictionary(static pair => pair.Key, pair => pair.Value.Where(known.Contains).ToArray());
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
