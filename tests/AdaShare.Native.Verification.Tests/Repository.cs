namespace AdaShare.Native.Verification.Tests;

/// <summary>Finds the golden runs and sample images that lie beside the repository.</summary>
internal static class Repository
{
    /// <summary>A file or folder below the folder <c>shared</c>; the test is skipped, saying what it lacks, where there is none.</summary>
    public static string Shared(string relative)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "shared", relative);
            if (Path.Exists(path))
            {
                return path;
            }
        }

        Assert.Ignore($"needs shared/{relative} beside the repository");
        return string.Empty;
    }
}
