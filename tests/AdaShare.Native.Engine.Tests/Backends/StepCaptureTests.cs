using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Backends;

namespace AdaShare.Native.Engine.Tests.Backends;

/// <summary>Steps by key on a backend that knows nothing of capture.</summary>
[TestFixture]
public sealed class StepCaptureTests
{
    [Test]
    public void Without_capture_the_body_runs_as_it_stands()
    {
        using var backend = new ReferenceBackend();
        int runs = 0;
        for (int i = 0; i < 3; i++)
        {
            backend.RunStep("step", () => runs++);
        }

        Assert.That(runs, Is.EqualTo(3));
    }

    [Test]
    public void Errors_of_the_body_come_out()
    {
        using var backend = new ReferenceBackend();
        Assert.That(() => backend.RunStep("step", static () => throw new InvalidDataException("broken")), Throws.TypeOf<InvalidDataException>());
        Assert.That(() => backend.RunStep("step", null!), Throws.ArgumentNullException);
    }
}
