using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Folder;

/// <summary>A data set whose tasks have images of their own: a part for each group of tasks that share images.</summary>
/// <param name="name">The name for messages.</param>
/// <param name="parts">The parts.</param>
internal sealed class FolderGroups(string name, IReadOnlyList<DatasetPart> parts) : IDataset
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public InputKind Inputs => parts[0].Dataset.Inputs;

    /// <inheritdoc/>
    public IReadOnlyList<Label> Labels { get; } = [.. parts.SelectMany(static part => part.Dataset.Labels)];

    /// <inheritdoc/>
    public IReadOnlyList<DatasetPart> Parts => parts;

    /// <inheritdoc/>
    public IReadOnlyList<string> Notices { get; } = [.. parts.SelectMany(static part => part.Dataset.Notices).Distinct()];

    /// <inheritdoc/>
    public int ClassesOf(Label label) => Owner(label)?.ClassesOf(label) ?? 0;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNamesOf(Label label) => Owner(label)?.ClassNamesOf(label) ?? [];

    /// <inheritdoc/>
    public IReadOnlyList<float> ClassWeightsOf(Label label) => Owner(label)?.ClassWeightsOf(label) ?? [];

    /// <summary>The examples of all groups together.</summary>
    public int Count(Split split) => parts.Sum(part => part.Dataset.Count(split));

    /// <inheritdoc/>
    public string Id(Split split, int index)
    {
        (IDataset dataset, int own) = Locate(split, index);
        return dataset.Id(split, own);
    }

    /// <summary>An example, with those of the labels that its group has.</summary>
    public Sample Load(Split split, int index, IReadOnlyList<Label> labels)
    {
        (IDataset dataset, int own) = Locate(split, index);
        return dataset.Load(split, own, [.. labels.Where(dataset.Labels.Contains)]);
    }

    private IDataset? Owner(Label label) => parts.FirstOrDefault(part => part.Dataset.Labels.Contains(label))?.Dataset;

    private (IDataset Dataset, int Index) Locate(Split split, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        foreach (DatasetPart part in parts)
        {
            int count = part.Dataset.Count(split);
            if (index < count)
            {
                return (part.Dataset, index);
            }

            index -= count;
        }

        throw new ArgumentOutOfRangeException(nameof(index), "there are fewer examples");
    }
}
