namespace AdaShare.Native.Data.Datasets.Mnist;

/// <summary>MNIST and Fashion-MNIST: four IDX files, ten classes, and tasks that group them.</summary>
public sealed class MnistFormat : IDatasetFormat
{
    private static readonly string[] Digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    private static readonly string[] Fashion = ["T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"];

    private readonly IReadOnlyList<MnistTask> _tasks;

    private MnistFormat(string name, string summary, IReadOnlyList<MnistTask> tasks) => (Name, Summary, _tasks) = (name, summary, tasks);

    /// <summary>Handwritten digits: <c>class</c>, the digit, and <c>odd</c>, whether it is odd.</summary>
    public static MnistFormat Mnist { get; } = new("MNIST", "MNIST's four idx files, with or without .gz: digits (class), odd digits (odd)",
    [
        new(MnistTask.AllClasses, Digits, []),
        new("odd", ["even", "odd"], [0, 1, 0, 1, 0, 1, 0, 1, 0, 1]),
    ]);

    /// <summary>
    /// Articles of clothing: <c>class</c>, the article; <c>clothing</c>, whether it is worn on the body (all but sandals, sneakers, boots and bags); <c>footwear</c>, whether it is sandals,
    /// sneakers or boots.
    /// </summary>
    public static MnistFormat FashionMnist { get; } = new("FashionMNIST", "Fashion-MNIST's four idx files, with or without .gz: the article (class), worn on the body or not (clothing), on feet or not (footwear)",
    [
        new(MnistTask.AllClasses, Fashion, []),
        new("clothing", ["no clothing", "clothing"], [1, 1, 1, 1, 1, 0, 1, 0, 0, 0]),
        new("footwear", ["no footwear", "footwear"], [0, 0, 0, 0, 0, 1, 0, 1, 0, 1]),
    ]);

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Summary { get; }

    /// <inheritdoc/>
    public IReadOnlyList<DatasetTask> Tasks => [.. _tasks.Select(static task => new DatasetTask(task.Name, "class", task.Classes.Count))];

    /// <summary>Whether the training images lie there, and the folders' names do not speak of the other data set in this form.</summary>
    public bool Recognizes(string root) => MnistFiles.AreIn(root, Name) && root.Contains("fashion", StringComparison.OrdinalIgnoreCase) == (Name == "FashionMNIST");

    /// <inheritdoc/>
    public IDataset Open(DatasetRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new MnistDataset(Name, _tasks, request);
    }
}
