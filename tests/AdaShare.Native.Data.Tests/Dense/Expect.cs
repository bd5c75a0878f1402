using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Tests.Dense;

/// <summary>What the tests of all dense data sets ask.</summary>
internal static class Expect
{
    public static readonly Split[] Parts = [Split.TrainWeights, Split.TrainPolicy, Split.Validation, Split.Test];

    /// <summary>Reads everything.</summary>
    public static Dictionary<string, Sample> LoadAll(IDataset dataset) => Parts
        .SelectMany(part => Enumerable.Range(0, dataset.Count(part)).Select(i => dataset.Load(part, i, dataset.Labels)))
        .ToDictionary(sample => sample.Id);

    /// <summary>That opening or reading ends in one sentence that names a file and says some words.</summary>
    public static void Error(Func<IDataset> open, string file, params string[] words)
    {
        string message = Assert.Catch<DataException>(() => LoadAll(open()))!.Message;
        Assert.That(message, Does.StartWith(file + ":"));
        Assert.That(message, Does.Not.Contain("\n"));
        foreach (string word in words)
        {
            Assert.That(message, Does.Contain(word));
        }
    }

    /// <summary>A case of a file that is spoilt, and what is said of it.</summary>
    public static TestCaseData Damage(string file, Action<DenseFolder> spoil, params string[] words) => new TestCaseData(file, spoil, words).SetArgDisplayNames(file, words[0]);

    /// <inheritdoc cref="Damage(string, Action{DenseFolder}, string[])"/>
    public static TestCaseData Damage(string file, Action<DenseFolder, string> spoil, params string[] words) => Damage(file, folder => spoil(folder, file), words);

    /// <summary>That the parts are disjoint, none is empty, and all of a data set.</summary>
    public static void PartsAreWhole(IDataset dataset, int train, int test)
    {
        string[] Ids(Split part) => [.. Enumerable.Range(0, dataset.Count(part)).Select(i => dataset.Id(part, i))];
        Assert.That(Parts.SelectMany(Ids).Distinct().Count(), Is.EqualTo(train + test));
        Assert.That(Parts.Select(dataset.Count), Has.All.GreaterThan(0));
        Assert.That(dataset.Count(Split.Test), Is.EqualTo(test));
        Assert.That(dataset.Count(Split.Train) + dataset.Count(Split.Validation), Is.EqualTo(train));
        Assert.That(Ids(Split.Train), Is.EquivalentTo(Ids(Split.TrainWeights).Concat(Ids(Split.TrainPolicy))));
    }

    /// <summary>That the planes are those that Python has read from the same files.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="read">A function of dense_files.py.</param>
    /// <param name="root">The folder.</param>
    /// <param name="number">What the function is told.</param>
    /// <param name="tolerance">The largest difference in a plane; none in images.</param>
    /// <param name="names">What planes are called there that are not called as their label.</param>
    /// <param name="modules">What it needs beside NumPy.</param>
    public static void SameAsPython(IDataset dataset, string read, string root, int number, double tolerance = 0, Dictionary<Label, string>? names = null, params string[] modules)
    {
        using var output = new DenseFolder();
        IndependentReader.Run(read, root, output.Root, number, modules);
        Dictionary<string, Sample> samples = LoadAll(dataset);
        Assert.That(samples, Is.Not.Empty);
        foreach (Sample sample in samples.Values)
        {
            Same(sample.Image.Pixels.ToArray().Select(value => (float)value), IndependentReader.Plane(output[$"{sample.Id}.image"]), 0, sample.Id);
            foreach ((Label label, Plane plane) in sample.Labels)
            {
                float[] expected = IndependentReader.Plane(output[$"{sample.Id}.{names?.GetValueOrDefault(label) ?? label.ToString()}"]);
                Same(plane.Values, expected, tolerance, $"{sample.Id} {label}");
            }
        }
    }

    /// <summary>That two planes are the same: a hundred thousand assertions take seconds.</summary>
    public static void Same(IEnumerable<float> actual, IEnumerable<float> expected, double tolerance, string what)
    {
        float[] found = [.. actual], wanted = [.. expected];
        Assert.That(found, Has.Length.EqualTo(wanted.Length), what);
        int wrong = Enumerable.Range(0, found.Length).FirstOrDefault(i => !(Math.Abs(found[i] - wanted[i]) <= tolerance), -1);
        Assert.That(wrong, Is.Negative, () => $"{what}, value {wrong}: {found[wrong]} is not {wanted[wrong]}");
    }
}
