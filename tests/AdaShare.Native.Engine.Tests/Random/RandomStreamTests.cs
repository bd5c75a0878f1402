using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Engine.Tests.Random;

[TestFixture]
public sealed class RandomStreamTests
{
    private const int Count = 40_000;

    private static readonly RandomStream Stream = RandomStream.For(42, "tests");

    [Test]
    public void Hash_is_fnv_1a()
    {
        // The test vectors of the FNV specification (Fowler, Noll, Vo).
        Assert.Multiple(() =>
        {
            Assert.That(RandomStream.Hash(string.Empty), Is.EqualTo(0xcbf29ce484222325));
            Assert.That(RandomStream.Hash("a"), Is.EqualTo(0xaf63dc4c8601ec8c));
            Assert.That(RandomStream.Hash("foobar"), Is.EqualTo(0x85944171f73967e8));
        });
    }

    [Test]
    public void Words_are_the_blocks_words()
    {
        (uint r0, uint r1, uint r2, uint r3) = Stream.Block(3);
        Assert.That(new[] { Stream.Word(12), Stream.Word(13), Stream.Word(14), Stream.Word(15) }, Is.EqualTo(new[] { r0, r1, r2, r3 }));
    }

    [Test]
    public void Equal_names_give_equal_streams_and_others_different_ones()
    {
        RandomStream first = RandomStream.For(1, "dropout", 5), again = RandomStream.For(1, string.Concat("drop", "out"), 5);
        Assert.Multiple(() =>
        {
            Assert.That(first, Is.EqualTo(again));
            Assert.That(RandomStream.For(1, "dropout", 5).Id, Is.Not.EqualTo(RandomStream.For(1, "dropout", 6).Id));
            Assert.That(RandomStream.For(1, "dropout", 5).Id, Is.Not.EqualTo(RandomStream.For(1, "gumbel", 5).Id));
            Assert.That(RandomStream.For(1, "dropout", 5).Word(0), Is.Not.EqualTo(RandomStream.For(2, "dropout", 5).Word(0)));
        });
    }

    [TestCase(0u, 0.5f / 8388608f)]
    [TestCase(uint.MaxValue, 1f - (0.5f / 8388608f))]
    [TestCase(0x80000000u, 0.5f + (0.5f / 8388608f))]
    public void Uniform_numbers_lie_inside_the_open_interval(uint word, float expected)
    {
        float uniform = RandomStream.ToUniform(word);
        Assert.That(uniform, Is.EqualTo(expected).And.GreaterThan(0f).And.LessThan(1f));
    }

    [Test]
    public void Uniform_numbers_fill_their_interval_evenly()
    {
        var bins = new int[20];
        for (ulong i = 0; i < Count; i++)
        {
            bins[(int)(Stream.Uniform(i) * 20)]++;
        }

        // Chi squared with 19 degrees of freedom stays below 43.8 in 999 of 1000 seeds.
        Assert.That(bins.Sum(b => Math.Pow(b - (Count / 20.0), 2) / (Count / 20.0)), Is.LessThan(43.8));
    }

    [Test]
    public void Doubles_use_53_bits_and_stay_below_1()
    {
        double[] values = [.. Enumerable.Range(0, Count).Select(i => Stream.UniformDouble((ulong)i))];
        Assert.Multiple(() =>
        {
            Assert.That(values, Is.All.InRange(0, 1 - double.Epsilon));
            Assert.That(values.Average(), Is.EqualTo(0.5).Within(0.01));
            Assert.That(values.Distinct().Count(), Is.EqualTo(Count));
            Assert.That(values.Any(v => v != (float)v), Is.True);
        });
    }

    [Test]
    public void Normal_numbers_have_the_moments_of_the_normal_distribution()
    {
        double[] values = [.. Enumerable.Range(0, Count).Select(i => Stream.Normal((ulong)i))];
        Assert.Multiple(() =>
        {
            Assert.That(values.Average(), Is.EqualTo(0).Within(0.02));
            Assert.That(values.Average(v => v * v), Is.EqualTo(1).Within(0.03));
            Assert.That(values.Average(v => v * v * v * v), Is.EqualTo(3).Within(0.2));
            Assert.That(values.Zip(values.Skip(1), (a, b) => a * b).Average(), Is.EqualTo(0).Within(0.02));
        });
    }

    [Test]
    public void Gumbel_numbers_have_the_mean_and_variance_of_the_gumbel_distribution()
    {
        double[] values = [.. Enumerable.Range(0, Count).Select(i => Stream.Gumbel((ulong)i))];
        double mean = values.Average();
        Assert.Multiple(() =>
        {
            Assert.That(mean, Is.EqualTo(0.5772156649).Within(0.03));
            Assert.That(values.Average(v => (v - mean) * (v - mean)), Is.EqualTo(Math.PI * Math.PI / 6).Within(0.06));
        });
    }

    [Test]
    public void Integers_stay_below_their_bound_and_reach_every_value()
    {
        int[] values = [.. Enumerable.Range(0, 1000).Select(i => Stream.Integer((ulong)i, 7))];
        Assert.That(values.Distinct().Order(), Is.EqualTo(Enumerable.Range(0, 7)));
        Assert.That(() => Stream.Integer(0, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(795)]
    public void A_permutation_names_everything_once(int count) => Assert.That(Stream.Permutation(count).Order(), Is.EqualTo(Enumerable.Range(0, count)));

    [Test]
    public void Permutations_are_uniform()
    {
        // Each of the 24 orders of four elements about as often as the others.
        var seen = new Dictionary<string, int>();
        for (int i = 0; i < 4800; i++)
        {
            string order = string.Join(' ', RandomStream.For(9, "order", i).Permutation(4));
            seen[order] = seen.GetValueOrDefault(order) + 1;
        }

        // Chi squared with 23 degrees of freedom stays below 49.7 in 999 of 1000 seeds.
        Assert.That(seen, Has.Count.EqualTo(24));
        Assert.That(seen.Values.Sum(n => Math.Pow(n - 200, 2) / 200), Is.LessThan(49.7));
    }
}
