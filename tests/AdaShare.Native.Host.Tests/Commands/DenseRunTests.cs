using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Tests.Dense;

namespace AdaShare.Native.Host.Tests.Commands;

/// <summary>A tiny run through all phases on each dense data set, in folders that are written from procedural scenes.</summary>
internal sealed class DenseRunTests
{
    private static readonly string[] Tiny =
    [
        "train.total_iters=5", "train.warm_up_iters=2", "train.retrain_total_iters=2", "train.weight_iter_alternate=2", "train.alpha_iter_alternate=1", "train.batch_size=2", "train.val_freq=2",
        "adashare.policies=1", "model.width=0.125", "model.head_width=0.01", "backbone=ResNet18", "dataload.crop_h=32", "dataload.crop_w=32", "dataload.validation_fraction=0.2",
    ];

    private DenseFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void Mtan_NyuV2()
    {
        DenseLayouts.MtanNyu(_folder, DenseScenes.Draw(6, 32, 48), train: 5);
        Train("quick", _folder.Root, "dataload.dataset=NYU_v2_MTAN", "tasks=[seg,sn,depth]", "tasks_num_class=[13,3,1]", "lambdas=[1,1,1]");
    }

    [Test]
    public void Mtan_Cityscapes()
    {
        DenseLayouts.MtanCityscapes(_folder, DenseScenes.Draw(6, 32, 48), train: 5);
        Train("cityscapes_2task", _folder.Root, "dataload.dataset=CityScapes_MTAN", "tasks_num_class=[7,1]");
    }

    [Test]
    public void Cityscapes()
    {
        DenseLayouts.Cityscapes(_folder, DenseScenes.Draw(6, 128, 256));
        DenseLayouts.List(_folder, "cityscape.json", new() { ["train"] = [0, 1, 2, 3, 4], ["test"] = [5] }, DenseLayouts.CityscapesRow);
        Train("cityscapes_2task", _folder.Root, "dataload.small_res=True");
    }

    [TestCase("CityScapes_original")]
    [TestCase("CityScapes_original_metres")]
    public void Cityscapes_originals(string dataset)
    {
        DenseLayouts.CityscapesOriginal(_folder, DenseScenes.Draw(6, 32, 48), train: 5);
        Train("cityscapes_2task", _folder.Root, $"dataload.dataset={dataset}");
    }

    [Test]
    public void NyuV2_mat()
    {
        DenseLayouts.NyuMat(_folder, DenseScenes.Draw(9, 32, 48), lastVariant: 0);
        Train("nyu_v2_3task", _folder["0"], "dataload.dataset=NYU_v2_mat");
    }

    [Test]
    public void Taskonomy()
    {
        DenseLayouts.Taskonomy(_folder, DenseScenes.Draw(6, 32, 48));
        DenseLayouts.List(_folder, "taskonomy.json", new() { ["train"] = [0, 1, 2, 3, 4], ["test"] = [5] }, DenseLayouts.TaskonomyRow);
        Train("taskonomy_5task", _folder.Root);
    }

    private static void Train(string preset, string data, params string[] settings)
    {
        using var output = new DenseFolder();
        string[] set = [.. Tiny.Concat(settings).SelectMany(setting => new[] { "--set", setting })];
        CommandRun run = CommandRun.Of(["train", "--preset", preset, "--data", data, "--out", output["run"], "--device", "cpu", .. set]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success), run.Error);
        Assert.That(run.Output, Does.Contain("retrain 2/2").Or.Contain("retrain 1 of 1 2/2"));
        Assert.That(output["run/metrics.json"], Does.Exist);
    }
}
