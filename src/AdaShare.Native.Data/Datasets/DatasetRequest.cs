using AdaShare.Native.Data.Codecs;

namespace AdaShare.Native.Data.Datasets;

/// <summary>What is wanted of a data set.</summary>
/// <param name="Root">Its folder; empty for data sets without one.</param>
public sealed record DatasetRequest(string Root)
{
    /// <summary>The tasks that are to be trained, with their labels; empty for all that the data set offers.</summary>
    public IReadOnlyList<TaskLabel> Tasks { get; init; } = [];

    /// <summary>Whether surface normals are decoded to [-1, 1] or left as they are stored.</summary>
    public bool DecodeNormals { get; init; } = true;

    /// <summary>The share of the training part that is held out for selection where the data set states no part for it, 0 … 0.5; with 0 such a data set has an empty part for selection.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>Whether images and labels are small (the official code's <c>small_res</c>), for data sets that know this: <see cref="IDatasetFormat.KnowsSmallResolution"/>. Of CityScapes 128x256.</summary>
    public bool SmallResolution { get; init; }

    /// <summary>Characters of a text, to which longer ones are cut and shorter ones padded; of data sets of texts.</summary>
    public int TextLength { get; init; } = 1024;

    /// <summary>What reads pictures; PNG alone if nobody brings a decoder of another format.</summary>
    public ImageReader Images { get; init; } = new();

    /// <summary>The labels of <see cref="Tasks"/>, each once; null for all that the data set offers.</summary>
    public IReadOnlyList<Label>? Labels => Tasks.Count == 0 ? null : [.. Tasks.Select(static task => task.Label).Distinct()];

    /// <summary>The number of classes of a label, as its task has it; null where no task says.</summary>
    public int? ClassesOf(Label label) => Tasks.FirstOrDefault(task => task.Label == label)?.Channels;
}

/// <summary>A task's label.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Label">The label that it is trained on.</param>
/// <param name="Channels">Channels of the task's prediction: classes, coordinates, properties, numbers.</param>
public sealed record TaskLabel(string Task, Label Label, int Channels);
