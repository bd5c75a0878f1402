namespace AdaShare.Native.Data.Datasets.Folder;

/// <summary>What <c>dataset.yaml</c> says of a folder: where its images are and what labels each task has for them.</summary>
/// <param name="Name">The data set's name.</param>
/// <param name="Images">The pattern of the images' paths, relative to the folder, see <see cref="PathPattern"/>.</param>
/// <param name="Tasks">The tasks.</param>
internal sealed record FolderDescription(string Name, string Images, IReadOnlyList<FolderTask> Tasks)
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "dataset.yaml";

    /// <summary>The file with the parts, relative to the folder; null where the parts are folders or drawn.</summary>
    public string? PartsFile { get; init; }

    /// <summary>The pattern of each part's images (<c>train</c>, <c>train1</c>, <c>train2</c>, <c>validation</c>, <c>test</c>); empty where the parts are listed or drawn.</summary>
    public IReadOnlyDictionary<string, string> PartPatterns { get; init; } = new Dictionary<string, string>();

    /// <summary>The seed by which parts are drawn where nothing states them.</summary>
    public ulong Seed { get; init; }

    /// <summary>What networks see of the images, where no configuration says it; null for the usual.</summary>
    public ImageInput? Input { get; init; }
}

/// <summary>A task of a folder.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What its label says.</param>
internal sealed record FolderTask(string Name, LabelKind Kind)
{
    /// <summary>The pattern of images of its own; null where it is labelled on the folder's images.</summary>
    public string? Images { get; init; }

    /// <summary>The label file of an image: a path with <c>{path}</c>, <c>{folder}</c> and <c>{stem}</c> of the image in it; null where labels are no files.</summary>
    public string? Files { get; init; }

    /// <summary>Which folder above the image names its class: 1 for the nearest; 0 where none does.</summary>
    public int ClassFolder { get; init; }

    /// <summary>The table with the labels; null where there is none.</summary>
    public FolderTable? Table { get; init; }

    /// <summary>The names of classes, properties or numbers; empty to take them from the folders or the table.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>The number of classes where they have no names; 0 where <see cref="Classes"/> says it.</summary>
    public int ClassCount { get; init; }

    /// <summary>The colour of each class (R, G, B), where label pictures are painted; empty where pixels are class numbers.</summary>
    public IReadOnlyList<(byte R, byte G, byte B)> Colors { get; init; } = [];

    /// <summary>The weight of each class in the loss; empty where all weigh the same.</summary>
    public IReadOnlyList<float> ClassWeights { get; init; } = [];

    /// <summary>The stored value that says nothing of a pixel; null for the kind's own (255 of classes and strengths, 0 of depth).</summary>
    public double? Ignore { get; init; }

    /// <summary>What a stored number is multiplied by, after <see cref="Offset"/> is added.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>What is added to a stored number.</summary>
    public double Offset { get; init; }

    /// <summary>The weight of the task's loss where a configuration says none.</summary>
    public double Weight { get; init; } = 1;
}

/// <summary>A table of labels: a CSV file with a line of names.</summary>
/// <param name="File">Its path, relative to the folder.</param>
/// <param name="Image">The column with the image's path, relative to the folder, or its name where that is one image's alone; with or without its ending.</param>
/// <param name="Columns">The columns with the label: one for classes, one for each property or number.</param>
internal sealed record FolderTable(string File, string Image, IReadOnlyList<string> Columns);
