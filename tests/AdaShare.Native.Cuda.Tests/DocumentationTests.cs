namespace AdaShare.Native.Cuda.Tests;

/// <summary>The code of docs/adding-an-op.md is that of the sample, which is compiled and tested.</summary>
[TestFixture]
public sealed class DocumentationTests
{
    [Test]
    public void Every_block_of_code_is_in_the_sample()
    {
        string sample = Lines(File.ReadAllLines(Repository("samples", "custom-op", "SwiGlu.cs")).Concat(File.ReadAllLines(Repository("samples", "custom-op", "Program.cs"))));
        string[] blocks = [.. File.ReadAllText(Repository("docs", "adding-an-op.md")).ReplaceLineEndings("\n").Split("```csharp\n").Skip(1).Select(static block => block.Split("```")[0])];
        Assert.That(blocks, Has.Length.EqualTo(7));
        foreach (string block in blocks)
        {
            Assert.That(sample, Does.Contain(Lines(block.TrimEnd().Split('\n'))), block);
        }
    }

    private static string Lines(IEnumerable<string> lines) => string.Join('\n', lines.Select(static line => line.Trim()).Where(static line => line.Length > 0));

    private static string Repository(params string[] path)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "AdaShare.Native.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine([folder?.FullName ?? throw new FileNotFoundException("the repository is not above the tests"), .. path]);
    }
}
