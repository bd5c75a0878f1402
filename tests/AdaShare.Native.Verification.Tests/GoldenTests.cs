using System.Text.Json.Nodes;
using AdaShare.Native.Cpu;
using AdaShare.Native.Data.Scenes;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Tests;
using AdaShare.Native.Verification;

namespace AdaShare.Native.Verification.Tests;

/// <summary>What the official implementation computes, step by step.</summary>
public sealed class GoldenTests
{
    private const string Scenes = "scenes_3task_resnet18.json";

    private string _images = "";

    /// <summary>Draws the images that the file was recorded on.</summary>
    [OneTimeSetUp]
    public void DrawImages()
    {
        _images = Directory.CreateTempSubdirectory("golden-").FullName;
        SceneWriter.Write(new ProceduralScenes(new ProceduralSceneOptions { Seed = 1, Height = 192, Width = 256, TrainWeights = 2, TrainPolicy = 1, Validation = 1, Test = 2 }), _images);
    }

    [OneTimeTearDown]
    public void RemoveImages() => Directory.Delete(_images, recursive: true);

    [TestCase(Scenes, 3)]
    [TestCase("nyu_v2_2task_resnet18.json", 2)]
    public void FilesOfAnyNumberOfTasksAreRead(string name, int tasks)
    {
        GoldenFile file = GoldenFile.Read(TestData.File("golden", name));
        Assert.That((file.Tasks.Count, file.Classes.Count, file.Lambdas.Count, file.Steps.Count), Is.EqualTo((tasks, tasks, tasks, 8)));
        Assert.That(file.Evaluation!.Skip.Select(static blocks => blocks.Length), Is.EqualTo(Enumerable.Repeat(8, tasks)));
    }

    [Test]
    public void FormulasGiveTheDocumentedNumbers()
    {
        Assert.That(
            Enumerable.Range(0, 3).Select(i => GoldenFormula.Uniform("backbone.conv1.weight", i)),
            Is.EqualTo(new[] { 0.5547987943123901, 0.7920707537475269, 0.6175227201267868 }));
        Assert.That(GoldenFormula.Uniform("gumbel/step2/task1", 1), Is.EqualTo(0.6658008850116921));
        Assert.That(GoldenFormula.Gumbel(2, 1, 1)[0], Is.EqualTo(-Math.Log(-Math.Log(0.03282573402083766))).Within(1e-12));
    }

    [Test]
    public void DoublePrecisionAgreesToTheSixthDigit()
    {
        // Warm-up and one weight step: every op of the network, both optimisers, gates.
        GoldenFile file = Shortened(steps: 3, keep: ["steps"]);
        using var backend = new CpuBackend();
        using (var verifier = new GoldenVerifier(file, _images, backend, DType.Float64))
        {
            verifier.Run();
            Assert.That(verifier.Rows, Has.Count.GreaterThan(100));
            Assert.That(verifier.Rows.Max(r => r.Deviation), Is.LessThan(5e-6), () => verifier.Rows.MaxBy(r => r.Deviation)!.ToString());
        }

        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void AChangedRecordIsCaught()
    {
        GoldenFile file = Shortened(steps: 1, keep: ["steps"], root =>
        {
            foreach (string column in new[] { "float64", "float32" })
            {
                root[column]!["steps"]![0]!["loss"]!["sn"] = 1.2499;
            }
        });
        using var backend = new CpuBackend();
        using var verifier = new GoldenVerifier(file, _images, backend);
        verifier.Run();
        Assert.That(verifier.Rows.Where(r => !r.Passes).Select(r => r.Quantity), Does.Contain("loss sn"));
    }

    [Test]
    public void OtherFilesAreRefusedByName()
    {
        string path = Path.Combine(Path.GetTempPath(), $"golden-{Guid.NewGuid():N}.json");
        try
        {
            Assert.That(() => GoldenFile.Read(path), Throws.TypeOf<DataException>().With.Message.Contains(path));
            File.WriteAllText(path, """{"config": {"backbone": "ResNet18"}}""");
            Assert.That(() => GoldenFile.Read(path), Throws.TypeOf<DataException>().With.Message.Contains("no golden file"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static GoldenFile Shortened(int steps, string[] keep, Action<JsonNode>? change = null)
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(TestData.File("golden", Scenes)))!;
        foreach (string column in new[] { "float64", "float32" })
        {
            var recorded = (JsonObject)root[column]!;
            foreach (string key in recorded.Select(p => p.Key).Except(keep).ToArray())
            {
                recorded.Remove(key);
            }

            Cut((JsonArray)recorded["steps"]!);
        }

        Cut((JsonArray)root["config"]!["steps"]!);
        ((JsonObject)root["config"]!).Remove("eval");
        change?.Invoke(root);
        string path = Path.Combine(Path.GetTempPath(), $"golden-{Guid.NewGuid():N}.json");
        File.WriteAllText(path, root.ToJsonString());
        try
        {
            return GoldenFile.Read(path);
        }
        finally
        {
            File.Delete(path);
        }

        void Cut(JsonArray array)
        {
            while (array.Count > steps)
            {
                array.RemoveAt(array.Count - 1);
            }
        }
    }
}
