using AdaShare.Native.Data.Augmentation;
using AdaShare.Native.Data.Caching;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Data.Scenes;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Tests;

/// <summary>A cache gives the very examples of its data set, refuses other data and damage, and never leaves half a file.</summary>
public sealed class CacheTests
{
    private static readonly Label[] All = [Label.Segmentation, Label.SurfaceNormals, Label.Depth, Label.Keypoints, Label.Edges];
    private static readonly Split[] Splits = Enum.GetValues<Split>();

    private string _folder = "";

    private string File => Path.Combine(_folder, "data.cache");

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("adashare-cache-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Examples_come_back_to_the_bit()
    {
        using CachedDataset cached = DatasetCache.Open(Scenes(), File);
        AssertSame(cached, Scenes());
        Assert.That((cached.Name, cached.Origin, cached.Reading), Is.EqualTo((Scenes().Name, Scenes().Origin, Scenes().Reading)));
        Assert.That(cached.ClassNamesOf(Label.Segmentation), Is.EqualTo(Scenes().ClassNamesOf(Label.Segmentation)));
    }

    [Test]
    public void A_cache_is_written_once_and_read_by_later_runs()
    {
        var lines = new List<string>();
        DatasetCache.Open(new Counting(Scenes()), File, say: lines.Add).Dispose();
        DateTime written = System.IO.File.GetLastWriteTimeUtc(File);
        var counting = new Counting(Scenes());
        using CachedDataset cached = DatasetCache.Open(counting, File, say: lines.Add);
        int compared = counting.Loads;
        AssertSame(cached, Scenes());
        Assert.That((compared, counting.Loads), Is.EqualTo((4, 4)), "a few examples are compared when a cache is opened, and none is decoded after");
        Assert.That(System.IO.File.GetLastWriteTimeUtc(File), Is.EqualTo(written));
        Assert.That(lines[0], Does.StartWith($"cache {File}: decoding 10 examples, about "));
        Assert.That(lines[^1], Does.StartWith($"cache {File}: 10 examples, "));
    }

    /// <summary>Images of several sizes, a label that some lack, and any number of threads.</summary>
    [Test]
    public void Batches_are_the_same_with_and_without_a_cache([Values(1, 3)] int workers, [Values] bool varied)
    {
        var augmentation = new AugmentationOptions(16, 24, varied ? 0.5 : 1, varied ? 1.5 : 1, 0.5, true);
        PatternDataset Data() => new(11) { Growth = static index => index * 5 % 11 };
        BatchLoader Loader(IDataset data, int threads) => new(data, Split.Train, All, new(4, 16, 24, 3, 4), augmentation, 7, "test", threads);
        using CachedDataset cached = DatasetCache.Open(Data(), File);
        using BatchLoader expected = Loader(Data(), 1), actual = Loader(cached, workers);
        for (int step = 0; step < 12; step++)
        {
            using Batch one = expected.Next(), other = actual.Next();
            LoadingBatchTests.AssertEqual(other, one);
        }
    }

    [Test]
    public void Texts_and_examples_without_a_label_come_back()
    {
        using CachedDataset cached = DatasetCache.Open(new Texts(), File);
        AssertSame(cached, new Texts());
        Assert.That(cached.Load(Split.Train, 0, cached.Labels).Labels, Is.Empty);
        Assert.That(cached.Load(Split.Train, 1, cached.Labels).Labels, Has.Count.EqualTo(1));
    }

    [Test]
    public void Parts_have_their_own_examples()
    {
        using CachedDataset cached = DatasetCache.Open(new Halves(), File);
        Assert.That(cached.Parts, Has.Count.EqualTo(2));
        foreach ((DatasetPart part, DatasetPart expected) in cached.Parts.Zip(new Halves().Parts))
        {
            Assert.That(part.Tasks, Is.EqualTo(expected.Tasks));
            AssertSame(part.Dataset, expected.Dataset);
        }
    }

    [Test]
    public void A_resized_data_set_is_cached_in_the_size_that_is_trained_on()
    {
        static ResizedDataset Data(int side) => new(new Whole(), side, side);
        using (CachedDataset cached = DatasetCache.Open(Data(12), File))
        {
            AssertSame(cached, Data(12));
            Assert.That(cached.Load(Split.Train, 0, cached.Labels).Image.Width, Is.EqualTo(12));
        }

        AssertRefused(Data(8), "how examples are read then: 12x12; ; now: 8x8; ");
    }

    [TestCase(2ul, true, 4, "examples then: scenes of seed 1, ")]
    [TestCase(1ul, false, 4, "how examples are read then: normals decoded; now: normals as stored")]
    [TestCase(1ul, true, 5, "had 10 examples, and has 11")]
    public void A_cache_of_other_data_is_refused_and_rebuilt_on_request(ulong seed, bool decoded, int train, string difference)
    {
        DatasetCache.Open(Scenes(), File).Dispose();
        byte[] before = System.IO.File.ReadAllBytes(File);
        ProceduralScenes other = Scenes(seed, decoded, train);
        AssertRefused(other, difference);
        Assert.That(System.IO.File.ReadAllBytes(File), Is.EqualTo(before));

        using CachedDataset rebuilt = DatasetCache.Open(other, File, rebuild: true);
        AssertSame(rebuilt, other);
    }

    [Test]
    public void A_file_of_the_data_set_that_changed_is_noticed()
    {
        DatasetCache.Open(new Counting(Scenes()), File).Dispose();
        AssertRefused(new Counting(Scenes()) { Changed = 3 }, "example 0003 of");
    }

    /// <summary>What no option and no sign tells.</summary>
    [Test]
    public void A_program_that_reads_otherwise_is_noticed()
    {
        DatasetCache.Open(new Counting(Scenes()), File).Dispose();
        AssertRefused(new Counting(Scenes()) { Brighter = true }, "is read as other values now");
    }

    [Test]
    public void Another_file_is_never_replaced([Values] bool rebuild)
    {
        System.IO.File.WriteAllText(File, "my notes");
        DataException error = Assert.Throws<DataException>(() => DatasetCache.Open(Scenes(), File, rebuild))!;
        Assert.That(error.Message, Does.StartWith($"{File}: is no cache of a data set"));
        Assert.That(System.IO.File.ReadAllText(File), Is.EqualTo("my notes"));
    }

    [Test]
    public void A_folder_and_a_missing_folder_are_refused()
    {
        Assert.That(Assert.Throws<DataException>(() => DatasetCache.Open(Scenes(), _folder))!.Message, Does.StartWith($"{_folder}: is a folder; name a file"));
        string missing = Path.Combine(_folder, "no", "data.cache");
        Assert.That(Assert.Throws<DataException>(() => DatasetCache.Open(Scenes(), missing))!.Message, Does.StartWith($"{missing}: there is no folder "));
        Assert.That(Directory.Exists(Path.GetDirectoryName(missing)), Is.False);
    }

    /// <summary>Wherever a bit flips, or the file ends, it is said before a value of it is used; --cache-rebuild mends it.</summary>
    [Test]
    public void Damage_is_one_sentence_with_the_file()
    {
        DatasetCache.Open(Scenes(), File).Dispose();
        byte[] whole = System.IO.File.ReadAllBytes(File);
        var places = Enumerable.Range(0, 61).Select(i => (int)((long)i * (whole.Length - 1) / 60)).Concat(Enumerable.Range(0, 56)).Distinct();
        int noticed = 0, padding = 0;
        foreach (int place in places)
        {
            byte[] damaged = [.. whole];
            damaged[place] ^= 4;
            System.IO.File.WriteAllBytes(File, damaged);
            DataException? error = ReadAll();
            Assert.That(error?.Message ?? File, Does.StartWith(File).And.Not.Contain("\n"));
            (noticed, padding) = error is null ? (noticed, padding + 1) : (noticed + 1, padding);
        }

        Assert.That(padding, Is.LessThan(6), "only what fills the gaps between examples may change");
        foreach (int length in new[] { 0, 10, 63, 64, 200, whole.Length / 2, whole.Length - 1 })
        {
            System.IO.File.WriteAllBytes(File, whole[..length]);
            Assert.That(ReadAll()?.Message, Does.StartWith($"{File}: is ").And.Not.Contain("\n"), $"{length} bytes");
        }

        System.IO.File.WriteAllBytes(File, [.. whole, 0]);
        Assert.That(ReadAll()?.Message, Does.StartWith($"{File}: is damaged (it has "));
        DatasetCache.Open(Scenes(), File, rebuild: true).Dispose();
        Assert.That(System.IO.File.ReadAllBytes(File), Is.EqualTo(whole));
    }

    [Test]
    public void Nothing_is_read_after_the_end()
    {
        CachedDataset cached = DatasetCache.Open(Scenes(), File);
        Sample sample = cached.Load(Split.Train, 0, cached.Labels);
        cached.Dispose();
        Assert.Throws<ObjectDisposedException>(() => _ = sample.Image.Pixels.Length);
        Assert.Throws<ObjectDisposedException>(() => _ = sample.Labels[Label.Depth].Values);
        Assert.Throws<ObjectDisposedException>(() => cached.Load(Split.Train, 1, cached.Labels));
    }

    [Test]
    public void A_file_that_is_cut_while_it_is_in_use_is_an_error_and_no_crash()
    {
        using CachedDataset cached = DatasetCache.Open(Scenes(), File);
        Sample sample = cached.Load(Split.Test, 1, cached.Labels);
        using (var stream = new FileStream(File, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            stream.SetLength(100);
        }

        Assert.That(Assert.Throws<DataException>(() => _ = sample.Image.Pixels.Length)!.Message, Does.StartWith($"{File}: is damaged (it ends at byte "));
    }

    [Test]
    public void A_writer_that_is_stopped_leaves_nothing()
    {
        using var stop = new CancellationTokenSource();
        var counting = new Counting(Scenes()) { Loading = count => { if (count == 8) { stop.Cancel(); } } };
        Assert.That(() => DatasetCache.Open(counting, File, stop: stop.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Left(), Is.Empty);
    }

    [Test]
    public void An_example_that_cannot_be_read_leaves_nothing()
    {
        var broken = new PatternDataset(6) { Broken = { 5 } };
        Assert.That(Assert.Throws<DataException>(() => DatasetCache.Open(broken, File))!.Message, Is.EqualTo("example 5: broken on purpose"));
        Assert.That(Left(), Is.Empty);
    }

    /// <summary>A process that is killed leaves its unfinished file under another name, and no lock: the next one writes anew and clears up.</summary>
    [Test]
    public void What_a_killed_process_left_is_no_cache()
    {
        DatasetCache.Open(Scenes(), File).Dispose();
        byte[] whole = System.IO.File.ReadAllBytes(File);
        System.IO.File.Delete(File);
        string unfinished = Path.Combine(_folder, ".data.cache.0123456789abcdef.partial");
        System.IO.File.WriteAllBytes(unfinished, whole[..(whole.Length / 2)]);
        DatasetCache.Open(Scenes(), File).Dispose();
        Assert.That(System.IO.File.ReadAllBytes(File), Is.EqualTo(whole));
    }

    [Test]
    public void Two_at_once_write_one_file()
    {
        var counts = new Counting[] { new(Scenes()), new(Scenes()) };
        Task<CachedDataset>[] both = [.. counts.Select(data => Task.Factory.StartNew(() => DatasetCache.Open(data, File), TaskCreationOptions.LongRunning))];
        foreach (Task<CachedDataset> one in both)
        {
            using CachedDataset cached = one.GetAwaiter().GetResult();
            AssertSame(cached, Scenes());
        }

        Assert.That(counts.Select(static count => count.Loads).Order().First(), Is.EqualTo(4), "the second one found the first one's");
        Assert.That(Left(), Is.EqualTo(new[] { "data.cache" }));
    }

    [Test]
    public void Too_little_room_is_said_before_anything_is_written()
    {
        var writer = new CacheWriter(File, static _ => { }, default) { FreeBytes = static _ => 1000 };
        DataException error = Assert.Throws<DataException>(() => DatasetCache.Open(Scenes(), File, false, static _ => { }, writer, default))!;
        Assert.That(error.Message, Does.Match("^.*data.cache: a cache of 10 examples needs about [0-9.]+ kB, and 1.0 kB are free on its disk; "));
        Assert.That(Left(), Is.Empty);
    }

    [Test]
    public void The_estimate_is_near_the_size()
    {
        var lines = new List<string>();
        using CachedDataset cached = DatasetCache.Open(Scenes(), File, say: lines.Add);
        double estimate = double.Parse(lines[0].Split("about ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) * 1000;
        Assert.That(estimate, Is.EqualTo(cached.CacheBytes).Within(10).Percent);
    }

    /// <summary>Classes and normals of pictures take a byte a value; more than 256 different values are kept in full.</summary>
    [TestCase(255, 255)]
    [TestCase(256, 256)]
    [TestCase(257, 0)]
    public void Planes_with_few_values_are_kept_as_bytes(int different, int length)
    {
        float[] values = [.. Enumerable.Range(0, 2000).Select(i => i % different == 7 ? float.NaN : i % different == 8 ? -0f : (i % different) * 0.1f)];
        var (table, codes) = (new float[PlaneCode.MostValues], new byte[values.Length]);
        int found = PlaneCode.Encode(values, table, codes);
        Assert.That(found, Is.EqualTo(length));
        if (found > 0)
        {
            Assert.That(codes.Select(code => BitConverter.SingleToInt32Bits(table[code])), Is.EqualTo(values.Select(BitConverter.SingleToInt32Bits)));
        }
    }

    private static ProceduralScenes Scenes(ulong seed = 1, bool decoded = true, int train = 4) =>
        new(new ProceduralSceneOptions { Seed = seed, Height = 24, Width = 32, TrainWeights = train, TrainPolicy = 2, Validation = 2, Test = 2, DecodeNormals = decoded });

    private static void AssertSame(IDataset actual, IDataset expected)
    {
        foreach (Split split in Splits)
        {
            Assert.That(actual.Count(split), Is.EqualTo(expected.Count(split)));
            for (int i = 0; i < expected.Count(split); i++)
            {
                (Sample one, Sample other) = (expected.Load(split, i, expected.Labels), actual.Load(split, i, expected.Labels));
                Assert.That((other.Id, other.Input.Kind, other.Input.Height, other.Input.Width, other.Input.ChannelCount), Is.EqualTo((one.Id, one.Input.Kind, one.Input.Height, one.Input.Width, one.Input.ChannelCount)));
                Assert.That(other.Input.Bytes.SequenceEqual(one.Input.Bytes));
                Assert.That(other.Labels.Keys, Is.EquivalentTo(one.Labels.Keys));
                foreach ((Label label, Plane plane) in one.Labels)
                {
                    Assert.That((other.Labels[label].Height, other.Labels[label].Width, other.Labels[label].Channels), Is.EqualTo((plane.Height, plane.Width, plane.Channels)));
                    Assert.That(other.Labels[label].Values.Select(BitConverter.SingleToInt32Bits), Is.EqualTo(plane.Values.Select(BitConverter.SingleToInt32Bits)));
                }
            }
        }
    }

    private void AssertRefused(IDataset dataset, string difference)
    {
        DataException error = Assert.Throws<DataException>(() => DatasetCache.Open(dataset, File))!;
        Assert.That(error.Message, Does.StartWith($"{File}: is a cache of other data (").And.Contain(difference).And.EndsWith("; --cache-rebuild makes it anew, or name another file in --cache or dataload.cache"));
    }

    /// <summary>What goes wrong when every example is read.</summary>
    private DataException? ReadAll()
    {
        try
        {
            using CachedDataset cached = DatasetCache.Open(Scenes(), File);
            foreach (Split split in Splits)
            {
                for (int i = 0; i < cached.Count(split); i++)
                {
                    _ = cached.Load(split, i, cached.Labels);
                }
            }

            return null;
        }
        catch (DataException error)
        {
            return error;
        }
    }

    private string[] Left() => [.. Directory.EnumerateFiles(_folder).Select(static path => Path.GetFileName(path)).Where(static name => !name.EndsWith(".lock", StringComparison.Ordinal))];
}
