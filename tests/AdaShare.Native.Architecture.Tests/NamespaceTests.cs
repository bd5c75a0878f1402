using AdaShare.Native.Architecture.Tests.Reading;

namespace AdaShare.Native.Architecture.Tests;

/// <summary>Inside a room namespaces have no circles: one can be read, and taken out, without those that build on it.</summary>
public sealed class NamespaceTests
{
    private const string Fixtures = "AdaShare.Native.Architecture.Tests.Fixtures";

    // The edges without which there would be no circle. None may be added; one that is mended must go, or a test fails.
    private static readonly (string From, string To, string Why)[] Known =
    [
        ("Engine.Tensors", "Engine.Autograd", "A tensor knows the step that owns it, which frees it."),
        ("Engine.Tensors", "Engine.Backends", "Memory knows the backend that it goes back to."),
        ("Engine.Tensors", "Engine.Layers", "A tensor that is a parameter's value knows the parameter, so that backward finds where its gradient goes."),
        ("Engine.Backends", "Engine.Ops", "The kernels of a backend take the geometries and windows that are declared beside the ops which compute them."),
        ("Engine.Autograd", "Engine.Layers", "Backward gives gradients to parameters, which are declared beside the layers that hold them."),
        ("Cpu.Memory", "Cpu", "Memory knows the backend that it goes back to."),
        ("Cpu.Memory", "Cpu.Threading", "Scratch memory is kept for each thread of the pool, and the pool keeps the scratch memory."),
        ("Cpu.Numerics", "Cpu", "The width of vectors is an option of the backend, and is public where its options are."),
        ("Cpu.Kernels", "Cpu", "The width of vectors and the mode of numerics are options of the backend, and public where its options are."),
        ("Cuda.Memory", "Cuda", "Memory knows the backend that it goes back to."),
        ("Cuda.Graphs", "Cuda", "Whether steps are captured is an option of the backend, and is public where its options are."),
        ("Cuda.Cudnn", "Cuda", "Numerics and the search for convolution engines are options of the backend, and public where its options are."),
        ("Cuda.Kernels", "Cuda", "Which engine convolves is an option of the backend, and is public where its options are."),
        ("Cuda.Device", "Cuda", "The device's context carries the backend's options to whatever computes."),
        ("Cuda.Device", "Cuda.Commands", "The device's context carries the stream of commands to whatever computes."),
        ("Cuda.Device", "Cuda.Graphs", "The device's context carries the captured steps, and the clock asks them whether a step is being captured."),
        ("Cuda.Device", "Cuda.Memory", "The device's context carries the allocators to whatever computes."),
        ("Cuda.Commands", "Cuda.Cudnn", "A convolution that cuDNN plans is a command like every other."),
    ];

    [TestCaseSource(typeof(Rooms), nameof(Rooms.Names))]
    public void Namespaces_have_no_circles(string room)
    {
        NamespaceGraph graph = Of(room);
        IReadOnlyList<string>? circle = graph.Circle();
        Assert.That(circle, Is.Null, () => $"{room}: {string.Join(" -> ", circle!)}; move what one of these members needs, so that one edge goes:{Environment.NewLine}{graph.Describe(circle!)}");
    }

    [TestCaseSource(nameof(Known))]
    public void A_known_circle_is_still_there((string From, string To, string Why) known)
    {
        Assert.That(known.Why, Does.EndWith("."), "a sentence says why it is left");
        string from = Rooms.Prefix + known.From, to = Rooms.Prefix + known.To, room = known.From.Split('.')[0];
        Assert.That(NamespaceGraph.Of(Rooms.All[room]).Path(from, to), Has.Count.EqualTo(2), "the edge is gone: take it out of the list");
        Assert.That(Of(room).Path(to, from), Is.Not.Null, "the edge closes no circle any more: take it out of the list");
    }

    [Test]
    public void A_circle_is_found_whatever_makes_its_edges()
    {
        var graph = NamespaceGraph.Of(Rooms.Fixtures(), Fixtures);
        IReadOnlyList<string> circle = graph.Circle()!;
        Assert.That(circle, Is.EqualTo(new[] { Fixtures + ".Lower", Fixtures + ".Middle", Fixtures + ".Upper", Fixtures + ".Lower" }));
        string[] edges = graph.Describe(circle).Split(Environment.NewLine);
        Assert.That(edges, Has.Length.EqualTo(3));
        Assert.That(edges[0], Does.Contain(".Lower -> ").And.Contain("Fixtures.Lower.Floor"), "each edge with a member that makes it");
        Assert.That(edges[1], Does.Contain(".Middle -> ").And.Contain("Wall::Count"));
        Assert.That(edges[2], Does.Contain(".Upper -> ").And.Contain("Roof::_floor"));
        Assert.That(graph.Without(Fixtures + ".Middle", Fixtures + ".Upper").Circle(), Is.Null, "without one edge there is none");
    }

    private static NamespaceGraph Of(string room) => Known.Where(known => known.From.Split('.')[0] == room)
        .Aggregate(NamespaceGraph.Of(Rooms.All[room]), static (graph, known) => graph.Without(Rooms.Prefix + known.From, Rooms.Prefix + known.To));
}
