using AdaShare.Native.Architecture.Tests.Reading;

namespace AdaShare.Native.Architecture.Tests;

/// <summary>There is one training step: whatever trains, verifies or times goes through it, so that all of them do the same.</summary>
public sealed class TrainingStepTests
{
    private const string TheStep = "AdaShare.Native.Learning.Training.TrainingStep";
    private const string Engine = "Engine";

    [Test]
    public void Only_the_training_step_runs_backward_and_moves_parameters()
    {
        (string Type, string Method, string Called)[] callers = [.. Rooms.All.Where(static room => room.Key != Engine).SelectMany(static room => Callers.Of(room.Value))];
        Assert.That(callers.Where(static c => c.Type != TheStep).Select(static c => $"{c.Method} calls {c.Called}"), Is.Empty, $"call {TheStep}.Run instead");
        Assert.That(callers.Select(static c => c.Called).Distinct(), Is.EquivalentTo(new[] { "Optimizer.BackwardAndStep", "Optimizer.Step", "Step.Backward" }), "the step itself is seen");
    }

    [Test]
    public void A_second_step_is_found()
    {
        (string Type, string Method, string Called)[] found = [.. Callers.Of(Rooms.Fixtures())];
        Assert.That(found.Select(static c => c.Type).Distinct(), Is.EqualTo(new[] { "AdaShare.Native.Architecture.Tests.Fixtures.SecondStep" }), "and nothing else is taken for one");
        Assert.That(found.Select(static c => c.Called), Is.EquivalentTo(new[] { "Optimizer.BackwardAndStep", "Step.Backward", "Optimizer.Step" }));
    }
}
