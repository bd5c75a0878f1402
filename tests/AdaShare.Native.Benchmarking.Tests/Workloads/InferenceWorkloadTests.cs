using AdaShare.Native.Benchmarking.Workloads;
using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Benchmarking.Tests.Workloads;

/// <summary>Predictions under policies.</summary>
[TestFixture]
public sealed class InferenceWorkloadTests
{
    private static readonly IReadOnlyList<TaskSpec> Tasks = WorkloadNames.Tasks(["seg", "sn", "depth"]);

    [Test]
    public void A_pass_for_each_task_and_one_for_all_predict_the_same()
    {
        using var cpu = new CpuBackend();
        using var workload = new InferenceWorkload(cpu, TinyWork.Backbone, Tasks, headChannels: 8, 32, 48, batch: 2);
        float[][] separate = workload.Predict(InferencePolicy.Separate, 2), shared = workload.Predict(InferencePolicy.AllOn, 2);
        Assert.That(separate.Select(static values => values.Length), Is.EqualTo(Tasks.Select(static task => 2 * 5 * 7 * task.Channels)));
        Assert.That(separate, Is.EqualTo(shared));
        Assert.That(workload.Predict(InferencePolicy.AllOn)[1], Has.Length.EqualTo(5 * 7 * 3));
        Assert.That(workload.Predict(InferencePolicy.Skip("seg:1,2", TinyWork.Backbone, Tasks))[0], Is.Not.EqualTo(workload.Predict(InferencePolicy.AllOn)[0]));
    }

    [TestCase("ResNet34", "seg,sn,depth", "published nyu_v2_3task", 7)]
    [TestCase("ResNet18", "seg,sn", "published nyu_v2_2task", 2)]
    [TestCase("ResNet34", "seg,depth", "published cityscapes_2task", 6)]
    [TestCase("ResNet34", "seg,sn,depth,keypoint,edge", "published taskonomy_5task", 8)]
    [TestCase("ResNet18", "seg,sn,depth", null, 0)]
    [TestCase("ResNet34", "depth,sn,seg", null, 0)]
    public void Published_policies_are_those_of_the_network_and_its_tasks(string backbone, string tasks, string? name, int skipped)
    {
        IReadOnlyList<InferencePolicy> published = InferencePolicy.Published(BackboneSpec.Of(backbone), WorkloadNames.Tasks(tasks.Split(',')));
        Assert.That(published.Select(static policy => policy.Name), Is.EqualTo(name is null ? [] : new[] { name }));
        Assert.That(published.Sum(static policy => policy.Policy!.Skipped), Is.EqualTo(skipped));
    }

    [Test]
    public void A_random_policy_is_the_same_every_time()
    {
        BlockPolicy Draw(double share) => InferencePolicy.Random(share, BackboneSpec.Of("ResNet34"), Tasks).Policy!;
        bool[][] first = Draw(0.5).ToArray(), second = Draw(0.5).ToArray();
        Assert.That(second, Is.EqualTo(first));
        Assert.That((Draw(0).Skipped, Draw(1).Skipped), Is.EqualTo((0, 48)));
        Assert.That(Draw(0.5).Skipped, Is.InRange(12, 36));
    }

    [Test]
    public void What_no_buffer_holds_is_refused()
    {
        using var cpu = new CpuBackend();
        Assert.That(
            () => new InferenceWorkload(cpu, TinyWork.Backbone, Tasks, headChannels: 8, 4096, 4096, batch: 1024),
            Throws.TypeOf<ConfigurationException>().With.Message.EqualTo(
                $"images of 1024 x 4096 x 4096 x 3 values are more than the {Array.MaxLength} of one buffer; take a smaller batch or smaller images"));
        Assert.That(cpu.Memory.LiveBuffers, Is.Zero);
    }
}
