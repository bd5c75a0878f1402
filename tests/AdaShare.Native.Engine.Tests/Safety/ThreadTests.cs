using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Profiling;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Safety;

/// <summary>A backend takes one thread at a time.</summary>
[TestFixture]
public sealed class ThreadTests
{
    private ReferenceBackend _backend = null!;

    [SetUp]
    public void SetUp() => _backend = new ReferenceBackend();

    [TearDown]
    public void TearDown() => _backend.Dispose();

    [Test]
    public void A_second_thread_is_refused_while_one_is_inside()
    {
        using var step = new Step(_backend);
        Tensor x = step.FromDoubles(new Shape(1), DType.Float64, [2]);
        using (_backend.Enter("test"))
        {
            Assert.Multiple(() =>
            {
                Assert.That(Elsewhere(() => step.Square(x)), Is.TypeOf<InvalidOperationException>().With.Message.Contains("square: thread").And.Message.Contains("one backend a thread"));
                Assert.That(Elsewhere(() => x.ToDoubles()), Is.TypeOf<InvalidOperationException>());
                Assert.That(Elsewhere(() => step.New(new Shape(1), DType.Float64)), Is.TypeOf<InvalidOperationException>());
                Assert.That(Elsewhere(() => step.Release(x)), Is.TypeOf<InvalidOperationException>());
                Assert.That(Elsewhere(x.Storage.Retain), Is.TypeOf<InvalidOperationException>());
                Assert.That(Elsewhere(_backend.Dispose), Is.TypeOf<InvalidOperationException>());
                Assert.That(Elsewhere(() => _backend.RunStep("key", static () => { })), Is.TypeOf<InvalidOperationException>());
                Assert.That(step.Square(x).Item(), Is.EqualTo(4), "who is inside goes on");
            });
        }
    }

    [Test]
    public void Threads_may_take_turns()
    {
        using var step = new Step(_backend);
        Tensor x = step.FromDoubles(new Shape(1), DType.Float64, [2]), y = null!;
        Assert.That(Elsewhere(() => y = step.Square(x)), Is.Null);
        Assert.That(y.Item(), Is.EqualTo(4));
    }

    [Test]
    public void An_error_lets_the_next_thread_in()
    {
        using var step = new Step(_backend);
        Tensor x = step.New(new Shape(2), DType.Int32);
        Assert.That(() => step.Relu(x), Throws.Exception);
        Assert.That(() => step.Backward(x), Throws.Exception);
        Assert.That(() => step.Add(x, null!), Throws.Exception);
        Assert.That(() => _backend.RunStep("key", static () => throw new NotSupportedException()), Throws.Exception);
        Assert.That(Elsewhere(() => step.New(new Shape(1), DType.Float64)), Is.Null);
    }

    [Test]
    public void Backends_of_one_device_share_its_entrance()
    {
        using var profiling = new ProfilingBackend(_backend);
        using (profiling.Enter("test"))
        {
            Assert.That(Elsewhere(() => _backend.Allocate(8)), Is.TypeOf<InvalidOperationException>());
        }

        profiling.Dispose();
        Assert.That(_backend.IsDisposed, Is.False, "it does not own the device");
        using var step = new Step(profiling);
        Tensor x = Tensor.Allocate(_backend, new Shape(1), DType.Float64);
        x.CopyFrom<double>([3]);
        Assert.That(step.Square(x).Item(), Is.EqualTo(9), "the tensor lies on the same device");
        x.Storage.Release();
    }

    private static Exception? Elsewhere(Action action)
    {
        Exception? error = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
#pragma warning disable CA1031 // the test looks at it
            catch (Exception caught)
#pragma warning restore CA1031
            {
                error = caught;
            }
        });
        thread.Start();
        thread.Join();
        return error;
    }
}
