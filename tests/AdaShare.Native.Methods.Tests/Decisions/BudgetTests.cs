using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Methods.BlockDrop;
using AdaShare.Native.Methods.Den;
using AdaShare.Native.Methods.SpotTune;

namespace AdaShare.Native.Methods.Tests.Decisions;

/// <summary>What the methods that decide per image spend before their final training, where nobody says otherwise: what AdaShare's warm-up and search have.</summary>
public sealed class BudgetTests
{
    [TestCase("adashare_instance")]
    [TestCase("adashare_rl")]
    [TestCase("blockdrop")]
    [TestCase("spottune")]
    [TestCase("den")]
    public void StepsBeforeTheFinalTrainingAreThoseOfTheSearch(string method)
    {
        var config = new RunConfig { Method = method };
        config.Train.TotalIters = 20000;
        IMethod known = MethodRegistry.Get(method);
        known.Validate(config);
        Assert.That(known.StepsBefore(config), Is.EqualTo(20000));
    }

    [Test]
    public void WhatIsSetCounts()
    {
        var config = new RunConfig();
        config.Train.TotalIters = 1000;
        config.Options<BlockDropOptions>().WarmUpIters = 300;
        config.Options<SpotTuneOptions>().WarmUpIters = 70;
        DenOptions den = config.Options<DenOptions>();
        (den.WarmUpIters, den.SelectorIters, den.EstimatorIters, den.Rounds) = (10, 20, 30, 4);
        Assert.That(MethodRegistry.Get("blockdrop").StepsBefore(config), Is.EqualTo(1000));
        Assert.That(MethodRegistry.Get("spottune").StepsBefore(config), Is.EqualTo(70));
        Assert.That(MethodRegistry.Get("den").StepsBefore(config), Is.EqualTo(10 + (4 * 20) + (3 * 30)));
        config.Options<SpotTuneOptions>().StartFrom = "runs/given";
        Assert.That(MethodRegistry.Get("spottune").StepsBefore(config), Is.Zero);
        Assert.That(MethodRegistry.Get("spottune").Notices(config), Has.Some.Contains("warm_up_iters has no effect"));
        Assert.That(MethodRegistry.Get("routing").StepsBefore(config), Is.Zero);
    }
}
