using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Methods.MtanStage;
using AdaShare.Native.Methods.Tests.Runs;

namespace AdaShare.Native.Methods.Tests.MtanStage;

/// <summary>Attention at the last block of each stage: whose weights it has, what it costs, its options.</summary>
public sealed class MtanStageTests
{
    private static readonly string[] AllTasks = ["seg", "sn", "depth", "keypoint", "edge"];

    [Test]
    public void MasksAreATasksOwnAndRefinementsAreShared()
    {
        using var backend = new CpuBackend();
        using var model = new MtanStageNetwork(Spec(3), reduction: 4, backend);
        model.Store.Initialize(1);
        using var step = new Step(backend, recordGradients: false);
        Shape shape = SmallRun.Images(2, 32);
        model.Forward(step, new InputGroup(step.FromDoubles(shape, DType.Float32, SmallRun.Normal(shape.Count, 3)), [0, 2]), new ForwardContext(GateTable.Shared, Training: true));
        var counts = model.Store.Counters.ToDictionary(static c => c.Name, static c => c.Value);
        for (int stage = 0; stage < 4; stage++)
        {
            Assert.That(AllTasks[..3].Select(task => counts[$"{task}.attention.{stage}.bn2.num_batches_tracked"]), Is.EqualTo(new[] { 1, 0, 1 }), "tasks that are not predicted are not computed");
        }

        // Each of the two tasks goes through the same refinements.
        Assert.That(Enumerable.Range(0, 3).Select(stage => counts[$"refinement.{stage}.bn3.num_batches_tracked"]), Is.All.EqualTo(2));
        Assert.That(counts.Keys, Has.None.StartsWith("refinement.3"), "the last stage's features go to the heads as they are");
        Assert.That(counts["backbone.blocks.3.1.bn2.num_batches_tracked"], Is.EqualTo(1));
    }

    [Test]
    public void AMaskOfOneHalfHandsOnHalfOfTheLastBlock()
    {
        // Scales of 0 make every mask sigmoid(0), and heads are linear up to their ReLU where they have no bias: they see half of what hard sharing gives them.
        using var backend = new CpuBackend();
        using var model = new MtanStageNetwork(Spec(2), reduction: 4, backend);
        using var shared = new SharedNetwork(Spec(2), backend);
        model.Store.Initialize(88);
        shared.Store.Initialize(88);
        foreach (Parameter parameter in model.Store.Parameters)
        {
            if (parameter.Name.EndsWith(".bn2.weight", StringComparison.Ordinal) && parameter.Name.Contains(".attention.", StringComparison.Ordinal))
            {
                parameter.Value.CopyFromDoubles(new double[parameter.Count]);
            }

            if (parameter.Name.Contains(".head_", StringComparison.Ordinal))
            {
                string official = parameter.Name.Replace("seg.head_", "task1_fc1_", StringComparison.Ordinal).Replace("sn.head_", "task2_fc1_", StringComparison.Ordinal);
                double[] values = parameter.Name.EndsWith(".bias", StringComparison.Ordinal) ? new double[parameter.Count] : parameter.Value.ToDoubles();
                parameter.Value.CopyFromDoubles(values);
                shared.Store[official].Value.CopyFromDoubles(values);
            }
        }

        using var step = new Step(backend, recordGradients: false);
        Shape shape = SmallRun.Images(2, 32);
        Tensor images = step.FromDoubles(shape, DType.Float32, SmallRun.Normal(shape.Count, 3));
        var context = new ForwardContext(GateTable.Shared, Training: true, Seed: 88);
        IReadOnlyList<Tensor> found = model.Forward(step, new InputGroup(images, [0, 1]), context), whole = shared.Forward(step, new InputGroup(images, [0, 1]), context);
        for (int t = 0; t < 2; t++)
        {
            Assert.That(found[t].ToDoubles(), Is.EqualTo(whole[t].ToDoubles().Select(static v => v / 2)).Within(1e-6), AllTasks[t]);
        }
    }

    // ResNet-34: 21,284,672 parameters, 18,528,804,864 multiply-adds at 224x224, stages of C = 64 at 57x57 and 128, 256, 512 at 29x29. With m = C / 4 and inputs I = C, 2 C, 2 C, 2 C, a task's
    // masks have I m + m C weights, m + C biases, 2 (m + C) in batch norms: 263,696, and take 224,273,240 with half a multiply-add for each bias. Between stages of C and O channels, with
    // m = O / 4, the shared refinements have C m + 9 m^2 + m O + C O weights and 2 (2 m + 2 O) in batch norms: 499,072; each task takes 472,665,088 there.
    [TestCase(2, 22_311_136, 19_922_681_520)]
    [TestCase(3, 22_574_832, 20_619_619_848)]
    [TestCase(5, 23_102_224, 22_013_496_504)]
    public void CostIsThatOfTheBackboneOnceAndOfEachTasksAttention(int tasks, long parameters, long multiplyAdds)
    {
        using var backend = new CpuBackend();
        RunConfig config = SmallRun.Config("mtan_stage", AllTasks[..tasks]);
        config.Backbone = "ResNet34";
        config.Model.Width = 1;
        using var model = new MtanStageNetwork(SmallRun.Spec(config), reduction: 4, backend);
        ModelCost cost = model.Cost(GateTable.Shared, 224, 224);
        Assert.That(cost.BackboneParameters, Is.EqualTo(parameters).And.EqualTo(21_284_672L + 499_072 + (tasks * 263_696L)));
        Assert.That(cost.ExecutedBackboneMultiplyAdds, Is.EqualTo(multiplyAdds).And.EqualTo(18_528_804_864L + (tasks * (224_273_240L + 472_665_088))));
        Assert.That(cost.PassesBackboneMultiplyAdds, Is.EqualTo(tasks * (18_528_804_864L + 224_273_240 + 472_665_088)));
    }

    [TestCase(0, "mtan_stage.reduction is 0; expected a divisor from 1 to 8")]
    [TestCase(9, "mtan_stage.reduction is 9; expected a divisor from 1 to 8")]
    public void OptionsOutOfRangeAreRefused(int reduction, string sentence)
    {
        RunConfig config = SmallRun.Config("mtan_stage", "seg", "sn");
        Assert.That(() => MethodRegistry.Get("mtan_stage").Validate(config), Throws.Nothing);
        config.Options<MtanStageOptions>().Reduction = reduction;
        Assert.That(() => MethodRegistry.Get("mtan_stage").Validate(config), Throws.TypeOf<ConfigurationException>().With.Message.EqualTo(sentence));
    }

    private static NetworkSpec Spec(int tasks) => SmallRun.Spec(SmallRun.Config("mtan_stage", AllTasks[..tasks]));
}
