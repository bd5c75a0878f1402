using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;

namespace AdaShare.Native.Learning.Tests.Configuration;

/// <summary>What <c>auto</c> means in each mode.</summary>
public sealed class LossModeTests
{
    [Test]
    public void PaperAndOfficialCodeDifferInNormalsAndDroppedBlocks()
    {
        var paper = new RunConfig();
        var official = new RunConfig { Loss = new LossConfig { Mode = "official" } };
        Assert.That(
            (LossMode.DecodesNormals(paper), LossMode.DecodesNormals(official), LossMode.ComputesDroppedBlocks(paper), LossMode.ComputesDroppedBlocks(official)),
            Is.EqualTo((true, false, false, true)));
        official.Dataload.Normals = "decoded";
        official.Model.DroppedBlocks = "skip";
        Assert.That((LossMode.DecodesNormals(official), LossMode.ComputesDroppedBlocks(official)), Is.EqualTo((true, false)), "what is said goes before the mode");
    }

    [Test]
    public void UnknownChoicesAreNamed()
    {
        var config = new RunConfig { Loss = new LossConfig { Mode = "middle" } };
        Assert.That(() => LossMode.IsOfficial(config), Throws.TypeOf<ConfigurationException>().With.Message.Contains("middle").And.Message.Contains("paper, official"));
    }
}
