using System.Text;
using System.Text.Json;
using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Checkpoints.PyTorch;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Studies.Results;
using AdaShare.Native.Studies.Tables;
using PhaseBudget = AdaShare.Native.Learning.Training.PhaseBudget;

namespace AdaShare.Native.Campaigns.Fuzzing;

/// <summary>Writes the small valid files that fuzzing starts from: made by the product itself where it writes them, so that they follow its formats.</summary>
public static class CorpusWriter
{
    private const string OfficialIndex =
        """{"train1": [["img/0000.png", "seg/0000.png", "normal_mask/0000.png", "depth/0000.npy"], ["img/0001.png", "seg/0001.png", "normal_mask/0001.png", "depth/0001.npy"]], "train2": [["img/0002.png", "seg/0002.png", "normal_mask/0002.png", "depth/0002.npy"]], "val": [["img/0003.png", "seg/0003.png", "normal_mask/0003.png", "depth/0003.npy"]], "test": [["img/0004.png", "seg/0004.png", "normal_mask/0004.png", "depth/0004.npy"]]}""";

    private const string OfficialTrainOnly =
        """{"train": [["img/0000.png", "seg/0000.png", "normal_mask/0000.png", "depth/0000.npy"], ["img/0001.png", "seg/0001.png", "normal_mask/0001.png", "depth/0001.npy"], ["img/0002.png", "seg/0002.png", "normal_mask/0002.png", "depth/0002.npy"]], "test": [["img/0004.png", "seg/0004.png", "normal_mask/0004.png", "depth/0004.npy"]]}""";

    private const string Golden =
        """{"config": {"backbone": "ResNet18", "tasks": ["seg", "sn"], "classes": [13, 3], "lambdas": [1, 20], "lr": 0.0001, "backbone_lr": 0.0002, "reg_w": 0.06, "reg_w_hamming": 0.05, "tau": 2.5, "ids": ["0000", "0003"], "y": 11, "x": 37, "h": 65, "w": 97, "steps": [["warmup", null], ["weights", 3], ["policy", 8]], "eval": {"ids": ["0002"], "skip": [[0, 1, 0], [0, 0, 1]]}, "scenes": {"seed": 1, "size": [192, 256], "train1": 2, "train2": 1, "val": 1, "test": 2}}, "float64": {"steps": [{"losses": {"seg": 2.5, "sn": 0.5}}], "parameters": 7}, "float32": {"steps": [{"losses": {"seg": 2.5, "sn": 0.5}}], "parameters": 7}}""";

    private const string GoldenWithout =
        """{"config": {"backbone": "ResNet34", "tasks": ["seg"], "classes": [40], "lambdas": [1], "lr": 0.001, "backbone_lr": 0.001, "reg_w": 0, "reg_w_hamming": 0, "tau": 5, "ids": [], "y": 0, "x": 0, "h": 32, "w": 32, "steps": []}, "float64": {}, "float32": {}}""";

    private const string StudyOfTwo =
        """
        name: two
        preset: quick
        seeds: [1, 2]
        reference: hard sharing
        match: final
        set: [train.batch_size=4]
        methods:
          - method: hard_sharing
            label: hard sharing
          - method: adashare
            label: AdaShare
            seeds: [1]
            set: ["train.reg_w=0.01"]
            grid:
              - name: low
                set: [train.lr=0.001]
              - set: [train.lr=0.01]
        """;

    private static readonly string[] Assignments = ["train.batch_size=4", "tasks=[seg, sn]", "exp_name=\"a b\"", "train.lr=1e-3", "seed=88", "loss.mode='paper'", "dataload.dataroot=/data/nyu #2", "retrain.policies=2"];

    /// <summary>Writes all files; what stands there of the same names is replaced.</summary>
    /// <param name="corpus">The folder.</param>
    /// <returns>How many there are.</returns>
    public static int Write(string corpus)
    {
        int count = 0;
        string Path(string parser, string name)
        {
            count++;
            Directory.CreateDirectory(System.IO.Path.Combine(corpus, parser));
            return System.IO.Path.Combine(corpus, parser, name);
        }

        WritePictures(Path);
        WriteArrays(Path);
        WriteSafeTensors(Path);
        WriteWeights(Path);
        WriteTexts(Path);
        WriteRun(Path);
        WriteIndices(Path);
        CorpusDatasets.Write(Path);
        return count;
    }

    private static void WritePictures(Func<string, string, string> path)
    {
        foreach (int channels in (int[])[1, 3])
        {
            byte[] pixels = [.. Enumerable.Range(0, 7 * 5 * channels).Select(static i => (byte)(i * 37))];
            Png.Write(path("png", $"channels{channels}.png"), new ByteImage(7, 5, channels, pixels));
        }

        Png.Write(path("png", "flat.png"), new ByteImage(64, 64, 3, new byte[64 * 64 * 3]));
        Png.Write(path("png", "deep.png"), new SampleImage(6, 4, 1, 16, [.. Enumerable.Range(0, 24).Select(static i => (ushort)(i * 2741))]));
    }

    private static void WriteArrays(Func<string, string, string> path)
    {
        NumpyArray.Write(path("npy", "plane.npy"), [3, 4], [.. Enumerable.Range(0, 12).Select(static i => i / 4f)]);
        NumpyArray.Write(path("npy", "volume.npy"), [2, 1, 2], [float.NaN, 1, -1, float.PositiveInfinity]);
        NumpyArray.Write(path("npy", "empty.npy"), [0, 3], []);
    }

    private static void WriteSafeTensors(Func<string, string, string> path)
    {
        static void Fill(Span<byte> bytes)
        {
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = (byte)i;
            }
        }

        SafeTensorEntry[] entries = [new("weight", "F32", [2, 3], Fill), new("count", "I64", [], Fill), new("mask", "U8", [5], Fill)];
        var texts = new Dictionary<string, string> { ["run_state"] = State().ToJson(), ["configuration"] = "seed: [1]\n", ["run"] = "abc", ["format"] = "pt" };
        string whole = path("safetensors", "model.safetensors");
        SafeTensors.Write(whole, entries, texts);
        SafeTensors.Write(path("safetensors", "empty.safetensors"), [], new Dictionary<string, string>());

        // As other programs write it: without a check value, so that changes behind the header are accepted and those of the header reach further.
        const string header = """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[3],"data_offsets":[8,14]}}""";
        File.WriteAllBytes(path("safetensors", "other.safetensors"), [.. BitConverter.GetBytes((long)header.Length), .. Encoding.UTF8.GetBytes(header), .. new byte[14]]);
    }

    private static void WriteWeights(Func<string, string, string> path)
    {
        SafeTensorEntry[] entries = [new("conv1.weight", "F32", [2, 3], static bytes => bytes.Fill(62)), new("bn1.num_batches_tracked", "I64", [], static bytes => bytes.Clear())];
        PyTorchWriter.Write(path("pytorch", "written.pth"), entries, overwrite: true);

        // What only PyTorch writes: the older form, and pickles.
        string samples = System.IO.Path.Combine(Repository.Corpus(null), "..", "pytorch");
        foreach (string name in (string[])["state.pth", "state-older.pth", "snapshot-older.model", "policy4.pickle", "arrays2.pickle", "arrays5.pickle"])
        {
            File.Copy(System.IO.Path.Combine(samples, name), path("pytorch", name), overwrite: true);
        }

        byte[] Tensor(string name, int count, bool isRaw = false) => OnnxBytes.Tensor(name, [count], [.. Enumerable.Range(0, count).Select(static i => i / 2f)], isRaw);
        byte[][] nodes =
        [
            OnnxBytes.Node("Conv", "image w0", "c0"), OnnxBytes.Node("BatchNormalization", "c0 g0 b0 m0 v0", "n0", 1e-3f), OnnxBytes.Node("Relu", "n0", "r0"), OnnxBytes.Node("Conv", "r0 w1 s1", "c1"),
            OnnxBytes.Node("Relu", "c1", "r1"), OnnxBytes.Node("Conv", "r1 w2 s2", "c2"), OnnxBytes.Node("Add", "c2 r0", "out"),
        ];
        File.WriteAllBytes(path("onnx", "graph.onnx"), OnnxBytes.Model(nodes, ((string[])["w0", "g0", "b0", "m0", "v0", "w1", "s1", "w2", "s2"]).Select(name => Tensor(name, 2, name.StartsWith('w')))));
        File.WriteAllBytes(path("onnx", "named.onnx"), OnnxBytes.Model([], [Tensor("conv1.weight", 4, isRaw: true), Tensor("bn1.running_mean", 2)]));
    }

    private static void WriteTexts(Func<string, string, string> path)
    {
        foreach (string preset in PresetCatalog.Names)
        {
            // Presets for data that lie somewhere leave open where.
            File.WriteAllText(path("config", preset + ".yaml"), PresetCatalog.Text(preset).Replace("  dataset: NYU_v2\n", "  dataset: NYU_v2\n  dataroot: data\n", StringComparison.Ordinal));
        }

        for (int i = 0; i < Assignments.Length; i++)
        {
            File.WriteAllText(path("set", $"{i}.txt"), Assignments[i]);
        }

        File.WriteAllText(path("study", "two.yaml"), StudyOfTwo + "\n");
        File.WriteAllText(path("golden", "scenes.json"), Golden);
        File.WriteAllText(path("golden", "without.json"), GoldenWithout);
    }

    private static void WriteRun(Func<string, string, string> path)
    {
        File.WriteAllText(path("run-state", "middle.json"), State().ToJson());
        File.WriteAllText(path("run-state", "start.json"), new RunState().ToJson());
        RunState policy = State();
        (policy.Data, policy.Policy) = ("fedcba9876543210", PolicyFile.Of(["seg", "sn"], BlockPolicy.Parse("seg:1;sn:0", ["seg", "sn"], 2), isTrained: true));
        File.WriteAllText(path("run-state", "policy.json"), policy.ToJson());
        PolicyFile.Of(["seg", "sn"], BlockPolicy.Parse("seg:1,2;sn:0", ["seg", "sn"], 4), isTrained: true).Write(path("policy", "trained.json"));
        PolicyFile.Of(["depth"], BlockPolicy.Parse("depth:1", ["depth"], 2), isTrained: false).Write(path("policy", "untrained.json"));
        TestResult test = new() { Score = 0.25, Step = 12, Metrics = Metrics(), Classes = new() { ["seg"] = new() { ["wall"] = 31.5, ["floor"] = double.NaN } } };
        new MetricsFile
        {
            Method = "adashare",
            Provenance = new RunProvenance { Seed = 1, Version = "0.1.0", Device = "cpu", Numerics = "exact", Dataset = "Scenes", TestImages = 2 },
            Final = test,
            Trivial = Metrics(),
            Others = [new NamedResult { Name = "warm_up", Title = "warm-up", Steps = 6, Test = test }],
            Candidates = [new NamedResult { Name = "retrain_0", Title = "policy 0", Steps = 6, Selected = true, Test = test, Policy = new PolicySummary { Skipped = new() { ["seg"] = [1, 2] }, Selected = 0 } }],
            CandidateMean = Metrics(),
            PeakBytes = new() { ["warmup"] = 1024 },
            Budget = new() { ["warmup"] = new PhaseBudget { WeightSteps = 6, Images = 12, MultiplyAdds = 1e6, Seconds = 0.5 } },
            FinalSteps = 6,
        }.Write(path("metrics", "run.json"));
        new MetricsFile { Method = "hard_sharing" }.Write(path("metrics", "bare.json"));
        StudyFile.WriteCell(path("cell", "failed.json"), new CellResult { Cell = "adashare-1", Method = "adashare", Label = "AdaShare", Seed = 1, Failure = "the disk is full" });
        StudyFile.WriteCell(path("cell", "done.json"), Cell());
        new DataManifest
        {
            Datasets =
            [
                new DataManifestEntry
                {
                    Name = "NYU v2", Parts = new() { ["Test"] = ["0001", "0002"], ["Validation"] = [] },
                    Fingerprints = new() { ["Test"] = new() { ["Depth"] = ["0123456789abcdef", "fedcba9876543210"], ["image"] = ["0000000000000000", "ffffffffffffffff"] } },
                },
                new DataManifestEntry { Name = "procedural scenes", Origin = "scenes of seed 1, 32x32 pixels", Parts = new() { ["TrainOnly"] = ["0003"] } },
            ],
        }.Write(path("manifest", "prints.json"));
        string data = path("manifest", "data.json");
        new DataManifest { Datasets = [new DataManifestEntry { Name = "NYU v2", Parts = new() { ["Test"] = ["0001", "0002"], ["Validation"] = [] } }] }.Write(new RunFolder(System.IO.Path.GetDirectoryName(data)!));
    }

    private static void WriteIndices(Func<string, string, string> path)
    {
        File.WriteAllText(path("nyu-index", "divided.json"), OfficialIndex);
        File.WriteAllText(path("nyu-index", "train.json"), OfficialTrainOnly);
        string folder = System.IO.Path.Combine(Directory.CreateTempSubdirectory("corpus").FullName, "scenes");
        CorpusScenes.WriteAll(folder);
        File.Copy(System.IO.Path.Combine(folder, CorpusScenes.Index), path("scenes-index", "five.json"), overwrite: true);
        Directory.Delete(System.IO.Path.GetDirectoryName(folder)!, recursive: true);
    }

    private static CellResult Cell()
    {
        MetricValues values = new MetricValues().Set("seg", "miou", 20).Set("depth", "abs_error", null);
        return new CellResult
        {
            Cell = "adashare-1",
            Method = "adashare",
            Label = "AdaShare",
            Variant = "dense",
            Seed = 1,
            Metrics = values,
            ValidationScore = 0.25,
            Budget = new CellBudget([new Studies.Results.PhaseBudget("search", 30, 10, 160, 3e12)]),
            FinalSteps = 30,
            Cost = new Studies.Results.ModelCost(2_500_000, 300_000, 60_800_000, 182_400_000, 96, 128),
            PeakBytes = 1L << 30,
            Policies = [new SampledPolicy(values, 0.25, true), new SampledPolicy(values, null, false)],
            ArgMax = values,
            Provenance = new CellProvenance("0.1.0", "abc1234", "cpu", "fast"),
            Times = new CellTimes(90, 12.5, new Dictionary<string, double> { ["search"] = 80 }),
        };
    }

    private static RunState State() => new()
    {
        Phase = "search",
        Step = 12,
        LogLength = 3456,
        Best = new() { ["all"] = new BestSoFar(0.125, 6) },
        Reference = Metrics(),
        PeakBytes = new() { ["warmup"] = 1024 },
        Budget = new() { ["warmup"] = new PhaseBudget { WeightSteps = 6, Images = 12, MultiplyAdds = 1e6, Seconds = 0.5 } },
        Method = JsonDocument.Parse("""{"learnt": [[0.5, 0.25]], "selected": null}""").RootElement.Clone(),
        Run = "0123456789abcdef",
    };

    private static Dictionary<string, Dictionary<string, double>> Metrics() => new() { ["seg"] = new() { ["miou"] = 12.5, ["cross_entropy"] = double.PositiveInfinity }, ["sn"] = new() { ["angle_mean"] = 40 } };
}
