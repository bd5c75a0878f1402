namespace AdaShare.Native.Host.Configuration;

/// <summary>Says what an unknown key may have been meant to be.</summary>
public static class KeySuggestion
{
    /// <summary>A remark that follows the words "unknown key": the nearest known key, or the section where it belongs.</summary>
    /// <param name="section">The section in which the key was found.</param>
    /// <param name="name">The key as it was written, without its section.</param>
    public static string For(ConfigSection section, string name)
    {
        ConfigKey? elsewhere = ConfigSection.Root.Everything().FirstOrDefault(key => key.Name == name);
        if (elsewhere is not null)
        {
            string its = SectionOf(elsewhere.Path);
            return its.Length == 0
                ? $"it belongs at the top of the file, outside of every section: {elsewhere.Path}"
                : $"it belongs in section {its}: {elsewhere.Path}";
        }

        string nearest = ConfigSection.Root.Everything().Select(static key => key.Path).Concat(OfficialKeys.Written)
            .OrderBy(path => Distance(NameOf(path), name) + (SectionOf(path) == section.Path ? 0 : 1))
            .ThenBy(static path => path, StringComparer.Ordinal).First();
        return $"the nearest known key is {nearest}";
    }

    /// <summary>The number of inserted, removed and replaced characters between two texts, letter case apart.</summary>
    public static int Distance(string left, string right)
    {
        int[] row = [.. Enumerable.Range(0, right.Length + 1)];
        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int replaced = diagonal + (char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[right.Length];
    }

    private static string NameOf(string path) => path[(path.LastIndexOf('.') + 1)..];

    private static string SectionOf(string path) => path[..Math.Max(0, path.LastIndexOf('.'))];
}
