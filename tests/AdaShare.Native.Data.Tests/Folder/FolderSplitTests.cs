using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.Folder;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Tests.Folder;

[TestFixture]
internal sealed class FolderSplitTests
{
    private const string Classes = "images: \"*/*\"\ntasks: {kind: {kind: class, folder: 1}}";

    [Test]
    public void Classes_come_into_every_part_in_like_shares()
    {
        using OwnFolder folder = new OwnFolder(Classes).Images("a", 60).Images("b", 20);

        IReadOnlyDictionary<string, string[]> parts = FolderSplit.Draw(folder.Root, new FolderSplitOptions { Stratify = "kind", Seed = 4 });

        Assert.That(parts.ToDictionary(static p => p.Key, static p => (p.Value.Count(static id => id[0] == 'a'), p.Value.Count(static id => id[0] == 'b'))), Is.EquivalentTo(new Dictionary<string, (int, int)>
        {
            ["train1"] = (36, 12),
            ["train2"] = (9, 3),
            ["validation"] = (6, 2),
            ["test"] = (9, 3),
        }));
        Assert.That(parts.SelectMany(static p => p.Value), Is.Unique);
    }

    // Shares of 0.6, 0.15, 0.1 and 0.15 (train1, train2, validation, test), as 0.2 of the training images are the policy's.
    [TestCase(4, new[] { 1, 1, 1, 1 })]
    [TestCase(5, new[] { 2, 1, 1, 1 })]
    [TestCase(10, new[] { 6, 2, 1, 1 }, Description = "one image of 1.5 goes to either")]
    [TestCase(20, new[] { 12, 3, 2, 3 })]
    public void A_class_with_enough_images_is_in_every_part(int count, int[] expected)
    {
        using OwnFolder folder = new OwnFolder(Classes).Images("a", count).Images("b", 40);
        var notices = new List<string>();
        IReadOnlyDictionary<string, string[]> parts = FolderSplit.Draw(folder.Root, new FolderSplitOptions { Stratify = "kind" }, notices.Add);
        int[] found = [.. parts.Values.Select(static part => part.Count(static id => id[0] == 'a'))];
        Assert.That(notices, Is.Empty);
        Assert.That(found.Sum(), Is.EqualTo(count));
        Assert.That(found, count == 10 ? Is.EqualTo(expected).Or.EqualTo(new[] { 6, 1, 1, 2 }) : Is.EqualTo(expected));
    }

    [Test]
    public void Small_classes_are_trained_on_first_parts_keep_their_shares_and_what_is_not_everywhere_is_said()
    {
        using OwnFolder folder = new(Classes);
        for (int c = 0; c < 20; c++)
        {
            folder.Images($"{(char)('a' + c)}", c == 0 ? 1 : c == 1 ? 2 : 3);
        }

        var notices = new List<string>();
        IReadOnlyDictionary<string, string[]> parts = FolderSplit.Draw(folder.Root, new FolderSplitOptions { Stratify = "kind", Test = 0.1, Validation = 0.1 }, notices.Add);
        Assert.That(parts["train1"].Select(static id => id[0]).Distinct().Count(), Is.EqualTo(20), "what is not trained on can't be measured");
        Assert.That(parts.Values.Select(static part => part.Length), Is.EqualTo(new[] { 36, 9, 6, 6 }).Within(1), "57 images: 0.64, 0.16, 0.1 and 0.1 of them");
        Assert.That(notices, Has.Count.EqualTo(1));
        Assert.That(notices[0], Does.StartWith("not in every part, because fewer than 4 images have them: of kind a (1: train1); b (2: train1").And.EndWith(" and 12 more"));
    }

    [Test]
    public void Groups_stay_together()
    {
        using OwnFolder folder = new(Classes);
        for (int scene = 0; scene < 12; scene++)
        {
            for (int view = 0; view < 3; view++)
            {
                folder.Picture($"{(scene % 2 == 0 ? "a" : "b")}/{scene:D2}_{view}.png", 3, p => (byte)((scene * 9) + (view * 3) + p));
            }
        }

        IReadOnlyDictionary<string, string[]> parts = FolderSplit.Draw(folder.Root, new FolderSplitOptions { Group = "_" });

        foreach (string[] part in parts.Values)
        {
            Assert.That(part, Is.Not.Empty);
            Assert.That(part.GroupBy(static id => id.Split('_')[0]).Select(static group => group.Count()), Has.All.EqualTo(3));
        }
    }

    [Test]
    public void The_same_seed_gives_the_same_parts_and_a_file_is_not_replaced()
    {
        using OwnFolder folder = new OwnFolder(Classes).Images("a", 9).Images("b", 9);
        IReadOnlyDictionary<string, string[]> parts = FolderSplit.Draw(folder.Root, new FolderSplitOptions { Seed = 1 });

        Assert.That(FolderSplit.Draw(folder.Root, new FolderSplitOptions { Seed = 1 }), Is.EqualTo(parts));
        Assert.That(FolderSplit.Draw(folder.Root, new FolderSplitOptions { Seed = 2 }), Is.Not.EqualTo(parts));

        string path = Path.Combine(folder.Root, "parts.json");
        FolderSplit.Write(path, parts);
        Assert.That(() => FolderSplit.Write(path, parts), Throws.TypeOf<DataException>().With.Message.Contains("already"));
        File.AppendAllText(folder.Yaml, "\nparts: parts.json");
        IDataset data = folder.Open();
        Assert.That(Enumerable.Range(0, data.Count(Split.Test)).Select(i => data.Id(Split.Test, i)), Is.EqualTo(parts["test"]));
    }

    [Test]
    public void What_can_t_be_divided_is_said()
    {
        using OwnFolder folder = new OwnFolder(Classes).Images("a", 2).Images("b", 1);

        Assert.That(() => FolderSplit.Draw(folder.Root, new FolderSplitOptions()), Throws.TypeOf<DataException>().With.Message.Contains("3 labelled images can't be divided"));
        Assert.That(() => FolderSplit.Draw(folder.Root, new FolderSplitOptions { Stratify = "no" }), Throws.TypeOf<ConfigurationException>().With.Message.Contains("there is no such task"));
        Assert.That(() => FolderSplit.Draw(folder.Root, new FolderSplitOptions { Test = 0.6, Validation = 0.5 }), Throws.TypeOf<ConfigurationException>().With.Message.Contains("shares: test 0.6"));
    }
}
