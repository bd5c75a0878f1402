using AdaShare.Native.Cpu;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Methods.Costs;

namespace AdaShare.Native.Methods.Tests.Costs;

/// <summary>What is published of costs, against what the networks are counted at.</summary>
public sealed class MethodCostTests
{
    public static IEnumerable<TestCaseData> Published { get; } =
        [.. MethodRegistry.All.SelectMany(static method => method.PublishedCosts.Select(cost => new TestCaseData(method, cost).SetArgDisplayNames(method.Name, $"{cost.Tasks} tasks")))];

    [TestCaseSource(nameof(Published))]
    public void EveryPublishedFigureIsMetWithinItsRounding(IMethod method, PublishedCost published)
    {
        using var backend = new CpuBackend();
        MethodCost cost = new MethodCosts(backend, MethodCosts.PublishedBackbone, MethodCosts.PublishedSide, MethodCosts.PublishedSide).Of(method, published.Tasks);
        Assert.That(cost.Published, Is.EqualTo(published));
        Assert.That(published.Backbones ?? published.GigaMultiplyAdds, Is.Not.Null, "something is published");
        if (published.CountsOtherwise is not null)
        {
            Assert.That(cost.MeetsPublished, Is.False, "what counts otherwise gives another figure");
            return;
        }

        Assert.That(cost.MeetsPublished);
        if (published.Backbones is { } backbones)
        {
            Assert.That(Math.Round(cost.Backbones, 2), Is.EqualTo(backbones));
            Assert.That(cost.BackbonesDifference, Is.EqualTo(cost.Backbones - backbones));
        }

        if (published.GigaMultiplyAdds is { } giga)
        {
            Assert.That(Math.Round((published.CountsSharedOnce ? cost.ExecutedMultiplyAdds : cost.PassesMultiplyAdds) / 1e9, 2), Is.EqualTo(giga));
        }
    }

    [Test]
    public void TheFiguresOfThePapersTablesAreThere()
    {
        // Params of the tables of CityScapes (2 tasks), NYU v2 (3) and Tiny-Taskonomy (5), and the FLOPs of its text.
        Assert.That(Published.Select(static p => (((IMethod)p.Arguments[0]!).Name, (PublishedCost)p.Arguments[1]!)).Select(static p => (p.Name, p.Item2.Tasks, p.Item2.Backbones, p.Item2.GigaMultiplyAdds)), Is.SupersetOf(new (string, int, double?, double?)[]
        {
            ("single_task", 2, 2, null), ("single_task", 3, 3, null), ("hard_sharing", 2, 1, null), ("hard_sharing", 3, 1, null),
            ("cross_stitch", 2, 2, 37.06), ("cross_stitch", 3, 3, 55.59), ("sluice", 2, 2, 37.06), ("sluice", 3, 3, 55.59),
            ("nddr", 2, 2.07, 38.32), ("nddr", 3, 3.15, 58.43), ("nddr", 5, 5.41, null), ("mtan", 2, 2.41, 44.31), ("mtan", 3, 3.11, 57.21), ("mtan", 5, 4.51, null),
            ("adashare", 2, 1, 33.35), ("adashare", 3, 1, 50.13), ("adashare", 5, 1, null), ("den", 2, 1.12, 39.18), ("den", 3, 1.12, 57.71), ("den", 5, 1.12, null),
        }));
    }

    [Test]
    public void AFigureThatIsMissedIsSeen()
    {
        var missed = new MethodCost("a", "A", 2, 0, 0, 2.416, 44_000_000_000, 45_000_000_000, new PublishedCost(2, 2.41));
        Assert.That(missed.MeetsPublished, Is.False);
        Assert.That((missed with { Backbones = 2.4149 }).MeetsPublished);
        MethodCost executed = missed with { Published = new PublishedCost(2, null, 44) { CountsSharedOnce = true } }, passes = missed with { Published = new PublishedCost(2, null, 44) };
        Assert.That((executed.MeetsPublished, passes.MeetsPublished, passes.GigaMultiplyAddsDifference), Is.EqualTo((true, false, 1.0)));
    }

    [TestCase("ResNet18", 224)]
    [TestCase("ResNet34", 64)]
    public void OtherNetworksAndImagesHaveNoPublishedFigures(string backbone, int side)
    {
        using var backend = new CpuBackend();
        MethodCost cost = new MethodCosts(backend, backbone, side, side).Of(MethodRegistry.Get("nddr"), 2);
        Assert.That((cost.Published, cost.BackbonesDifference, cost.GigaMultiplyAddsDifference), Is.EqualTo(((PublishedCost?)null, (double?)null, (double?)null)));
        Assert.That(cost.Backbones, Is.GreaterThan(2));
    }

    [Test]
    public void EveryMethodCanBeCounted()
    {
        foreach (IMethod method in MethodRegistry.All)
        {
            using var backend = new CpuBackend();
            MethodCost cost = new MethodCosts(backend, "ResNet18", 64, 64).Of(method, 2);
            Assert.That(cost.Backbones, Is.GreaterThan(0.999), method.Name);
            Assert.That(cost.ExecutedMultiplyAdds, Is.GreaterThan(0).And.LessThanOrEqualTo(cost.PassesMultiplyAdds), method.Name);
            Assert.That(backend.Memory.LiveBuffers, Is.Zero, method.Name);
        }
    }
}
