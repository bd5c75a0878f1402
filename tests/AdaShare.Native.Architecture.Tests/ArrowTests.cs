using AdaShare.Native.Architecture.Tests.Reading;

namespace AdaShare.Native.Architecture.Tests;

/// <summary>Arrows between rooms run one way.</summary>
public sealed class ArrowTests
{
    // A room refers to rooms of lower storeys only.
    private static readonly Dictionary<string, int> Storeys = new()
    {
        ["Engine"] = 0,
        ["Cpu"] = 1,
        ["Cuda"] = 1,
        ["Data"] = 1,
        ["Learning"] = 2,
        ["Methods"] = 3,
        ["Verification"] = 4,
        ["Studies"] = 4,
        ["Reports"] = 5,
        ["Benchmarking"] = 5,
        ["Host"] = 6,
    };

    // Who chooses a device is the host's business.
    private static readonly string[] Backends = ["Cpu", "Cuda"];

    [TestCaseSource(typeof(Rooms), nameof(Rooms.Names))]
    public void A_room_refers_to_lower_storeys_only(string room)
    {
        Assert.That(Storeys.Keys, Has.Some.EqualTo(room), $"the room {room} is new: give it a storey here, as the plan of the house draws it");
        string[] upward = [.. References(room).Where(other => Storeys[other] >= Storeys[room])];
        Assert.That(upward, Is.Empty, $"{room} refers to {string.Join(", ", upward)}, which stand beside or above it");
    }

    [TestCaseSource(typeof(Rooms), nameof(Rooms.Names))]
    public void Only_the_host_names_a_backend(string room)
    {
        string[] named = [.. References(room).Intersect(Backends)];
        Assert.That(named, room == "Host" ? Is.EquivalentTo(Backends) : Is.Empty);
    }

    [Test]
    public void The_rooms_are_all_here() => Assert.That(Rooms.Names, Is.SupersetOf(new[] { "Engine", "Cpu", "Cuda", "Data", "Learning", "Methods", "Verification", "Benchmarking", "Host" }));

    private static string[] References(string room) => [.. Rooms.All[room].AssemblyReferences.Select(static reference => Rooms.NameOf(reference.Name)).OfType<string>()];
}
