using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Data.Tests;

/// <summary>A data set that counts how often examples are read, and can become another one.</summary>
internal sealed class Counting(IDataset inner) : IDataset
{
    private int _loads;

    /// <summary>How many examples were read.</summary>
    public int Loads => _loads;

    /// <summary>Is told the number of each read.</summary>
    public Action<int> Loading { get; init; } = static _ => { };

    /// <summary>The training example whose file is another one.</summary>
    public int Changed { get; init; } = -1;

    /// <summary>Whether images come out brighter, as from another decoder.</summary>
    public bool Brighter { get; init; }

    public string Name => inner.Name;

    public IReadOnlyList<Label> Labels => inner.Labels;

    public int ClassesOf(Label label) => inner.ClassesOf(label);

    public IReadOnlyList<string> ClassNamesOf(Label label) => inner.ClassNamesOf(label);

    public int Count(Split split) => inner.Count(split);

    public string Id(Split split, int index) => inner.Id(split, index);

    public IReadOnlyDictionary<string, string> Fingerprints(Split split, int index) =>
        new Dictionary<string, string> { [IDataset.ImageFingerprint] = split == Split.Train && index == Changed ? "other" : $"{split} {index}" };

    public Sample Load(Split split, int index, IReadOnlyList<Label> labels)
    {
        Loading(Interlocked.Increment(ref _loads));
        Sample sample = inner.Load(split, index, labels);
        return Brighter
            ? sample with { Input = new BgrImage(sample.Input.Height, sample.Input.Width, [.. sample.Input.Bytes.ToArray().Select(static value => (byte)Math.Min(255, value + 1))]) }
            : sample;
    }
}

/// <summary>Two texts of each part, of which the first has no label.</summary>
internal sealed class Texts : IDataset
{
    private static readonly Label Topic = new(LabelKind.Class, "topic", 1);

    public string Name => "texts";

    public InputKind Inputs => InputKind.Text;

    public IReadOnlyList<Label> Labels => [Topic];

    public int ClassesOf(Label label) => 3;

    public IReadOnlyList<string> ClassNamesOf(Label label) => [];

    public int Count(Split split) => split is Split.Train ? 4 : 2;

    public string Id(Split split, int index) => split == Split.TrainPolicy ? $"{Split.Train} {index + 2}" : $"{(split == Split.TrainWeights ? Split.Train : split)} {index}";

    public Sample Load(Split split, int index, IReadOnlyList<Label> labels)
    {
        int number = Id(split, index)[^1] - '0';
        return new(Id(split, index), new CharacterText([1, 2, (byte)number, 4]), number == 0 ? new Dictionary<Label, Plane>() : labels.ToDictionary(static label => label, _ => new Plane(1, 1, 1, [number % 3])));
    }
}

/// <summary>Pictures of several sizes with a class each.</summary>
internal sealed class Whole : IDataset
{
    private static readonly Label Kind = Label.Of(LabelKind.Class);
    private readonly PatternDataset _pictures = new(5) { Growth = static index => 3 * index };

    public string Name => "whole";

    public IReadOnlyList<Label> Labels => [Kind];

    public int ClassesOf(Label label) => 5;

    public IReadOnlyList<string> ClassNamesOf(Label label) => ["a", "b", "c", "d", "e"];

    public int Count(Split split) => _pictures.Count(split);

    public string Id(Split split, int index) => _pictures.Id(split, index);

    public Sample Load(Split split, int index, IReadOnlyList<Label> labels) =>
        _pictures.Load(split, index, []) with { Labels = labels.ToDictionary(static label => label, _ => new Plane(1, 1, 1, [index])) };
}

/// <summary>Two tasks with images of their own.</summary>
internal sealed class Halves : IDataset
{
    public string Name => "halves";

    public IReadOnlyList<Label> Labels => [Label.Depth, Label.Edges];

    public IReadOnlyList<DatasetPart> Parts { get; } =
    [
        new(new PatternDataset(3) { Labels = [Label.Depth] }, ["depth"]),
        new(new PatternDataset(5, height: 12) { Labels = [Label.Edges] }, ["edge"]),
    ];

    public int ClassesOf(Label label) => 0;

    public IReadOnlyList<string> ClassNamesOf(Label label) => [];

    public int Count(Split split) => Parts.Sum(part => part.Dataset.Count(split));

    public string Id(Split split, int index) => throw new NotSupportedException("ask the parts");

    public Sample Load(Split split, int index, IReadOnlyList<Label> labels) => throw new NotSupportedException("ask the parts");
}
