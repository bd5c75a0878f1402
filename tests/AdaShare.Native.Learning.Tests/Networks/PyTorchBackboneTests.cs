using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Learning.Tests.Networks;

/// <summary>Every backbone against the same network in PyTorch (<c>resnet.py</c>), in double precision: features in evaluation and training, and all gradients.</summary>
public sealed class PyTorchBackboneTests
{
    private const string Python = "/usr/bin/python3";
    private const double Tolerance = 1e-9;
    private static readonly Shape Images = new(2, 75, 97, 3), Small = new(2, 19, 22, 3), Texts = new(2, 1, 75, 1);

    private static IReadOnlyList<string> Names => BackboneRegistry.Names;

    [OneTimeSetUp]
    public void NeedPyTorch()
    {
        if (!File.Exists(Python) || Run("-c", "import torch").Status != 0)
        {
            Assert.Ignore($"this test needs {Python} with PyTorch (Debian's package python3-torch)");
        }
    }

    [TestCaseSource(nameof(Names))]
    public void FeaturesAndGradientsArePyTorchs(string name)
    {
        using var backend = new CpuBackend();
        var spec = BackboneSpec.Of(name, 0.125);
        var store = new ParameterStore();
        var builder = new NetworkBuilder(store, spec.Inputs);
        var backbone = new Backbone(builder, spec);
        store.Allocate(backend, DType.Float64);
        Fill(store);
        string folder = Directory.CreateTempSubdirectory("adashare-test-").FullName;
        try
        {
            double[] expected = InPyTorch(folder, spec, store), found = [.. Here(backend, backbone, training: false), .. Here(backend, backbone, training: true), .. builder.Backbone.Parameters.SelectMany(static p => p.Gradient.ToDoubles())];
            Assert.That(found, Has.Length.EqualTo(expected.Length));
            Compare(name, backbone, builder.Backbone, expected, found);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
            store.Dispose();
        }
    }

    private static void Compare(string name, Backbone backbone, ParameterGroup group, double[] expected, double[] found)
    {
        int features = (int)backbone.FeatureShape(Inputs(backbone.Spec)).Count, start = 0;
        foreach ((string what, int count) in ((string, int)[])[("features in evaluation", features), ("features in training", features), .. group.Parameters.Select(static p => ("gradient of " + p.Name, (int)p.Count))])
        {
            double[] theirs = expected[start..(start + count)], ours = found[start..(start + count)];
            double scale = theirs.Max(Math.Abs), worst = theirs.Zip(ours, static (a, b) => Math.Abs(a - b)).Max();
            Assert.That(scale, Is.GreaterThan(0), what);
            Assert.That(worst, Is.LessThanOrEqualTo(Tolerance * scale), $"{name}, {what}, whose largest entry is {scale:g3}");
            start += count;
        }
    }

    /// <summary>Filters that keep the variance of what they read, and scales, shifts and statistics that differ from channel to channel.</summary>
    private static void Fill(ParameterStore store)
    {
        foreach (Parameter parameter in store.Parameters)
        {
            var stream = RandomStream.For(3, parameter.Name);
            double deviation = parameter.Shape.Rank == 4 ? Math.Sqrt(2.0 / (parameter.Count / parameter.Shape[0])) : 0.1;
            double mean = parameter.Name.EndsWith("running_var", StringComparison.Ordinal) || (parameter.Shape.Rank == 1 && parameter.Name.EndsWith(".weight", StringComparison.Ordinal)) ? 1 : 0;
            parameter.Fill(i => mean + (deviation * stream.Normal((ulong)i)));
        }
    }

    private static Shape Inputs(BackboneSpec spec) => spec.Stem switch { StemKind.Pooled => Images, StemKind.Small => Small, _ => Texts };

    /// <summary>Pixels, or the numbers of characters, with padding at the end of each text and one in it.</summary>
    private static double[] Values(BackboneSpec spec) => spec.Inputs == InputKind.Text
        ? [.. Enumerable.Range(0, (int)Texts.Count).Select(static i => i % 75 > 66 || i == 5 ? 0 : i * 29 % 71 + 1.0)]
        : [.. Enumerable.Range(0, (int)Inputs(spec).Count).Select(static i => RandomStream.For(7, "images").Normal((ulong)i))];

    private static Tensor Upload(Step step, BackboneSpec spec) => spec.Inputs == InputKind.Text
        ? step.FromHost<byte>(Texts, Array.ConvertAll(Values(spec), static value => (byte)value))
        : step.FromDoubles(Inputs(spec), DType.Float64, Values(spec));

    private static double[] Here(CpuBackend backend, Backbone backbone, bool training)
    {
        // Running statistics move in the training pass; those of the evaluation before it are the given ones.
        using var step = new Step(backend, recordGradients: training);
        Tensor stem = backbone.Stem.Forward(step, Upload(step, backbone.Spec), training);
        Tensor features = step.Keep(backbone.Stages.Forward(step, stem, training));
        Assert.That(features.Shape, Is.EqualTo(backbone.FeatureShape(Inputs(backbone.Spec))));
        if (training)
        {
            step.Backward(step.Sum(step.Square(features)));
        }

        return features.ToDoubles();
    }

    private static double[] InPyTorch(string folder, BackboneSpec spec, ParameterStore store)
    {
        File.WriteAllText(Path.Combine(folder, "spec.json"), JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["block"] = spec.Block == BlockKind.Basic ? "basic" : "bottleneck",
            ["layers"] = spec.Blocks,
            ["widths"] = Enumerable.Range(0, spec.Blocks.Count).Select(spec.Width),
            ["strides"] = spec.Strides,
            ["dilations"] = spec.Dilations,
            ["ceil"] = spec.PoolsPartialWindows,
            ["expansion"] = spec.Block.Expansion(),
            ["stem"] = spec.Stem.ToString(),
            ["stem_channels"] = spec.StemChannels,
            ["images"] = Sides(Inputs(spec)),
            ["state"] = store.Parameters.Select(static p => new object[] { Torchvision(p.Name), Sides(p.Shape) }),
        }));
        double[] values = [.. store.Parameters.SelectMany(static p => p.Value.ToDoubles()), .. Values(spec)];
        File.WriteAllBytes(Path.Combine(folder, "values.bin"), MemoryMarshal.AsBytes(values.AsSpan()));
        (int status, string error) = Run(Path.Combine(AppContext.BaseDirectory, "Networks", "resnet.py"), folder);
        Assert.That(status, Is.Zero, error);
        return MemoryMarshal.Cast<byte, double>(File.ReadAllBytes(Path.Combine(folder, "result.bin"))).ToArray();
    }

    /// <summary>torchvision's name: blocks.0.1.conv2 is layer1.1.conv2, ds.1.0 is layer2.0.downsample.0.</summary>
    private static string Torchvision(string name)
    {
        string[] words = name.Split('.')[1..];
        return string.Join('.', words switch
        {
            ["blocks", var stage, .. var rest] => [$"layer{int.Parse(stage) + 1}", .. rest],
            ["ds", var stage, .. var rest] => [$"layer{int.Parse(stage) + 1}", "0", "downsample", .. rest],
            _ => words,
        });
    }

    private static int[] Sides(Shape shape) => [.. Enumerable.Range(0, shape.Rank).Select(axis => shape[axis])];

    private static (int Status, string Error) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Python, arguments) { RedirectStandardError = true };
        start.Environment["OMP_NUM_THREADS"] = "1";
        using Process process = Process.Start(start)!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error);
    }
}
