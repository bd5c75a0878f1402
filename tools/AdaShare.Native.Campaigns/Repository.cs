namespace AdaShare.Native.Campaigns;

/// <summary>Finds the folders of the repository that a campaign reads.</summary>
public static class Repository
{
    /// <summary>The folder of the valid files.</summary>
    /// <param name="given">What the command line says, or null to look.</param>
    /// <exception cref="CampaignException">No repository is around the current folder or this program.</exception>
    public static string Corpus(string? given)
    {
        if (given is not null)
        {
            return Path.GetFullPath(given);
        }

        foreach (string start in (string[])[Environment.CurrentDirectory, AppContext.BaseDirectory])
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                if (Directory.Exists(Path.Combine(folder.FullName, "tests", "data", "cases")))
                {
                    return Path.Combine(folder.FullName, "tests", "data", "corpus");
                }
            }
        }

        throw new CampaignException($"no folder tests/data is above {Environment.CurrentDirectory}; run inside the repository, or give --corpus");
    }
}
