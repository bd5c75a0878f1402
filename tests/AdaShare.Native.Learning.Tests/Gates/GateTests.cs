using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Gates;

namespace AdaShare.Native.Learning.Tests.Gates;

/// <summary>Policies that are written by hand, and tables of gates.</summary>
public sealed class GateTests
{
    private static readonly string[] Names = ["seg", "sn"];

    [Test]
    public void HandWrittenPoliciesSkipWhatTheySay()
    {
        BlockPolicy policy = BlockPolicy.Parse("sn: 1,3 ; seg:", Names, 4);
        Assert.That(policy.ToArray(), Is.EqualTo(new bool[][] { [true, true, true, true], [true, false, true, false] }));
        Assert.That(policy.Skipped, Is.EqualTo(2));
    }

    [TestCase("depth:1", "depth")]
    [TestCase("seg:4", "blocks are 0 to 3")]
    [TestCase("seg:x", "block x")]
    public void WrongPoliciesAreNamed(string text, string expected) =>
        Assert.That(() => BlockPolicy.Parse(text, Names, 4), Throws.TypeOf<ConfigurationException>().With.Message.Contains(expected));

    [Test]
    public void ATableGivesTheRowsOfSomeOfItsTasks()
    {
        GateTable table = BlockPolicy.Parse("sn:1", Names, 2).ToGates();
        Assert.That(table.Of([1]).Kinds(), Is.EqualTo(new GateKind[][] { [GateKind.On, GateKind.Off] }));
        Assert.That(table.Of([1, 0]).Kinds(), Is.EqualTo(new GateKind[][] { [GateKind.On, GateKind.Off], [GateKind.On, GateKind.On] }));
        Assert.That(table.Of([0, 1]), Is.SameAs(table));
        Assert.That(GateTable.Shared.Of([1]), Is.SameAs(GateTable.Shared), "what all tasks share, some of them do");
    }
}
