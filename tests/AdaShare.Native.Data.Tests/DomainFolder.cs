using System.Globalization;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Registry;

namespace AdaShare.Native.Data.Tests;

/// <summary>A small data set of domains in folders, made for one test and removed after it. The blue of each picture is its number in its class, the green its class, the red its domain.</summary>
internal sealed class DomainFolder : IDisposable
{
    private readonly List<string> _domains = [];
    private readonly List<string> _classes = [];

    public string Root { get; } = Directory.CreateTempSubdirectory("domains-").FullName;

    public string PathOf(string relative) => Path.Combine(Root, relative);

    /// <summary>Adds pictures of a class, from number 1.</summary>
    public void Add(string domain, string name, int count, int height = 5, int width = 4, string name2 = "pic", string ending = ".jpg")
    {
        string folder = PathOf(Path.Combine(domain, name));
        Directory.CreateDirectory(folder);
        for (int i = 1; i <= count; i++)
        {
            byte[] pixels = [.. Enumerable.Range(0, height * width).SelectMany(_ => new[] { (byte)Number(_domains, domain), (byte)Number(_classes, name), (byte)i })];

            // Pictures are told by their content, so a PNG serves under any name.
            File.WriteAllBytes(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{name2}_{i:D3}{ending}")), Png.Encode(new ByteImage(width, height, 3, pixels)));
        }
    }

    public void Write(string file, params string[] lines)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(file))!);
        File.WriteAllText(PathOf(file), string.Join('\n', lines) + "\n");
    }

    public IDataset Open(string format, double validationFraction = 0.1, params string[] tasks)
    {
        IDatasetFormat kind = DatasetRegistry.Get(format);
        DatasetTask[] offered = [.. kind.TasksOf(Root)];
        return kind.Open(new DatasetRequest(Root)
        {
            ValidationFraction = validationFraction,
            Tasks = [.. tasks.Select(task => new TaskLabel(task, Label.Of(LabelKind.Class, task), offered.FirstOrDefault(own => own.Name == task)?.Channels ?? 2))],
        });
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static int Number(List<string> names, string name)
    {
        if (!names.Contains(name))
        {
            names.Add(name);
        }

        return names.IndexOf(name);
    }
}
