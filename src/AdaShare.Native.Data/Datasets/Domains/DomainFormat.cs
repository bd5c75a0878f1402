using AdaShare.Native.Data.Datasets.Folder;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Domains;

/// <summary>Published data sets of classes in several domains, each domain a task: PACS, Office-31, Office-Home and DomainNet.</summary>
/// <remarks>
/// Parts are those of the lists where the folder has lists; a part for selection that they don't state is held out of the training part. Without lists, parts are drawn by a fixed seed,
/// each domain for itself. Classes have the numbers of the lists, or those of the names of their folders in order.
/// </remarks>
public sealed class DomainFormat : IDatasetFormat
{
    private readonly DomainLayout _layout;

    private DomainFormat(DomainLayout layout) => _layout = layout;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<DomainFormat> All { get; } = [new(DomainLayout.DomainNet), new(DomainLayout.Pacs), new(DomainLayout.Office31), new(DomainLayout.OfficeHome)];

    /// <inheritdoc/>
    public string Name => _layout.Name;

    /// <inheritdoc/>
    public string Summary => _layout.Summary;

    /// <inheritdoc/>
    public IReadOnlyList<DatasetTask> Tasks => [.. _layout.Domains.Select(TaskOf)];

    /// <summary>A group for each domain.</summary>
    public IReadOnlyList<IReadOnlyList<string>> ImageGroupsOf(string root) => [.. _layout.Domains.Select(static domain => (IReadOnlyList<string>)[domain.Name])];

    /// <summary>The domains that are there; all of them where none is, since opening then says so.</summary>
    public IReadOnlyList<DatasetTask> TasksOf(string root)
    {
        DatasetTask[] tasks = [.. new DomainPlaces(_layout, root).Present.Select(TaskOf)];
        return tasks.Length > 0 ? tasks : Tasks;
    }

    /// <summary>Whether two domains or more are there, and no other data set has more of its own: several have a domain <c>sketch</c>.</summary>
    public bool Recognizes(string root)
    {
        int Count(DomainFormat format) => new DomainPlaces(format._layout, root).Present.Count();
        int own = Count(this);
        return own >= 2 && All.All(other => other == this || Count(other) < own);
    }

    /// <inheritdoc/>
    public IDataset Open(DatasetRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var places = new DomainPlaces(_layout, request.Root);
        IReadOnlyList<Domain> present = places.Require();
        IReadOnlyList<Label> labels = OfferedLabels.Chosen(request, Name, present.ToDictionary(static domain => domain.Name, static domain => LabelOf(domain)));
        Domain[] wanted = [.. present.Where(domain => labels.Contains(LabelOf(domain)))];
        return places.PartsFile is { } file ? Described(request, places, wanted, file)
            : places.HasLists ? Listed(request, places, wanted)
            : DomainFolders.Open(request, _layout, places, present, wanted);
    }

    internal static Label LabelOf(Domain domain) => Label.Of(LabelKind.Class, domain.Name);

    private DatasetTask TaskOf(Domain domain) => new(domain.Name, "class", _layout.Classes);

    private IDataset Listed(DatasetRequest request, DomainPlaces places, Domain[] domains)
    {
        var list = new DomainList(_layout, places.ListedBelow());
        var parts = new DomainParts(request.ValidationFraction);
        return Group(request, places, list, [.. domains.Select(domain => (domain, parts.Listed(domain, _layout.Lists, places, list)))], []);
    }

    private IDataset Described(DatasetRequest request, DomainPlaces places, Domain[] domains, string file)
    {
        var notices = new List<string>();
        var list = new DomainList(_layout, places.ListedBelow());
        DescribedLines described = DescribedLines.Read(file);
        var lines = (list.Read(Path.Combine(request.Root, "train.txt")), list.Read(Path.Combine(request.Root, "test.txt")));
        var parts = new DomainParts(request.ValidationFraction);
        return Group(request, places, list, [.. domains.Select(domain => (domain, parts.Described(domain, described, lines, notices)))], notices);
    }

    private IDataset Group(DatasetRequest request, DomainPlaces places, DomainList list, (Domain Domain, ExampleParts<ListedPicture> Parts)[] domains, List<string> notices)
    {
        string below = places.ListedBelow();
        IReadOnlyList<string> names = list.Names;
        DatasetPart[] parts = [.. domains.Select(each => new DatasetPart(Part(each.Domain, each.Parts), [each.Domain.Name]))];
        return parts.Length == 1 ? parts[0].Dataset : new FolderGroups(Name, parts);

        FolderDataset Part(Domain domain, ExampleParts<ListedPicture> pictures)
        {
            var label = new FolderLabel(new FolderTask(domain.Name, LabelKind.Class), LabelOf(domain), names, names.Count);

            // Pictures of a class share what is said of them: there may be hundreds of thousands.
            Dictionary<string, LabelSource>[] ofClasses = [.. Enumerable.Range(0, names.Count).Select(c => new Dictionary<string, LabelSource> { [domain.Name] = LabelSource.Of(c) })];
            return new FolderDataset($"{Name} ({domain.Name})", [label], pictures.Select(picture => new FolderExample(picture.Id, Path.Combine(below, picture.Path), ofClasses[picture.Class])), request, notices);
        }
    }
}
