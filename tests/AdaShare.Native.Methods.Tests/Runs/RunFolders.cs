using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Methods.Tests.Runs;

/// <summary>Run folders that go when the test is over.</summary>
internal sealed class RunFolders : IDisposable
{
    private readonly List<string> _paths = [];

    public RunFolder New()
    {
        string path = Path.Combine(Path.GetTempPath(), $"adashare-test-{Guid.NewGuid():N}");
        _paths.Add(path);
        return new RunFolder(path);
    }

    public void Dispose()
    {
        foreach (string path in _paths.Where(Directory.Exists))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
