using AdaShare.Native.Studies.Running;

namespace AdaShare.Native.Studies.Tests.Running;

/// <summary>Cells of a study belong to one process at a time.</summary>
internal sealed class StudyLockTests
{
    private string _folder = "";

    [SetUp]
    public void Create() => _folder = Directory.CreateTempSubdirectory("study").FullName;

    [TearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void PartsMeetWhereTheyHaveACellInCommon([Range(1, 6)] int first, [Range(1, 6)] int second)
    {
        for (int i = 1; i <= first; i++)
        {
            for (int j = 1; j <= second; j++)
            {
                StudyShard one = new(i, first), other = new(j, second);
                bool common = Enumerable.Range(0, first * second).Any(index => one.Owns(index) && other.Owns(index));
                Assert.That(one.Meets(other), Is.EqualTo(common), $"{one} and {other}");
            }
        }
    }

    [TestCase("1/1", "1/1", false)]
    [TestCase("1/1", "2/2", false)]
    [TestCase("1/2", "3/4", false)]
    [TestCase("1/2", "2/2", true)]
    [TestCase("1/2", "2/4", true)]
    [TestCase("1/2", "1/3", false)]
    public void ShardsRunTogetherUnlessTheyMeet(string first, string second, bool together)
    {
        using (StudyLock.Take(_folder, StudyShard.Parse(first)))
        {
            if (together)
            {
                StudyLock.Take(_folder, StudyShard.Parse(second)).Dispose();
            }
            else
            {
                Assert.That(() => StudyLock.Take(_folder, StudyShard.Parse(second)), Throws.TypeOf<StudyInUseException>().With.Message.Contains($"process {Environment.ProcessId} on "));
            }
        }

        StudyLock.Take(_folder, StudyShard.Parse(second)).Dispose();
    }

    [Test]
    public void ProcessesForDevicesShareTheCellsOfTheOneThatStartedThem()
    {
        StudyShard whole = StudyShard.Whole, first = new(1, 2), second = new(2, 2);
        StudyLock parent = StudyLock.Take(_folder, whole);
        using (StudyLock.Take(_folder, first, whole))
        using (StudyLock.Take(_folder, second, whole))
        {
            Assert.That(() => StudyLock.Take(_folder, first, whole), Throws.TypeOf<StudyInUseException>());

            // Children that go on for a moment after their parent's end keep others out.
            parent.Dispose();
            Assert.That(() => StudyLock.Take(_folder, whole), Throws.TypeOf<StudyInUseException>());
        }

        StudyLock.Take(_folder, whole).Dispose();
        using (StudyLock.Take(_folder, whole))
        {
            StudyLock.Take(_folder, whole, whole).Dispose();
        }
    }
}
