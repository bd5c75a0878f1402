using System.Security.Cryptography;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Mnist;

/// <summary>Small grey images of ten classes, as MNIST (LeCun et al., 1998) and Fashion-MNIST (Xiao et al., 2017) are published: 60,000 to train on, 10,000 for the test.</summary>
/// <remarks>
/// The test part is the published one. A share of the training part is held out for selection, and of the rest a fifth is for the policy, both by a shuffle with a fixed seed. All images
/// lie in memory, 47 MB for 60,000 of 28x28; grey stands in all three channels.
/// </remarks>
internal sealed class MnistDataset : IDataset
{
    private const ulong Seed = 0;

    private readonly PartTable<MnistExample> _examples;
    private readonly Dictionary<Label, MnistTask> _tasks;
    private readonly int _height;
    private readonly int _width;

    /// <summary>Reads the four files.</summary>
    /// <param name="name">The data set's name.</param>
    /// <param name="tasks">The tasks that it offers.</param>
    /// <param name="request">What is wanted.</param>
    /// <exception cref="ConfigurationException">A task is wanted that there isn't.</exception>
    /// <exception cref="DataException">A file is missing or damaged; the message names it.</exception>
    public MnistDataset(string name, IReadOnlyList<MnistTask> tasks, DatasetRequest request)
    {
        Name = name;
        _tasks = tasks.ToDictionary(static task => task.Label);
        Labels = OfferedLabels.Chosen(request, name, tasks.ToDictionary(static task => task.Name, static task => task.Label));
        (IReadOnlyList<MnistExample> train, IReadOnlyList<MnistExample> test, _height, _width) = MnistFiles.Read(request.Root, name);
        Dictionary<string, MnistExample> byId = train.ToDictionary(static example => example.Id);
        var parts = new ExampleParts<string>([.. byId.Keys], [], [], [], []);
        parts = ExampleSplits.HoldOut(parts, request.ValidationFraction, Seed, request.Root);
        if (parts.Weights.Count < 2)
        {
            throw new DataException($"{request.Root}: {train.Count} training images can't be divided into validation, weights and policy; have at least 3");
        }

        (IReadOnlyList<string> weights, IReadOnlyList<string> policy) = ExampleSplits.DivideTraining(parts.Weights, Seed);
        _examples = new(new([.. weights.Select(id => byId[id])], [.. policy.Select(id => byId[id])], [], [.. parts.Validation.Select(id => byId[id])], test), static example => example.Id);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Label> Labels { get; }

    /// <inheritdoc/>
    public int ClassesOf(Label label) => _tasks.TryGetValue(label, out MnistTask? task) ? task.Classes.Count : 0;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNamesOf(Label label) => _tasks.TryGetValue(label, out MnistTask? task) ? task.Classes : [];

    /// <inheritdoc/>
    public int Count(Split split) => _examples[split].Length;

    /// <summary>The pair of files and the number of the image in it, from 0.</summary>
    public string Id(Split split, int index) => _examples[split, index].Id;

    /// <summary>The SHA-256 of the image's pixels, and its class.</summary>
    public IReadOnlyDictionary<string, string> Fingerprints(Split split, int index)
    {
        MnistExample example = _examples[split, index];
        const int shown = 8;
        var prints = new Dictionary<string, string> { [IDataset.ImageFingerprint] = Convert.ToHexStringLower(SHA256.HashData(example.Pixels.Span).AsSpan(0, shown)) };
        foreach (Label label in Labels)
        {
            prints[label.Name] = _tasks[label].Of(example.Class).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return prints;
    }

    /// <inheritdoc/>
    public Sample Load(Split split, int index, IReadOnlyList<Label> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        MnistExample example = _examples[split, index];
        ReadOnlySpan<byte> grey = example.Pixels.Span;
        var pixels = new byte[grey.Length * BgrImage.Channels];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = grey[i / BgrImage.Channels];
        }

        return new(example.Id, new BgrImage(_height, _width, pixels), labels.ToDictionary(static label => label, label => _tasks.TryGetValue(label, out MnistTask? task)
            ? new Plane(1, 1, 1, [task.Of(example.Class)])
            : throw new DataException($"{Name}: there is no label '{label}'; ask for some of {string.Join(", ", Labels)}")));
    }
}
