using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Tests;

/// <summary>Evaluation reads a part in order, whole, and leaves nothing running.</summary>
public sealed class LoadingSamplePrefetcherTests
{
    private static readonly Label[] Depth = [Label.Depth];

    [Test]
    public void Samples_come_in_order_at_full_size_each_time([Values(1, 4)] int ahead)
    {
        var data = new PatternDataset(9) { Dawdle = true };
        var samples = new SamplePrefetcher(data, Split.Test, Depth, ahead: ahead);

        Assert.That(samples.Count, Is.EqualTo(9));
        for (int time = 0; time < 2; time++)
        {
            Assert.That(samples.Select(static sample => sample.Id), Is.EqualTo(Enumerable.Range(0, 9).Select(static i => $"example {i}")));
        }

        Sample first = samples.First();
        Assert.That((first.Image.Height, first.Image.Width), Is.EqualTo((20, 28)));
        Assert.That(first.Labels.Keys, Is.EqualTo(Depth));
    }

    [TestCase(0, 9)]
    [TestCase(4, 4)]
    [TestCase(20, 9)]
    public void A_limit_cuts_the_part_short(int limit, int expected)
    {
        var samples = new SamplePrefetcher(new PatternDataset(9), Split.Test, Depth, limit);

        Assert.That(samples.Count, Is.EqualTo(expected));
        Assert.That(samples.Select(static sample => sample.Id), Is.EqualTo(Enumerable.Range(0, expected).Select(static i => $"example {i}")));
    }

    [Test]
    public void An_empty_part_gives_nothing() =>
        Assert.That(new SamplePrefetcher(new PatternDataset(9), Split.Validation, Depth), Is.Empty);

    [Test]
    public void An_error_surfaces_as_it_was_thrown_after_the_samples_before_it()
    {
        var data = new PatternDataset(9) { Broken = [3] };
        var seen = new List<string>();

        void ReadAll()
        {
            foreach (Sample sample in new SamplePrefetcher(data, Split.Test, Depth, ahead: 3))
            {
                seen.Add(sample.Id);
            }
        }

        Assert.That(ReadAll, Throws.TypeOf<DataException>().With.Message.EqualTo("example 3: broken on purpose"));
        Assert.That(seen, Is.EqualTo(new[] { "example 0", "example 1", "example 2" }));
        Assert.That(data.Running, Is.Zero);
    }

    [Test]
    public void Leaving_early_leaves_nothing_running()
    {
        var data = new PatternDataset(9) { Dawdle = true, Broken = [2] };
        foreach (Sample sample in new SamplePrefetcher(data, Split.Test, Depth, ahead: 4))
        {
            Assert.That(sample.Id, Is.EqualTo("example 0"));
            break;
        }

        Assert.That(data.Running, Is.Zero);
    }

    [TestCase(-1, 1)]
    [TestCase(0, 0)]
    public void Impossible_numbers_are_refused(int limit, int ahead) =>
        Assert.That(() => new SamplePrefetcher(new PatternDataset(9), Split.Test, Depth, limit, ahead), Throws.TypeOf<ConfigurationException>());
}
