namespace AdaShare.Native.Peers.Tests;

/// <summary>The tests of the programs' own parts, which are written in Python.</summary>
internal sealed class ProgramTests
{
    [Test]
    public void TheirOwnTestsPass()
    {
        Peers.Require("numpy");
        (int status, _, string error) = Peers.Start(["-m", "unittest", "discover", "tests"], Peers.Folder());
        Assert.That(status, Is.Zero, error);
        Assert.That(error, Does.Match(@"Ran [1-9]\d+ tests"));
    }
}
