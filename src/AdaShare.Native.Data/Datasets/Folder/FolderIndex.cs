using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Folder;

/// <summary>Makes a data set of a folder and its description: finds the images, gives each its labels, and divides them into parts.</summary>
internal static class FolderIndex
{
    private static readonly string[] Pictures = [".png", ".jpg", ".jpeg"];

    /// <summary>The labels of a folder, with the names of classes that stand in its folders and tables.</summary>
    /// <exception cref="DataException">A table is damaged, or a task has no images or classes.</exception>
    public static IReadOnlyList<FolderLabel> LabelsOf(string root, FolderDescription description) => [.. description.Tasks.Select(task => LabelOf(root, description, task, Label.Of(task.Kind, task.Name)))];

    /// <summary>Opens the data set: one, or a group for each set of tasks with images of its own.</summary>
    /// <exception cref="DataException">A file is missing or damaged.</exception>
    /// <exception cref="ConfigurationException">A task is asked for that the folder doesn't have.</exception>
    public static IDataset Open(DatasetRequest request, FolderDescription description)
    {
        string[] wanted = request.Tasks.Count == 0 ? [.. description.Tasks.Select(static task => task.Name)] : [.. request.Tasks.Select(static task => task.Task)];
        if (wanted.FirstOrDefault(name => description.Tasks.All(task => task.Name != name)) is { } unknown)
        {
            throw new ConfigurationException($"tasks: {request.Root} has no task {unknown}; its {FolderDescription.FileName} has {string.Join(", ", description.Tasks.Select(static task => task.Name))}");
        }

        DatasetPart[] groups =
        [
            .. description.Tasks.Where(task => wanted.Contains(task.Name)).GroupBy(task => task.Images ?? description.Images)
                .Select(group => new DatasetPart(OpenGroup(request, description, group.Key, [.. group]), [.. group.Select(static task => task.Name)])),
        ];
        return groups.Length == 1 ? groups[0].Dataset : new FolderGroups(description.Name, groups);
    }

    /// <summary>The labelled images of all tasks, by their paths without endings.</summary>
    /// <exception cref="DataException">A table is damaged, or a task has no images.</exception>
    public static string[] Ids(DatasetRequest request, FolderDescription description) =>
        [.. description.Tasks.GroupBy(task => task.Images ?? description.Images).SelectMany(group => Examples(request, description, group.Key, [.. group]).Examples.Keys).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>What finds the labels of one task.</summary>
    public static FolderLabels LabelsFor(string root, FolderDescription description, FolderTask task) =>
        FolderLabels.Of(root, LabelOf(root, description, task, Label.Of(task.Kind, task.Name)), Images(root, task.Images ?? description.Images, []), []);

    private static FolderDataset OpenGroup(DatasetRequest request, FolderDescription description, string images, FolderTask[] tasks)
    {
        (FolderLabel[] labels, Dictionary<string, FolderExample> examples, List<string> notices) = Examples(request, description, images, tasks);
        string name = tasks.Length == description.Tasks.Count ? description.Name : $"{description.Name} ({string.Join(", ", tasks.Select(static task => task.Name))})";
        Dictionary<string, string> paths = examples.ToDictionary(static pair => pair.Key, pair => Path.GetRelativePath(request.Root, pair.Value.Image).Replace(Path.DirectorySeparatorChar, '/'));
        return new FolderDataset(name, labels, FolderParts.Of(request, description, paths, notices).Select(id => examples[id]), request, notices);
    }

    /// <summary>The images of some tasks with their labels; an image without any is passed over.</summary>
    private static (FolderLabel[] Labels, Dictionary<string, FolderExample> Examples, List<string> Notices) Examples(DatasetRequest request, FolderDescription description, string images, FolderTask[] tasks)
    {
        var notices = new List<string>();
        FolderLabel[] labels = [.. tasks.Select(task => LabelOf(request.Root, description, task, request.Tasks.FirstOrDefault(own => own.Task == task.Name)?.Label ?? Label.Of(task.Kind, task.Name)))];
        Dictionary<string, string> files = Images(request.Root, images, notices);
        FolderLabels[] sources = [.. labels.Select(label => FolderLabels.Of(request.Root, label, files, notices))];
        var examples = new Dictionary<string, FolderExample>();
        foreach ((string id, string file) in files)
        {
            Dictionary<string, LabelSource> own = sources.Select(source => (source.Task, Found: source.Find(id))).Where(static pair => pair.Found is not null).ToDictionary(static pair => pair.Task, static pair => pair.Found!.Value);
            if (own.Count > 0)
            {
                examples[id] = new(id, Path.Combine(request.Root, file), own);
            }
        }

        if (examples.Count < files.Count)
        {
            notices.Add($"{images}: {files.Count - examples.Count} of {files.Count} images have no label for any task and are passed over");
        }

        foreach (FolderLabel label in labels)
        {
            int count = examples.Values.Count(example => example.Labels.ContainsKey(label.Task.Name));
            if (count == 0)
            {
                throw new DataException($"{request.Root}: none of {files.Count} images that fit {images} has a label for task {label.Task.Name} ({FolderLabels.Place(label.Task)}); check the pattern in {FolderDescription.FileName}");
            }

            if (count < examples.Count)
            {
                notices.Add($"task {label.Task.Name}: {examples.Count - count} of {examples.Count} images have no label for it and contribute nothing to it");
            }
        }

        return (labels, examples, [.. notices.Distinct()]);
    }

    /// <summary>The images that fit a pattern, as paths with their endings by those without.</summary>
    private static Dictionary<string, string> Images(string root, string pattern, List<string> notices)
    {
        var fits = new PathPattern(pattern);
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        var odd = new List<string>();
        foreach (string path in Files(root, fits.Folder).Where(fits.Fits))
        {
            if (!Pictures.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
            {
                odd.Add(path);
                continue;
            }

            string id = Stem(path);
            if (!files.TryAdd(id, path))
            {
                throw new DataException($"{root}: {files[id]} and {path} are two images of one name; rename one");
            }
        }

        FolderListing.AddNotice(notices, pattern, odd, "file that is no picture", "passed over", "files that are no pictures");
        return files.Count > 0 ? files : throw new DataException($"{root}: no picture ({string.Join(", ", Pictures)}) fits {pattern}; check images in {FolderDescription.FileName}");
    }

    /// <summary>The paths of all files beneath a folder, relative to the root with <c>/</c> between names, hidden ones left out, in order.</summary>
    internal static IEnumerable<string> Files(string root, string folder)
    {
        string start = Path.Combine(root, folder);
        if (!Directory.Exists(start))
        {
            throw new DataException($"{start}: there is no such folder, though {FolderDescription.FileName} names it; make it, or change the pattern");
        }

        try
        {
            return [.. new DirectoryInfo(start).EnumerateFiles("*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(root, file.FullName).Replace(Path.DirectorySeparatorChar, '/'))
                .Where(static path => path.Split('/').All(static name => !name.StartsWith('.'))).Order(StringComparer.Ordinal)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{start}: the folder can't be read ({error.Message.TrimEnd('.')}); check that you may read it", error);
        }
    }

    /// <summary>Whether a folder has a picture of a path without its ending.</summary>
    internal static bool HasPicture(string root, string id)
    {
        string full = Path.GetFullPath(Path.Combine(root, id)), folder = Path.GetDirectoryName(full) ?? "";
        return Array.Exists(Pictures, ending => File.Exists(full + ending)) || (Directory.Exists(folder) && Directory.EnumerateFiles(folder).Any(file => Stem(file) == full && Pictures.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)));
    }

    /// <summary>A path without its ending.</summary>
    internal static string Stem(string path) => path[..^Path.GetExtension(path).Length];

    private static FolderLabel LabelOf(string root, FolderDescription description, FolderTask task, Label label)
    {
        IReadOnlyList<string> names = task.Classes.Count > 0 ? task.Classes
            : task.ClassFolder > 0 ? FolderNames(root, task.Images ?? description.Images, task)
            : task is { Kind: LabelKind.Class, Table: { } table, ClassCount: 0 } ? TableNames(root, table)
            : task is { Kind: LabelKind.Attributes or LabelKind.Values, Table: { } columns } ? columns.Columns
            : [];
        int classes = task.Kind switch
        {
            LabelKind.SurfaceNormals => 3,
            LabelKind.Depth or LabelKind.Keypoints or LabelKind.Edges => 1,
            LabelKind.Attributes or LabelKind.Values => task.Table!.Columns.Count,
            _ => names.Count > 0 ? names.Count : task.ClassCount,
        };
        if (task.Kind is LabelKind.Class or LabelKind.Segmentation && classes < 2)
        {
            throw new DataException($"{root}: task {task.Name} has {classes} {(classes == 1 ? "class" : "classes")}; expected 2 or more; check classes of the task in {FolderDescription.FileName}");
        }

        if (task.ClassWeights.Count > 0 && (task.ClassWeights.Count != classes || task.ClassWeights.All(static weight => weight == 0)))
        {
            throw new DataException($"{root}: class_weights of task {task.Name} has {task.ClassWeights.Count} weights for {classes} classes; expected one for each class, not all 0, in {FolderDescription.FileName}");
        }

        return new FolderLabel(task, task.Kind is LabelKind.Attributes or LabelKind.Values ? label with { Channels = classes } : label, names, classes);
    }

    private static string[] FolderNames(string root, string images, FolderTask task)
    {
        var fits = new PathPattern(images);
        return [.. Files(root, fits.Folder).Where(fits.Fits).Select(path => FolderLabels.FolderAbove(path, task.ClassFolder)).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
    }

    private static string[] TableNames(string root, FolderTable table)
    {
        CsvTable csv = CsvTable.Read(Path.Combine(root, table.File));
        int column = csv.Column(table.Columns[0]);
        return [.. csv.Rows.Select(row => row.Fields[column]).Where(static value => value.Length > 0).Distinct().Order(StringComparer.Ordinal)];
    }
}
