using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Methods.Tests;

/// <summary>Tests of a method that train tiny runs: each test has folders of its own, which are removed after it.</summary>
public abstract class TrainingTests
{
    /// <summary>Two of the tasks of procedural scenes.</summary>
    private protected static readonly TaskSpec[] TwoTasks = [TaskSpec.Of("seg", 13, 1), TaskSpec.Of("sn", 3, 1)];

    /// <summary>Where the test trains.</summary>
    private protected TinyTraining Training { get; private set; } = null!;

    [SetUp]
    public void Begin() => Training = new TinyTraining();

    [TearDown]
    public void End() => Training.Dispose();
}
