using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Datasets.Folder;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Domains;

/// <summary>Domains without lists: every picture in a folder of a class counts, and the parts are drawn.</summary>
internal static class DomainFolders
{
    /// <summary>Opens the domains as a folder whose tasks have pictures of their own.</summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="layout">The data set.</param>
    /// <param name="places">Where its domains lie.</param>
    /// <param name="present">The domains that are there, whose folders name the classes.</param>
    /// <param name="wanted">Those that are wanted.</param>
    /// <exception cref="DataException">A domain has no pictures, or there are more classes than the data set has.</exception>
    public static IDataset Open(DatasetRequest request, DomainLayout layout, DomainPlaces places, IReadOnlyList<Domain> present, IReadOnlyList<Domain> wanted)
    {
        string[] classes = [.. present.SelectMany(domain => Classes(request.Root, places.FolderOf(domain)!)).Distinct().Order(StringComparer.Ordinal)];
        if (classes.Length < 2 || classes.Length > layout.Classes)
        {
            string found = classes.Length == 0 ? "no folders" : $"{classes.Length} folders ({string.Join(", ", classes.Take(3).Select(Shown.Of))}{(classes.Length > 3 ? ", …" : "")})";
            throw new DataException($"{request.Root}: the domains {string.Join(", ", present.Select(static domain => domain.Name))} have {found} of classes; expected 2 to {layout.Classes}, with pictures in them");
        }

        var description = new FolderDescription(layout.Name, "", [.. wanted.Select(domain => new FolderTask(domain.Name, LabelKind.Class) { Images = $"{places.FolderOf(domain)}/*/*", ClassFolder = 1, Classes = classes })]);
        foreach (Domain domain in wanted.Where(domain => !Classes(request.Root, places.FolderOf(domain)!).Any()))
        {
            throw new DataException($"{Path.Combine(request.Root, places.FolderOf(domain)!)}: has no folders of classes; expected {domain.Name}/class/image");
        }

        return FolderIndex.Open(request, description);
    }

    private static IEnumerable<string> Classes(string root, string folder) => FolderListing.Read(root, folder, ".jpg").Folders;
}
