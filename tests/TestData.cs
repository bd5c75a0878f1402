namespace AdaShare.Native.Tests;

/// <summary>Finds the files under <c>tests/data</c>, which travel with the repository.</summary>
internal static class TestData
{
    /// <summary>A file of the test data.</summary>
    /// <param name="parts">Its path below <c>tests/data</c>.</param>
    /// <exception cref="FileNotFoundException">The repository is not around the test program, or lacks the file.</exception>
    public static string File(params string[] parts)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine([folder.FullName, "tests", "data", .. parts]);
            if (System.IO.File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException($"tests/data/{string.Join('/', parts)} is not above {AppContext.BaseDirectory}; run the tests inside the repository");
    }
}
