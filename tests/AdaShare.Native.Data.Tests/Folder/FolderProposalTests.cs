using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.Folder;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Tests.Folder;

[TestFixture]
internal sealed class FolderProposalTests
{
    [Test]
    public void Label_files_and_tables_beside_images_become_tasks_that_can_be_opened()
    {
        using OwnFolder folder = new OwnFolder().Images("photos", 6);
        for (int i = 0; i < 6; i++)
        {
            folder.Picture($"mask/{i:D2}.png", 1, static p => (byte)(p % 2 * 255)).Picture($"parts/{i:D2}.png", 1, static p => (byte)(p % 4)).Array($"depth/{i:D2}.npy", static p => 1 + p);
        }

        folder.Text("labels.csv", "file,sunny,age,room\n00.png,1,3.5,hall\n01.png,0,2,hall\n02.png,1,2.5,bath\n03.png,1,9,bath\n");

        DatasetTask[] tasks = Propose(folder);

        Assert.That(tasks, Is.EquivalentTo(new DatasetTask[] { new("mask", "seg", 2), new("parts", "seg", 4), new("depth", "depth", 1), new("sunny", "attributes", 1), new("age", "values", 1), new("room", "class", 2) }));
        IDataset data = folder.Open();
        Assert.That(OwnFolder.Load(data, "photos/00").Labels.Single(static pair => pair.Key.Name == "mask").Value.Values[..2], Is.EqualTo(new float[] { 0, 1 }), "255 is a class where there are 0 and 255 alone");
    }

    [Test]
    public void Images_are_told_from_labels_whatever_their_folder_is_called()
    {
        using OwnFolder folder = new OwnFolder().Images("fotos", 5, ".jpg");
        for (int i = 0; i < 5; i++)
        {
            folder.Picture($"masks/{i:D2}.png", 1, static p => (byte)(p % 2));
        }

        Assert.That(Propose(folder), Is.EqualTo(new DatasetTask[] { new("masks", "seg", 2) }));
    }

    [Test]
    public void Folders_of_classes_and_of_domains_are_seen()
    {
        using OwnFolder classes = new OwnFolder().Images("cat", 3).Images("dog", 3);
        using OwnFolder domains = new OwnFolder().Images("photo/cat", 3).Images("photo/dog", 3).Images("art work/cat", 3).Images("art work/dog", 3);
        using OwnFolder parts = new OwnFolder().Images("train/cat", 4).Images("train/dog", 4).Images("test/cat", 2).Images("test/dog", 2);

        Assert.That(Propose(classes), Is.EqualTo(new DatasetTask[] { new("class", "class", 2) }));
        Assert.That(Propose(domains), Is.EqualTo(new DatasetTask[] { new("art_work", "class", 2), new("photo", "class", 2) }));
        Assert.That(Propose(parts), Is.EqualTo(new DatasetTask[] { new("class", "class", 2) }));
        Assert.That(parts.Open().Count(Split.Test), Is.EqualTo(4));
    }

    [Test]
    public void What_is_no_data_set_is_said()
    {
        using OwnFolder empty = new OwnFolder().Text("readme.txt", "x"), bare = new OwnFolder().Images(".", 3);

        Assert.That(() => FolderProposal.Of(empty.Root), Throws.TypeOf<DataException>().With.Message.Contains("has no picture"));
        Assert.That(() => FolderProposal.Of(bare.Root), Throws.TypeOf<DataException>().With.Message.Contains("nothing that looks like labels"));
        Assert.That(() => FolderProposal.Of(Path.Combine(bare.Root, "no")), Throws.TypeOf<DataException>().With.Message.Contains("there is no such folder"));
    }

    private static DatasetTask[] Propose(OwnFolder folder)
    {
        File.WriteAllText(folder.Yaml, FolderProposal.Of(folder.Root).Yaml);
        return [.. new FolderFormat().TasksOf(folder.Root)];
    }
}
