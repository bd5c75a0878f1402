using AdaShare.Native.Cpu;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.Tests.Runs;

namespace AdaShare.Native.Methods.Tests.SingleTask;

/// <summary>Networks that share nothing.</summary>
public sealed class SingleTaskTests
{
    private const string Method = "single_task";

    private readonly RunFolders _folders = new();

    [OneTimeTearDown]
    public void RemoveFolders() => _folders.Dispose();

    [Test]
    public void NetworksTrainedTogetherAreThoseOfRunsOfTheirTaskAlone()
    {
        using var backend = new CpuBackend();
        string[] tasks = ["seg", "sn", "depth"];
        RunConfig Config(params string[] tasks)
        {
            // A rate so high that validations go up and down, so that the tasks' best states lie at different steps.
            RunConfig config = SmallRun.Config(Method, tasks);
            (config.Train.Lr, config.Train.BackboneLr, config.Train.ValFreq, config.Train.RetrainTotalIters) = (0.05, 0.05, 1, 8);
            return config;
        }

        RunFolder together = _folders.New();
        MetricsFile results = SmallRun.Train(backend, Config(tasks), together);
        var steps = new List<long>();
        foreach (string task in tasks)
        {
            RunFolder alone = _folders.New();
            MetricsFile lone = SmallRun.Train(backend, Config(task), alone);

            // The file holds weights, running statistics and counters of the best state by the task's own score.
            Assert.That(File.ReadAllBytes(together.Checkpoint("final_" + task)), Is.EqualTo(File.ReadAllBytes(alone.Checkpoint("final_" + task))), task);
            Assert.That(results.Final.Metrics[task], Is.EqualTo(lone.Final.Metrics[task]), task);
            steps.Add(lone.Final.Step);
        }

        Assert.That(results.Final.Step, Is.EqualTo(steps.Max()));
        Assert.That(steps.Distinct().Count(), Is.GreaterThan(1), "the tasks have their best states at different steps, or the test shows little");
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(5)]
    public void CostIsThatOfSoManyNetworks(int tasks)
    {
        using var backend = new CpuBackend();
        string[] names = [.. new[] { "seg", "sn", "depth", "keypoint", "edge" }.Take(tasks)];
        using var networks = new ParallelNetworks(SmallRun.Spec(SmallRun.Config(Method, names)), backend);
        long parameters = 0, heads = 0, state = 0, backbone = 0;
        foreach (string name in names)
        {
            using var one = new SharedNetwork(SmallRun.Spec(SmallRun.Config(Method, name)), backend);
            ModelCost alone = one.Cost(GateTable.Shared, 32, 40);
            parameters += alone.BackboneParameters;
            heads += alone.HeadMultiplyAdds;
            state += alone.StateEntries;
            backbone += alone.ExecutedBackboneMultiplyAdds;
        }

        ModelCost cost = networks.Cost(GateTable.Shared, 32, 40);
        Assert.That((cost.BackboneParameters, cost.HeadMultiplyAdds, cost.StateEntries), Is.EqualTo((parameters, heads, state)));
        Assert.That((cost.ExecutedBackboneMultiplyAdds, cost.PassesBackboneMultiplyAdds, cost.FullBackboneMultiplyAdds), Is.EqualTo((backbone, backbone, backbone)));
    }

    [Test]
    public void NamesTellTheTask()
    {
        Assert.That(
            new[] { "seg.backbone.conv1.weight", "sn.head_c0.conv1.bias", "cross_stitch.0.seg.sn", "nddr.0.seg.bn.weight", "backbone.conv1.weight", "task1_fc1_c0.conv1.bias" }.Select(TaskNames.TaskOf),
            Is.EqualTo(new[] { "seg", "sn", null, null, null, null }));
    }
}
