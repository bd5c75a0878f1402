using System.Globalization;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Domains;

/// <summary>Where the domains of a folder and their lists lie.</summary>
/// <param name="layout">The data set.</param>
/// <param name="root">The folder.</param>
internal sealed class DomainPlaces(DomainLayout layout, string root)
{
    private const string InsideDomain = "images";

    /// <summary>The folder, relative to the root with <c>/</c> between names, in which a domain's classes lie; null where it isn't there.</summary>
    public string? FolderOf(Domain domain)
    {
        string? folder = layout.ImageFolders.SelectMany(above => domain.Folders.Select(name => Join(above, name))).FirstOrDefault(path => Directory.Exists(Path.Combine(root, path)));
        return folder is not null && Directory.Exists(Path.Combine(root, folder, InsideDomain)) ? Join(folder, InsideDomain) : folder;
    }

    /// <summary>The folder that paths of lists are relative to.</summary>
    public string ListedBelow() =>
        Path.Combine(root, layout.ImageFolders.FirstOrDefault(above => layout.Domains.Any(domain => domain.Folders.Any(name => Directory.Exists(Path.Combine(root, above, name))))) ?? "");

    /// <summary>The list of a name, with <c>{0}</c> for the domain; null where there is none.</summary>
    public string? FindList(string name, Domain domain)
    {
        string file = FileName(name, domain);
        return layout.ListFolders.Select(folder => Path.Combine(root, folder, file)).FirstOrDefault(File.Exists);
    }

    /// <summary>The same; it must be there.</summary>
    /// <exception cref="DataException">It isn't.</exception>
    public string RequireList(string name, Domain domain) => FindList(name, domain)
        ?? throw new DataException($"{Path.Combine(root, FileName(name, domain))}: there is no such list, though other lists of {layout.Name} are there; add it, or remove the others to have parts drawn");

    /// <summary>Whether any domain has a list.</summary>
    public bool HasLists => layout.Domains.Any(domain => FindList(layout.Lists.Train, domain) is not null || FindList(layout.Lists.Test, domain) is not null);

    /// <summary>The official code's description of parts; null where there is none.</summary>
    public string? PartsFile => layout.PartsFile is { } name && Path.Combine(root, name) is var path && File.Exists(path) ? path : null;

    /// <summary>The domains that are there.</summary>
    /// <exception cref="DataException">There is no such folder, or no domain in it.</exception>
    public IReadOnlyList<Domain> Require()
    {
        if (!Directory.Exists(root))
        {
            throw new DataException($"{root}: there is no such folder; expected that of {layout.Name}, with the domains {Names}");
        }

        Domain[] there = [.. Present];
        return there.Length > 0 ? there : throw new DataException($"{root}: has none of the domains of {layout.Name} ({Names}); give the folder in which they lie");
    }

    /// <summary>The domains that are there; none where the folder isn't.</summary>
    public IEnumerable<Domain> Present => layout.Domains.Where(domain => FolderOf(domain) is not null);

    private string Names => string.Join(", ", layout.Domains.Select(static domain => domain.Name));

    private static string FileName(string name, Domain domain) => string.Format(CultureInfo.InvariantCulture, name, domain.Name);

    private static string Join(string above, string name) => above.Length == 0 ? name : $"{above}/{name}";
}
