using System.Text;
using AdaShare.Native.Campaigns.Mutation;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Datasets.Domains;
using AdaShare.Native.Data.Datasets.Folder;
using AdaShare.Native.Data.Datasets.Mnist;
using AdaShare.Native.Data.Datasets.NyuV2;
using AdaShare.Native.Data.Datasets.NyuV2Mat;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Checkpoints.Onnx;
using AdaShare.Native.Engine.Checkpoints.PyTorch;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Host.Studies;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods;
using AdaShare.Native.Studies.Specification;
using AdaShare.Native.Studies.Tables;
using AdaShare.Native.Verification;

namespace AdaShare.Native.Campaigns.Fuzzing;

/// <summary>The parsers of outside input: a line each.</summary>
public static class ParserCatalog
{
    // PureHDF asks for as many bytes as a damaged length says, one array of up to 2 GB at a time, before it sees that the file is shorter; clearing them takes a while.
    private const long LibraryBytes = 3L << 30;
    private const double LibrarySeconds = 5;

    private static readonly TokenMutator Text = new();
    private static readonly ByteMutator Bytes = new();

    /// <summary>All parsers.</summary>
    public static IReadOnlyList<Parser> All { get; } =
    [
        new("png", typeof(DataException), new MixedMutator(new PngMutator(), Bytes), 16, "input.png", ReadPng),
        new("npy", typeof(DataException), new MixedMutator(new HeaderMutator(8, 2), Bytes), 16, "input.npy", static path => NumpyArray.Read(path).Values.LongLength * sizeof(float)),
        new("safetensors", typeof(CheckpointException), new MixedMutator(new HeaderMutator(0, 8), Bytes), 256, "input.safetensors", ReadSafeTensors),
        new("pytorch", typeof(DataException), new MixedMutator(new TorchMutator(), Bytes), 256, "input.pth", ReadPyTorch),
        new("onnx", typeof(DataException), new MixedMutator(Bytes, Bytes), 256, "input.onnx", static path => Elements(OnnxFile.Read(path, out _))),
        new("config", typeof(ConfigurationException), new MixedMutator(Text, Bytes), 4096, "input.yaml", static path => Of(ConfigLoader.Load(new ConfigRequest(path, null, [])))),
        new("set", typeof(ConfigurationException), new MixedMutator(Text, Bytes), 4096, "input.txt", ReadAssignment),
        new("study", typeof(ConfigurationException), new MixedMutator(Text, Bytes), 4096, "input.yaml", static path => Of(StudyPlan.Of(StudySpecReader.ReadFile(path), MethodRegistry.Names))),
        new("policy", typeof(DataException), new MixedMutator(Text, Bytes), 256, "policy.json", static path => Of(PolicyFile.Read(path))),
        new("metrics", typeof(DataException), new MixedMutator(Text, Bytes), 256, "metrics.json", static path => Of(MetricsFile.Read(path))),
        new("manifest", typeof(DataException), new MixedMutator(Text, Bytes), 256, "data.json", static path => Of(DataManifest.Read(new RunFolder(Path.GetDirectoryName(path)!)))),
        new("run-state", typeof(CheckpointException), new MixedMutator(Text, Bytes), 256, "state.json", static path => Of(RunState.FromJson(File.ReadAllText(path), path))),
        new("cell", typeof(DataException), new MixedMutator(Text, Bytes), 256, "cell.json", static path => Of(StudyFile.ReadCell(path))),
        new("golden", typeof(DataException), new MixedMutator(Text, Bytes), 256, "golden.json", static path => Of(GoldenFile.Read(path))),
        new("nyu-index", typeof(DataException), new MixedMutator(Text, Bytes), 1024, "nyu_v2_3task.json", ReadFolder) { Prepare = CorpusScenes.WriteFiles },
        new("scenes-index", typeof(DataException), new MixedMutator(Text, Bytes), 1024, "scenes.json", ReadFolder) { Prepare = CorpusScenes.WriteFiles },
        new("dataset", typeof(DataException), new MixedMutator(Text, Bytes), 4096, "dataset.yaml", static path => Of(new FolderFormat().Open(new DatasetRequest(Path.GetDirectoryName(path)!)))) { Prepare = CorpusFolder.WriteFiles },
        new("csv", typeof(DataException), new MixedMutator(Text, Bytes), 1024, "labels.csv", static path => Of(CsvTable.Read(path))),
        new("matlab", typeof(DataException), new MixedMutator(Bytes, Bytes), 1024, "splits.mat", static path => MatlabFile.Read(path).Values.Sum(static array => array.LongLength * sizeof(double))),
        new("idx", typeof(DataException), new MixedMutator(Bytes, Bytes), 1024, "images-idx3-ubyte", static path => IdxFile.Read(path, 3, "images, rows, columns").Values.LongLength),
        new("hdf5", typeof(DataException), new MixedMutator(Bytes, Bytes), 1024, "nyu_depth_v2_labeled.mat", ReadLabeled) { Allowance = LibraryBytes, MostSeconds = LibrarySeconds },
        new("domain-list", typeof(DataException), new MixedMutator(Text, Bytes), 256, "photo_train_kfold.txt", static path => Of(new DomainList(DomainLayout.Pacs, Path.GetDirectoryName(path)!).Read(path))),
        new("domain-parts", typeof(DataException), new MixedMutator(Text, Bytes), 256, "DomainNet.json", static path => Of(DescribedLines.Read(path))),
    ];

    /// <summary>The names of all parsers.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(static parser => parser.Name)];

    /// <summary>The parsers of some names; all for none.</summary>
    /// <exception cref="CampaignException">There is none of a name.</exception>
    public static IReadOnlyList<Parser> Get(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return names.Count == 0 ? All : [.. names.Select(static name => All.FirstOrDefault(parser => parser.Name == name)
            ?? throw new CampaignException($"--parser {name}: there is no such parser; expected one of {string.Join(", ", Names)}"))];
    }

    /// <summary>Both readings of a picture: every file that one of them takes is read by the other or refused.</summary>
    private static long ReadPng(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        long held = 0;
        DataException? refused = null;
        try
        {
            held += Png.Read(new MemoryStream(file), path).Pixels.LongLength;
        }
        catch (DataException error)
        {
            refused = error;
        }

        SampleImage samples = Png.ReadSamples(new MemoryStream(file), path);
        return refused is null ? held + (samples.Samples.LongLength * sizeof(ushort)) : throw refused;
    }

    private static long ReadSafeTensors(string path)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        return file.Metadata.Sum(static text => (long)text.Value.Length) + file.Names.Count;
    }

    private static long ReadPyTorch(string path)
    {
        using var file = PyTorchFile.Open(path);
        return Elements(file.Tensors);
    }

    private static long Elements(IEnumerable<WeightTensor> tensors) => tensors.Sum(static tensor => tensor.Read().LongLength * sizeof(double));

    private static long ReadAssignment(string path)
    {
        new ConfigReader().ReadAssignment(Encoding.UTF8.GetString(File.ReadAllBytes(path)));
        return 0;
    }

    /// <summary>The first and the last example of the file, every array of it.</summary>
    private static long ReadLabeled(string path)
    {
        using var file = new LabeledFile(path, "labels", "depths");
        long held = 0;
        foreach (int index in (int[])[0, Math.Max(0, file.Count - 1)])
        {
            held += file.Image(index).Pixels.Length + (file.Labels(index).LongLength * sizeof(ushort)) + (file.Depths(index).LongLength * sizeof(float));
        }

        return held;
    }

    private static long ReadFolder(string path) => Of(new NyuV2Dataset(Path.GetDirectoryName(path)!));

    private static long Of(object? _) => 0;
}
