using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.NyuV2;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Tests;

/// <summary>Which examples are in which part.</summary>
public sealed class NyuV2SplitTests
{
    private static readonly Split[] Single = [Split.TrainWeights, Split.TrainPolicy, Split.Validation, Split.Test];

    [TestCase(4, 1, 1, 1, 1)]
    [TestCase(5, 2, 1, 1, 1)]
    [TestCase(20, 12, 3, 2, 3)]
    public void A_bare_folder_is_divided_into_parts_none_empty(int examples, int weights, int policy, int validation, int test)
    {
        using var folder = new NyuV2Folder(examples);

        var set = new NyuV2Dataset(folder.Root);

        Assert.That(Single.Select(set.Count), Is.EqualTo([weights, policy, validation, test]));
        RequirePartition(set, examples);
    }

    [Test]
    public void Even_the_largest_validation_leaves_two_for_training()
    {
        using var folder = new NyuV2Folder(5);

        var set = new NyuV2Dataset(folder.Root, new() { ValidationFraction = 0.5 });

        Assert.That(Single.Select(set.Count), Is.EqualTo([1, 1, 2, 1]));
        RequirePartition(set, 5);
    }

    [Test]
    public void Fewer_than_four_examples_are_refused()
    {
        using var folder = new NyuV2Folder(3);

        Assert.That(Refused(folder), Does.Contain("3 images").And.Contain("at least 4"));
    }

    [Test]
    public void The_seed_decides_the_parts()
    {
        using var folder = new NyuV2Folder(20);

        string[] Parts(ulong seed)
        {
            var set = new NyuV2Dataset(folder.Root, new() { Seed = seed });
            return [.. Single.Select(part => string.Join(",", Ids(set, part)))];
        }

        string[] first = Parts(5);
        Assert.That(Parts(5), Is.EqualTo(first));
        Assert.That(Parts(6), Is.Not.EqualTo(first));
    }

    [Test]
    public void Validation_is_held_out_of_train_train1_and_train2_alike()
    {
        using var folder = new NyuV2Folder(30);
        folder.WriteList(new() { ["train"] = Range(0, 20), ["train1"] = Range(0, 16), ["train2"] = Range(16, 20), ["test"] = Range(20, 30) });

        // Some seeds hold out examples of both parts.
        for (ulong seed = 0; seed < 8; seed++)
        {
            var set = new NyuV2Dataset(folder.Root, new() { Seed = seed, ValidationFraction = 0.25 });

            Assert.That(set.Count(Split.Validation), Is.EqualTo(5));
            Assert.That(Ids(set, Split.Test), Is.EqualTo(Range(20, 30).Select(NyuV2Folder.Id)));
            Assert.That(Ids(set, Split.TrainWeights), Is.SubsetOf(Range(0, 16).Select(NyuV2Folder.Id)));
            Assert.That(Ids(set, Split.TrainPolicy), Is.SubsetOf(Range(16, 20).Select(NyuV2Folder.Id)));
            RequirePartition(set, 30);
        }
    }

    [Test]
    public void Validation_is_held_out_of_examples_in_neither_part_too()
    {
        using var folder = new NyuV2Folder(9);
        folder.WriteList(new() { ["train"] = Range(0, 8), ["train1"] = [0], ["train2"] = [1], ["test"] = [8] });

        var set = new NyuV2Dataset(folder.Root, new() { ValidationFraction = 0.5 });

        Assert.That(Ids(set, Split.Validation), Has.Length.EqualTo(4).And.SubsetOf(Range(2, 8).Select(NyuV2Folder.Id)));
        Assert.That(Ids(set, Split.Train), Is.EqualTo(Range(0, 8).Select(NyuV2Folder.Id).Except(Ids(set, Split.Validation))));
    }

    [Test]
    public void The_smallest_list_gives_one_example_to_validation_and_keeps_one_in_each_part()
    {
        using var folder = new NyuV2Folder(4);
        folder.WriteList(new() { ["train1"] = Range(0, 2), ["train2"] = [2], ["test"] = [3] });
        for (ulong seed = 0; seed < 20; seed++)
        {
            var set = new NyuV2Dataset(folder.Root, new() { Seed = seed, ValidationFraction = 0.5 });

            Assert.That(Single.Select(set.Count), Is.EqualTo([1, 1, 1, 1]));
        }
    }

    [Test]
    public void A_stated_validation_set_is_used_as_it_is()
    {
        using var folder = new NyuV2Folder(10);
        folder.WriteList(new() { ["train1"] = [0, 5], ["train2"] = [1], ["val"] = [2, 3], ["test"] = [9, 4] });

        var set = new NyuV2Dataset(folder.Root);

        Assert.That(Ids(set, Split.TrainWeights), Is.EqualTo(["0000", "0005"]));
        Assert.That(Ids(set, Split.TrainPolicy), Is.EqualTo(["0001"]));
        Assert.That(Ids(set, Split.Train), Is.EqualTo(["0000", "0001", "0005"]));
        Assert.That(Ids(set, Split.Validation), Is.EqualTo(["0002", "0003"]));
        Assert.That(Ids(set, Split.Test), Is.EqualTo(["0004", "0009"]));
    }

    [Test]
    public void Training_examples_of_neither_part_stay_in_the_whole_training_set()
    {
        using var folder = new NyuV2Folder(6);
        folder.WriteList(new() { ["train"] = Range(0, 4), ["train1"] = [0, 1], ["train2"] = [2], ["val"] = [4], ["test"] = [5] });

        var set = new NyuV2Dataset(folder.Root);

        Assert.That(Ids(set, Split.Train), Is.EqualTo(Range(0, 4).Select(NyuV2Folder.Id)));
        Assert.That(set.Count(Split.TrainWeights) + set.Count(Split.TrainPolicy), Is.EqualTo(3));
    }

    [Test]
    public void A_list_without_train1_and_train2_is_divided_4_to_1()
    {
        using var folder = new NyuV2Folder(24);
        folder.WriteList(new() { ["train"] = Range(0, 22), ["test"] = Range(22, 24) });

        var set = new NyuV2Dataset(folder.Root);

        Assert.That(Single.Select(set.Count), Is.EqualTo([16, 4, 2, 2]));
        RequirePartition(set, 24);
    }

    [Test]
    public void An_example_in_two_parts_is_refused()
    {
        using var folder = new NyuV2Folder(6);
        folder.WriteList(new() { ["train1"] = [0, 1], ["train2"] = [2], ["val"] = [3], ["test"] = [4, 1] });
        Assert.That(Refused(folder), Does.Contain("nyu_v2_3task.json").And.Contain("img/0001.png").And.Contain("'train1'").And.Contain("'test'"));

        folder.WriteList(new() { ["train"] = [0, 1, 2, 3], ["train1"] = [0, 1], ["train2"] = [2], ["val"] = [3], ["test"] = [4] });
        Assert.That(Refused(folder), Does.Contain("'train'").And.Contain("'val'"));
    }

    [Test]
    public void Lists_that_lack_a_part_are_refused()
    {
        using var folder = new NyuV2Folder(6);

        folder.WriteList(new() { ["train"] = Range(0, 4) });
        Assert.That(Refused(folder), Does.Contain("train 4").And.Contain("expected test"));
        folder.WriteList(new() { ["train1"] = Range(0, 4), ["test"] = [5] });
        Assert.That(Refused(folder), Does.Contain("train1 4, test 1"));
        folder.WriteList(new() { ["train"] = [0, 1], ["test"] = [5] });
        Assert.That(Refused(folder), Does.Contain("at least 3"));
        folder.WriteList(new() { ["train1"] = [0], ["train2"] = [1], ["test"] = [5] });
        Assert.That(Refused(folder), Does.Contain("'val'"));
        folder.WriteList([]);
        Assert.That(Refused(folder), Does.Contain("none"));
    }

    [TestCase("[1", "not JSON")]
    [TestCase("[1]", "kind Array")]
    [TestCase("{\"train\": 1}", "mode 'train' is of kind Number")]
    [TestCase("{\"train\": [[\"a\", \"b\", \"c\"]]}", "mode 'train', entry 0")]
    [TestCase("{\"train\": [[\"a\", \"b\", \"c\", 4]]}", "mode 'train', entry 0")]
    public void Damaged_lists_are_refused_in_one_line(string json, string cause)
    {
        using var folder = new NyuV2Folder(4);
        File.WriteAllText(Path.Combine(folder.Root, "nyu_v2_3task.json"), json);

        Assert.That(Refused(folder), Does.StartWith(Path.Combine(folder.Root, "nyu_v2_3task.json")).And.Contain(cause).And.Not.Contain("\n"));
    }

    [TestCase("{}", "'splits'")]
    [TestCase("{\"splits\": {\"train1\": []}}", "'train2'")]
    [TestCase("{\"splits\": {\"train1\": [\"0000\"], \"train2\": [], \"val\": [], \"test\": [\"0000\"]}}", "'0000'")]
    [TestCase("{\"classes\": [1], \"splits\": {\"train1\": [\"0000\"], \"train2\": [], \"val\": [], \"test\": []}}", "'classes'")]
    [TestCase("{\"splits\": {\"train1\": [\"7777\"], \"train2\": [], \"val\": [], \"test\": []}}", "7777.png")]
    public void Damaged_scene_lists_are_refused_in_one_line(string json, string cause)
    {
        using var folder = new NyuV2Folder(1);
        File.WriteAllText(Path.Combine(folder.Root, "scenes.json"), json);

        Assert.That(Refused(folder), Does.Contain(cause).And.Not.Contain("\n"));
    }

    private static void RequirePartition(NyuV2Dataset set, int examples)
    {
        string[] all = [.. Single.SelectMany(part => Ids(set, part))];
        Assert.That(all, Is.Unique);
        Assert.That(all.Order(), Is.EqualTo(Range(0, examples).Select(NyuV2Folder.Id)));
        Assert.That(Ids(set, Split.Train), Is.EqualTo(Ids(set, Split.TrainWeights).Concat(Ids(set, Split.TrainPolicy)).Order()));
        foreach (Split part in Single)
        {
            Assert.That(Ids(set, part), Is.Ordered);
        }
    }

    private static string Refused(NyuV2Folder folder) => Assert.Throws<DataException>(() => _ = new NyuV2Dataset(folder.Root))!.Message;

    private static string[] Ids(NyuV2Dataset set, Split split) => [.. Enumerable.Range(0, set.Count(split)).Select(i => set.Id(split, i))];

    private static IEnumerable<int> Range(int start, int end) => Enumerable.Range(start, end - start);
}
