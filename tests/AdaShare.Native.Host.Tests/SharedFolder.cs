namespace AdaShare.Native.Host.Tests;

/// <summary>The folder of golden files and sample data beside the repository.</summary>
internal static class SharedFolder
{
    /// <summary>The folder; where it is missing, the test that asks is ignored.</summary>
    public static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string shared = Path.Combine(folder.Parent?.FullName ?? folder.FullName, "shared");
            if (Directory.Exists(Path.Combine(shared, "golden")))
            {
                return shared;
            }
        }

        Assert.Ignore("this test needs the folder shared/ with golden/ in it beside the repository");
        return "";
    }
}
