using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Engine.Tests.Checkpoints;

/// <summary>Outputs that are complete or absent, and never replace what was not theirs; and names that lead to no file.</summary>
[TestFixture]
public sealed class AtomicFileTests
{
    private string _folder = null!;

    [SetUp]
    public void SetUp() => _folder = Directory.CreateTempSubdirectory("atomic-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void What_is_there_is_not_replaced_unless_asked_to()
    {
        string path = Named("out.txt");
        AtomicFile.Write(path, static stream => stream.WriteByte(1), overwrite: false);

        Assert.That(() => AtomicFile.Write(path, static _ => Assert.Fail("written"), overwrite: false), Throws.TypeOf<DataException>().With.Message.StartsWith(path));
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(new byte[] { 1 }));
        AtomicFile.Write(path, static stream => stream.WriteByte(2), overwrite: true);
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(new byte[] { 2 }));
    }

    [Test]
    public void A_folder_or_a_link_to_nowhere_is_in_the_way_too()
    {
        Directory.CreateDirectory(Named("folder"));
        File.CreateSymbolicLink(Named("link"), Named("nowhere"));
        foreach (string name in new[] { "folder", "link" })
        {
            Assert.That(() => AtomicFile.Write(Named(name), static _ => { }, overwrite: false), Throws.TypeOf<DataException>().With.Message.StartsWith(Named(name)));
        }
    }

    [Test]
    public void What_came_in_the_meantime_is_not_replaced()
    {
        string path = Named("out.txt");

        Assert.That(() => AtomicFile.Write(path, _ => File.WriteAllText(path, "theirs"), overwrite: false), Throws.TypeOf<DataException>());

        Assert.That(File.ReadAllText(path), Is.EqualTo("theirs"));
        Assert.That(Directory.GetFileSystemEntries(_folder), Is.EqualTo(new[] { path }));
    }

    [Test]
    public void A_write_that_fails_leaves_nothing_not_even_an_empty_file()
    {
        foreach (Exception cause in new Exception[] { new IOException("No space left on device"), new InvalidOperationException("broken") })
        {
            Assert.That(() => AtomicFile.Write(Named("out.txt"), stream =>
            {
                stream.WriteByte(1);
                throw cause;
            }), Throws.InstanceOf<Exception>());
            Assert.That(Directory.GetFileSystemEntries(_folder), Is.Empty);
        }
    }

    [Test]
    public void Files_of_others_with_the_ending_of_an_unfinished_one_stay()
    {
        string[] theirs = [Named("out.txt.partial"), Named(".out.txt.partial"), Named(".partial"), Named(".set.partial"), Named(".out.txt.0123456789abcdef.partial.old")];
        foreach (string file in theirs)
        {
            File.WriteAllText(file, "theirs");
        }

        AtomicFile.Write(Named("out.txt"), static stream => stream.WriteByte(1));
        AtomicFolder.Write(Named("set"), "a", folder => File.WriteAllText(Path.Combine(folder, "a"), "new"));

        Assert.That(theirs.Select(File.ReadAllText), Is.All.EqualTo("theirs"));
        Assert.That(Directory.GetFileSystemEntries(_folder), Has.Length.EqualTo(theirs.Length + 2));
    }

    [Test]
    public void What_a_killed_writer_left_is_removed_and_what_has_a_writer_stays()
    {
        string abandoned = Named(".out.txt.0123456789abcdef.partial"), held = Named(".out.txt.fedcba9876543210.partial"), link = Named(".out.txt.0000000000000000.partial");
        File.WriteAllText(abandoned, "half");
        File.WriteAllText(Named("other.txt"), "untouched");
        File.CreateSymbolicLink(link, Named("other.txt"));
        using (PartialName.Create(() => held))
        {
            AtomicFile.Write(Named("out.txt"), static stream => stream.WriteByte(1));
            Assert.That(File.Exists(held));
        }

        Assert.That(File.Exists(abandoned), Is.False);
        Assert.That(File.ReadAllText(Named("other.txt")), Is.EqualTo("untouched"));
    }

    [Test]
    public void Two_writers_of_one_file_do_not_meet()
    {
        string path = Named("out.txt");
        AtomicFile.Write(path, stream =>
        {
            AtomicFile.Write(path, static other => other.Write([2, 2]));
            stream.WriteByte(1);
        });

        Assert.That(File.ReadAllBytes(path), Is.EqualTo(new byte[] { 1 }));
        Assert.That(Directory.GetFileSystemEntries(_folder), Is.EqualTo(new[] { path }));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void The_second_writer_of_a_folder_is_told_of_the_first(bool exists)
    {
        string path = Named("set");
        if (exists)
        {
            Directory.CreateDirectory(path);
        }

        AtomicFolder.Write(path, "a", folder =>
        {
            Assert.That(() => AtomicFolder.Write(path, "a", static _ => Assert.Fail("written")), Throws.TypeOf<DataException>().With.Message.StartsWith(path).And.Message.Contains("another process is writing"));
            File.WriteAllText(Path.Combine(folder, "a"), "first");
        });

        Assert.That(File.ReadAllText(Path.Combine(path, "a")), Is.EqualTo("first"));
        Assert.That(Directory.GetFileSystemEntries(path), Has.Length.EqualTo(1));
        Assert.That(Directory.GetFileSystemEntries(_folder), Has.Length.EqualTo(1));
    }

    [Test]
    public void A_folder_that_came_in_the_meantime_is_not_replaced()
    {
        string path = Named("set");
        Assert.That(() => AtomicFolder.Write(path, "a", _ => Directory.CreateDirectory(path)), Throws.TypeOf<DataException>().With.Message.Contains("in the meantime"));
        Assert.That(Directory.GetFileSystemEntries(path), Is.Empty);
        Assert.That(Directory.GetFileSystemEntries(_folder), Is.EqualTo(new[] { path }));
    }

    [Test]
    public void Unfinished_folders_of_killed_writers_are_removed()
    {
        string beside = Named(".set.0123456789abcdef.partial"), within = Path.Combine(_folder, "old", ".new.0123456789abcdef.partial");
        foreach (string folder in new[] { beside, within })
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, PartialName.Writer), "");
            File.WriteAllText(Path.Combine(folder, "a"), "half");
        }

        AtomicFolder.Write(Named("set"), "a", folder => File.WriteAllText(Path.Combine(folder, "a"), "new"));
        AtomicFolder.Write(Named("old"), "a", folder => File.WriteAllText(Path.Combine(folder, "a"), "new"));

        Assert.That(Directory.GetFileSystemEntries(_folder).Order(), Is.EqualTo(new[] { Named("old"), Named("set") }));
        Assert.That(Directory.GetFileSystemEntries(Named("old")), Has.Length.EqualTo(1));
    }

    [TestCase(28, "free some space")]
    [TestCase(30, "on a disk that can be written to")]
    [TestCase(5, "choose another folder")]
    public void The_remedy_fits_the_cause(int error, string remedy)
    {
        var cause = new IOException("Something", error);
        Assert.That(() => AtomicFile.Write(Named("out.txt"), _ => throw cause), Throws.TypeOf<CheckpointException>().With.Message.Contains(remedy));
        Assert.That(() => AtomicFolder.Write(Named("set"), "a", _ => throw cause), Throws.TypeOf<DataException>().With.Message.Contains(remedy));
        Assert.That(WriteFailure.Remedy(new UnauthorizedAccessException()), Does.Contain("may write to"));
        Assert.That(WriteFailure.Remedy(cause), error == 28 ? Does.Contain("space") : Does.Not.Contain("space"));
    }

    [Test]
    public void A_lock_has_one_holder_who_is_named()
    {
        string path = Named("run.lock");
        using (FileLock? first = FileLock.TryTake(path, out _))
        {
            Assert.That(first, Is.Not.Null);
            Assert.That(FileLock.TryTake(path, out string holder), Is.Null);
            Assert.That(holder, Does.StartWith($"{Environment.ProcessId} on "));
        }

        using FileLock? again = FileLock.TryTake(path, out _);
        Assert.That(again, Is.Not.Null);
    }

    [TestCase(5)]
    [TestCase(3 * FileFingerprint.Part)]
    [TestCase(100_000)]
    public void A_fingerprint_sees_the_length_and_the_beginning_middle_and_end(int length)
    {
        var bytes = new byte[length];
        string Print()
        {
            File.WriteAllBytes(Named("file"), bytes);
            return FileFingerprint.Of(Named("file"));
        }

        string first = Print();
        Assert.That(Print(), Is.EqualTo(first));
        foreach (int place in new[] { 0, length / 2, length - 1 })
        {
            bytes[place]++;
            Assert.That(Print(), Is.Not.EqualTo(first), $"byte {place}");
            bytes[place]--;
        }

        bytes = new byte[length + 1];
        Assert.That(Print(), Is.Not.EqualTo(first));
    }

    [Test]
    public void A_folder_is_complete_or_absent()
    {
        string path = Named("set");
        Assert.That(() => AtomicFolder.Write(path, "a", folder =>
        {
            File.WriteAllText(Path.Combine(folder, "a"), "");
            throw new IOException("No space left on device");
        }), Throws.TypeOf<DataException>().With.Message.StartsWith(path).And.Message.Contains("No space left"));
        Assert.That(Directory.GetFileSystemEntries(_folder), Is.Empty);

        AtomicFolder.Write(path, "a", folder =>
        {
            Assert.That(Directory.Exists(path), Is.False);
            File.WriteAllText(Path.Combine(folder, "a"), "new");
        });
        Assert.That(File.ReadAllText(Path.Combine(path, "a")), Is.EqualTo("new"));
        Assert.That(Directory.GetFileSystemEntries(_folder), Is.EqualTo(new[] { path }));
    }

    [Test]
    public void A_folder_that_holds_something_is_replaced_only_where_it_is_the_commands_own()
    {
        string path = Named("set");
        void Put(string content, Func<string, bool>? isOwn) => AtomicFolder.Write(path, "a", folder =>
        {
            File.WriteAllText(Path.Combine(folder, "a"), content);
            Directory.CreateDirectory(Path.Combine(folder, content));
        }, isOwn);
        Put("first", null);

        Assert.That(() => Put("second", null), Throws.TypeOf<DataException>().With.Message.StartsWith(path).And.Message.Contains("a is in it"));
        Assert.That(() => Put("second", static name => name == "a"), Throws.TypeOf<DataException>().With.Message.Contains("first in the folder"));
        Put("second", static name => name is "a" or "first");

        Assert.That(File.ReadAllText(Path.Combine(path, "a")), Is.EqualTo("second"));
        Assert.That(Directory.GetFileSystemEntries(path).Select(Path.GetFileName).Order(), Is.EqualTo(new[] { "a", "second" }));
    }

    [Test]
    public void A_replacement_that_fails_leaves_the_old_folder()
    {
        string path = Named("set");
        AtomicFolder.Write(path, "a", folder => File.WriteAllText(Path.Combine(folder, "a"), "old"));

        Assert.That(() => AtomicFolder.Write(path, "a", static _ => throw new IOException("No space left on device"), static _ => true), Throws.TypeOf<DataException>());

        Assert.That(File.ReadAllText(Path.Combine(path, "a")), Is.EqualTo("old"));
        Assert.That(Directory.GetFileSystemEntries(path), Has.Length.EqualTo(1));
    }

    [Test]
    public void An_empty_folder_is_filled()
    {
        AtomicFolder.Write(_folder, "a", folder => File.WriteAllText(Path.Combine(folder, "a"), "x"));

        Assert.That(Directory.GetFileSystemEntries(_folder), Is.EqualTo(new[] { Named("a") }));
    }

    [Test]
    public void One_file_has_one_place_under_all_its_names()
    {
        File.WriteAllText(Named("file"), "x");
        File.WriteAllText(Named("copy"), "x");
        File.CreateSymbolicLink(Named("link"), "file");
        Directory.CreateDirectory(Named("folder"));
        string place = RegularFile.Identify(Named("file")).Place;

        foreach (string name in new[] { "./file", "folder/../file", "link" })
        {
            Assert.That(RegularFile.Identify(Path.Combine(_folder, name)).Place, Is.EqualTo(place), name);
        }

        Assert.That(RegularFile.Identify(Named("copy")).Place, Is.Not.EqualTo(place));
        Assert.That(() => RegularFile.Identify(Named("folder")), Throws.InstanceOf<IOException>().With.Message.Contains("folder"));
        Assert.That(() => RegularFile.Identify(Named("missing")), Throws.TypeOf<FileNotFoundException>());
        File.CreateSymbolicLink(Named("dangling"), "nowhere");
        File.CreateSymbolicLink(Named("loop"), "loop");
        Assert.That(() => RegularFile.Identify(Named("dangling")), Throws.TypeOf<FileNotFoundException>());
        Assert.That(() => RegularFile.Identify(Named("loop")), Throws.InstanceOf<IOException>());
    }

    private string Named(string name) => Path.Combine(_folder, name);
}
