using AdaShare.Native.Data.Augmentation;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Tests;

/// <summary>The loader gives batch k whatever ran before it and on however many threads, and cleans up behind itself.</summary>
public sealed class LoadingBatchLoaderTests
{
    private static readonly Label[] All = [Label.Segmentation, Label.SurfaceNormals, Label.Depth, Label.Keypoints, Label.Edges];
    private static readonly AugmentationOptions Varied = new(16, 24, 0.5, 1.5, 0.5, true);
    private static readonly AugmentationOptions Plain = new(20, 28, 1, 1, 0, true);

    [Test]
    public void Batches_do_not_depend_on_the_number_of_threads([Values(2, 4)] int workers)
    {
        using BatchLoader single = Loader(new PatternDataset(11), 1);
        using BatchLoader several = Loader(new PatternDataset(11) { Dawdle = true }, workers);
        for (long step = 0; step < 12; step++)
        {
            using Batch expected = single.Next(), actual = several.Next();
            Assert.That((expected.Step, actual.Step), Is.EqualTo((step, step)));
            LoadingBatchTests.AssertEqual(actual, expected);
        }
    }

    /// <summary>Images of several sizes share batches; the room for them settles, whichever thread meets the largest first.</summary>
    [Test]
    public void Images_may_differ_in_size([Values(1, 4)] int workers)
    {
        static PatternDataset Data() => new(11) { Growth = static index => index * 5 % 11, Dawdle = true };
        using BatchLoader single = Loader(Data(), 1), several = Loader(Data(), workers);
        var rooms = new List<int>();
        for (long step = 0; step < 24; step++)
        {
            using Batch expected = single.Next(), actual = several.Next();
            LoadingBatchTests.AssertEqual(actual, expected);
            rooms.Add(actual.Images.Room);
        }

        Assert.That(rooms[12..], Is.All.EqualTo(rooms[^1]));
    }

    [Test]
    public void Seeking_goes_on_as_a_run_straight_through([Values(1, 3)] int workers)
    {
        using BatchLoader straight = Loader(new PatternDataset(11), workers);
        var kept = new List<Batch>();
        for (int step = 0; step < 10; step++)
        {
            kept.Add(straight.Next());
        }

        using BatchLoader jumping = Loader(new PatternDataset(11) { Dawdle = true }, workers);
        foreach (int step in new[] { 7, 8, 2, 0, 1, 9, 3, 3 })
        {
            jumping.Seek(step);
            using Batch batch = jumping.Next();
            Assert.That(batch.Step, Is.EqualTo(step));
            LoadingBatchTests.AssertEqual(batch, kept[step]);
        }

        jumping.Seek(4);
        for (int step = 4; step < 7; step++)
        {
            using Batch batch = jumping.Next();
            LoadingBatchTests.AssertEqual(batch, kept[step]);
        }
    }

    [Test]
    public void An_epoch_takes_no_example_twice_and_leaves_out_what_does_not_fill_a_batch()
    {
        using BatchLoader loader = Loader(new PatternDataset(11), 2, Plain, batch: 4);
        Assert.That(loader.StepsPerEpoch, Is.EqualTo(2));

        int[][] epochs = [.. Enumerable.Range(0, 12).Select(_ => (int[])[.. Examples(loader), .. Examples(loader)])];

        Assert.That(epochs.Select(static epoch => epoch.Distinct().Count()), Is.All.EqualTo(8));
        Assert.That(epochs[1], Is.Not.EqualTo(epochs[0]));
        Assert.That(epochs.SelectMany(static epoch => epoch).Distinct().Order(), Is.EqualTo(Enumerable.Range(0, 11)));
    }

    [Test]
    public void A_part_smaller_than_a_batch_repeats_within_it()
    {
        using BatchLoader loader = Loader(new PatternDataset(3), 2, Plain, batch: 8);
        Assert.That(loader.StepsPerEpoch, Is.EqualTo(1));

        int[] first = Examples(loader);

        Assert.That(first[..3], Is.EquivalentTo([0, 1, 2]));
        Assert.That(first, Is.EqualTo(Enumerable.Range(0, 8).Select(i => first[i % 3])));
        Assert.That(Enumerable.Range(0, 8).Select(_ => string.Join(' ', Examples(loader))).Distinct().Count(), Is.GreaterThan(1));
    }

    [Test]
    public void The_same_example_is_varied_anew_each_time()
    {
        using BatchLoader loader = Loader(new PatternDataset(1), 1, Varied, batch: 2);
        using Batch first = loader.Next(), second = loader.Next();

        Assert.That(first.Images.Windows.ToArray().Concat(second.Images.Windows.ToArray()).Distinct().Count(), Is.EqualTo(4));
    }

    [Test]
    public void Seeds_and_names_give_other_orders()
    {
        string Order(ulong seed, string name)
        {
            using var loader = new BatchLoader(new PatternDataset(40), Split.Train, [], new(20, 20, 28, 1, 1), Plain, seed, name, 1);
            return string.Join(' ', Examples(loader));
        }

        string[] orders = [Order(1, "a"), Order(1, "a"), Order(2, "a"), Order(1, "b")];
        Assert.That(orders[1], Is.EqualTo(orders[0]));
        Assert.That(orders.Distinct().Count(), Is.EqualTo(3));
    }

    [Test]
    public void An_error_surfaces_as_it_was_thrown_at_its_step_and_the_next_step_follows()
    {
        using BatchLoader whole = Loader(new PatternDataset(8), 1, Plain, batch: 1);
        int[] order = [.. Enumerable.Range(0, 8).SelectMany(_ => Examples(whole))];
        using BatchLoader loader = Loader(new PatternDataset(8) { Broken = [order[2]] }, 2, Plain, batch: 1);

        Assert.That((int[])[.. Examples(loader), .. Examples(loader)], Is.EqualTo(order[..2]));
        Assert.That(loader.Next, Throws.TypeOf<DataException>().With.Message.EqualTo($"example {order[2]}: broken on purpose"));
        Assert.That(Examples(loader), Is.EqualTo(order[3..4]));
        loader.Seek(2);
        Assert.That(loader.Next, Throws.TypeOf<DataException>());
    }

    [Test]
    public void No_thread_is_left_after_disposal()
    {
        var data = new PatternDataset(11) { Dawdle = true };
        BatchLoader loader = Loader(data, 4);
        loader.Next().Dispose();

        loader.Dispose();

        Assert.That(data.Readers, Is.Not.Empty);
        Assert.That(data.Readers.Keys.Where(static thread => thread.IsAlive), Is.Empty);
        Assert.That(loader.Next, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => loader.Seek(1), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(loader.Dispose, Throws.Nothing);
    }

    [Test]
    public void A_thread_that_waits_for_a_batch_is_let_go_by_disposal()
    {
        var data = new PatternDataset(1) { Gate = new(false) };
        BatchLoader loader = Loader(data, 1, Plain, batch: 1);
        Task<Batch> waiting = Task.Run(loader.Next);
        SpinWait.SpinUntil(() => data.Running > 0, 5000);

        Task disposing = Task.Run(loader.Dispose);
        bool letGo = SpinWait.SpinUntil(() => waiting.IsCompleted, 5000);
        data.Gate.Set();
        disposing.Wait(5000);

        Assert.That(letGo, Is.True);
        Assert.That(waiting.Exception?.InnerException, Is.TypeOf<ObjectDisposedException>());
        Assert.That(disposing.IsCompletedSuccessfully, Is.True);
    }

    [Test]
    public void Buffers_that_are_given_back_serve_again()
    {
        using BatchLoader loader = Loader(new PatternDataset(11), 2);
        var buffers = new HashSet<Batch>();
        for (int step = 0; step < 40; step++)
        {
            using Batch batch = loader.Next();
            buffers.Add(batch);
        }

        // Three ahead for two workers, and the one that is lent.
        Assert.That(buffers, Has.Count.LessThanOrEqualTo(4));
    }

    /// <summary>A batch's images are 170 kB here; what may be new at each step is the order and the maps from crop to source.</summary>
    [Test]
    public void A_step_allocates_nothing_of_the_size_of_an_image()
    {
        var data = new PatternDataset(8) { Fixed = PatternDataset.Make(0, 120, 120, All) };
        using var loader = new BatchLoader(data, Split.Train, All, new(4, 128, 96, 16, 12), new(128, 96, 0.5, 1.5, 0.5, true), 1, "test", 1);
        Take(8);
        long before = GC.GetTotalAllocatedBytes(precise: true);

        Take(32);

        Assert.That((GC.GetTotalAllocatedBytes(precise: true) - before) / 32, Is.LessThan(64 << 10));

        void Take(int steps)
        {
            for (int step = 0; step < steps; step++)
            {
                loader.Next().Dispose();
            }
        }
    }

    [Test]
    public void A_batch_that_is_given_back_twice_is_not_lent_twice()
    {
        using BatchLoader loader = Loader(new PatternDataset(11), 1);
        Batch once = loader.Next();
        once.Dispose();
        once.Dispose();
        var kept = new List<Batch>();
        for (int step = 0; step < 6; step++)
        {
            kept.Add(loader.Next());
        }

        Assert.That(kept.Distinct().Count(), Is.EqualTo(6));
        Assert.That(kept.Select(static batch => batch.Step), Is.EqualTo(new long[] { 1, 2, 3, 4, 5, 6 }));
    }

    [Test]
    public void Buffers_are_not_lost_to_errors_and_seeks()
    {
        using BatchLoader loader = Loader(new PatternDataset(4) { Broken = [1] }, 2, Plain, batch: 1);
        var buffers = new HashSet<Batch>();
        for (int round = 0; round < 30; round++)
        {
            loader.Seek(round % 5 * 3);
            try
            {
                using Batch batch = loader.Next();
                buffers.Add(batch);
            }
            catch (DataException)
            {
            }
        }

        // A thread may still hold a buffer of the place that was left, so two more than going straight through.
        Assert.That(buffers, Has.Count.LessThanOrEqualTo(6));
    }

    [Test]
    public void What_can_not_be_loaded_is_refused_at_once()
    {
        var data = new PatternDataset(4);
        var shape = new BatchShape(2, 16, 24, 2, 3);

        void Make(Split split, BatchShape size, int workers, IDataset? from = null) =>
            new BatchLoader(from ?? data, split, All, size, Varied, 1, "test", workers).Dispose();

        Assert.That(() => Make(Split.Train, shape, 1), Throws.Nothing);
        Assert.That(() => Make(Split.Train, shape, 0), Throws.TypeOf<ConfigurationException>().With.Message.Contains("workers 0"));
        Assert.That(() => Make(Split.Train, shape with { Count = 0 }, 1), Throws.TypeOf<ConfigurationException>());
        Assert.That(() => Make(Split.Train, shape with { Height = 17 }, 1), Throws.TypeOf<ConfigurationException>().With.Message.Contains("17x24").And.Message.Contains("16x24"));
        Assert.That(() => Make(Split.Train, shape with { TargetWidth = 0 }, 1), Throws.TypeOf<ConfigurationException>().With.Message.Contains("2x0"));
        Assert.That(() => Make(Split.Validation, shape, 1), Throws.TypeOf<DataException>().With.Message.Contains("Validation"));
        Assert.That(() => Make(Split.Train, shape, 1, new PatternDataset(4) { Labels = [Label.Depth] }),
            Throws.TypeOf<ConfigurationException>().With.Message.Contains("Segmentation"));
    }

    /// <summary>Both would otherwise be found by a background thread, whose unhandled error ends the process.</summary>
    [Test]
    public void Batches_that_can_not_be_made_are_refused_before_a_thread_starts()
    {
        var data = new PatternDataset(4);
        var large = new AugmentationOptions(20_000, 20_000, 1, 1, 0, true);

        Assert.That(() => new BatchLoader(data, Split.Train, [Label.Depth, Label.Depth], new(2, 16, 24, 2, 3), Varied, 1, "test", 1),
            Throws.TypeOf<ConfigurationException>().With.Message.Contains("Depth").And.Message.Contains("twice"));
        Assert.That(() => new BatchLoader(data, Split.Train, All, new(2, 20_000, 20_000, 2, 3), large, 1, "test", 1),
            Throws.TypeOf<ConfigurationException>().With.Message.Contains("2 x 20000 x 20000"));
        Assert.That(() => new BatchLoader(data, Split.Train, All, new(2, 16, 24, 30_000, 30_000), Varied, 1, "test", 1),
            Throws.TypeOf<ConfigurationException>().With.Message.Contains("2 x 30000 x 30000"));
        Assert.That(data.Readers, Is.Empty);
    }

    private static BatchLoader Loader(PatternDataset data, int workers, AugmentationOptions? augmentation = null, int batch = 3)
    {
        augmentation ??= Varied;
        return new(data, Split.Train, All, new(batch, augmentation.CropHeight, augmentation.CropWidth, 2, 3), augmentation, 5, "test", workers);
    }

    /// <summary>Which examples the next batch holds: the red of the pattern.</summary>
    private static int[] Examples(BatchLoader loader)
    {
        using Batch batch = loader.Next();
        BatchImages images = batch.Images;
        return [.. images.Parts.ToArray().Select(part => (int)images.Pixels[part.Start + 2])];
    }
}
