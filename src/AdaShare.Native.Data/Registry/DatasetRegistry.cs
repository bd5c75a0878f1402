using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.CelebA;
using AdaShare.Native.Data.Datasets.Cityscapes;
using AdaShare.Native.Data.Datasets.CityscapesOriginal;
using AdaShare.Native.Data.Datasets.Domains;
using AdaShare.Native.Data.Datasets.Folder;
using AdaShare.Native.Data.Datasets.Mnist;
using AdaShare.Native.Data.Datasets.Mtan;
using AdaShare.Native.Data.Datasets.NyuV2;
using AdaShare.Native.Data.Datasets.NyuV2Mat;
using AdaShare.Native.Data.Datasets.Taskonomy;
using AdaShare.Native.Data.Datasets.Text;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Registry;

/// <summary>The kinds of data set that lie in files: one line each.</summary>
public static class DatasetRegistry
{
    /// <summary>All kinds, in the order in which they are listed to people.</summary>
    public static IReadOnlyList<IDatasetFormat> All { get; } =
    [
        new NyuV2Format(),
        new NyuV2MatFormat(),
        new MtanFormat(MtanLayout.NyuV2),
        new CityscapesFormat(),
        new MtanFormat(MtanLayout.Cityscapes),
        new CityscapesOriginalFormat(CityscapesDepth.Inverse),
        new CityscapesOriginalFormat(CityscapesDepth.Metres),
        new TaskonomyFormat(),
        .. DomainFormat.All,
        new CelebAFormat(),
        MnistFormat.FashionMnist,
        MnistFormat.Mnist,
        new TextFormat(),
        new FolderFormat(),
    ];

    /// <summary>The names of all kinds.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(static format => format.Name)];

    /// <summary>The kind of a name, or null.</summary>
    public static IDatasetFormat? Find(string name) => All.FirstOrDefault(format => format.Name == name);

    /// <summary>The kind of a name.</summary>
    /// <exception cref="ConfigurationException">There is none.</exception>
    public static IDatasetFormat Get(string name) => Find(name) ?? throw new ConfigurationException($"dataload.dataset is {name}; expected one of {string.Join(", ", Names)}");
}
