namespace AdaShare.Native.Data.Datasets.Mnist;

/// <summary>A task of a data set of ten classes: the classes themselves, or groups of them.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Classes">The names of its classes.</param>
/// <param name="ClassOf">Its class for each of the ten; empty where it has those.</param>
internal sealed record MnistTask(string Name, IReadOnlyList<string> Classes, IReadOnlyList<int> ClassOf)
{
    /// <summary>The ten classes.</summary>
    public const string AllClasses = "class";

    /// <summary>The label: the data set's own, or one of the task's name.</summary>
    public Label Label { get; } = Name == AllClasses ? Label.Of(LabelKind.Class) : Label.Of(LabelKind.Class, Name);

    /// <summary>The class of an image.</summary>
    /// <param name="stored">What the file says, 0 … 9.</param>
    public int Of(int stored) => ClassOf.Count == 0 ? stored : ClassOf[stored];
}
