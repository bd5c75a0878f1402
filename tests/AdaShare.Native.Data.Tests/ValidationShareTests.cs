using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.NyuV2;
using AdaShare.Native.Data.Registry;
using AdaShare.Native.Data.Tests.Dense;
using AdaShare.Native.Data.Tests.Folder;

namespace AdaShare.Native.Data.Tests;

/// <summary>A share of 0 leaves the part for selection empty where a data set states none, and changes nothing where it does.</summary>
[TestFixture]
internal sealed class ValidationShareTests
{
    [Test]
    public void A_bare_folder_is_divided_into_training_and_test()
    {
        using var folder = new NyuV2Folder(20);

        var set = new NyuV2Dataset(folder.Root, new() { ValidationFraction = 0 });

        Assert.That(Counts(set), Is.EqualTo(new[] { 17, 14, 3, 0, 3 }));
    }

    [Test]
    public void A_list_without_validation_keeps_all_of_its_training_images()
    {
        using var folder = new NyuV2Folder(12);
        folder.WriteList(new() { ["train1"] = Range(0, 6), ["train2"] = Range(6, 9), ["test"] = Range(9, 12) });

        Assert.That(Counts(new NyuV2Dataset(folder.Root, new() { ValidationFraction = 0 })), Is.EqualTo(new[] { 9, 6, 3, 0, 3 }));
    }

    [Test]
    public void A_stated_validation_part_stays()
    {
        using var folder = new NyuV2Folder(12);
        folder.WriteList(new() { ["train1"] = Range(0, 6), ["train2"] = Range(6, 8), ["val"] = [8], ["test"] = Range(9, 12) });

        Assert.That(Counts(new NyuV2Dataset(folder.Root, new() { ValidationFraction = 0 })), Is.EqualTo(new[] { 8, 6, 2, 1, 3 }));
    }

    [Test]
    public void A_layout_of_two_parts_stays_of_two()
    {
        using var folder = new DenseFolder();
        DenseLayouts.MtanNyu(folder, DenseScenes.Draw(8, 32, 48), train: 6);

        IDataset set = DatasetRegistry.Get("NYU_v2_MTAN").Open(new(folder.Root) { Tasks = [new("seg", Label.Segmentation, 13)], ValidationFraction = 0 });

        Assert.That(Counts(set), Is.EqualTo(new[] { 6, 5, 1, 0, 2 }));
    }

    [Test]
    public void Domains_and_folders_of_ones_own_keep_theirs_too()
    {
        using var own = new OwnFolder("images: \"*/*/*\"\nparts: {train: \"train/**\", test: \"test/**\"}\ntasks: {class: {kind: class, folder: 1}}");
        own.Images("train/a", 5).Images("train/b", 5).Images("test/a", 2).Images("test/b", 3);
        using var domains = new DomainFolder();
        foreach (string domain in new[] { "photo", "sketch" })
        {
            domains.Add(domain, "cat", 6);
            domains.Add(domain, "dog", 6);
        }

        Assert.That(Counts(DatasetRegistry.Get("Folder").Open(new(own.Root) { ValidationFraction = 0 })), Is.EqualTo(new[] { 10, 8, 2, 0, 5 }));
        Assert.That(domains.Open("PACS", 0, "photo", "sketch").Parts.Select(static part => part.Dataset.Count(Split.Validation)), Is.EqualTo(new[] { 0, 0 }));
        Assert.That(domains.Open("PACS", 0.1, "photo", "sketch").Parts.Select(static part => part.Dataset.Count(Split.Validation)), Is.All.Positive);
    }

    private static int[] Counts(IDataset set) => [.. new[] { Split.Train, Split.TrainWeights, Split.TrainPolicy, Split.Validation, Split.Test }.Select(set.Count)];

    private static int[] Range(int start, int end) => [.. Enumerable.Range(start, end - start)];
}
