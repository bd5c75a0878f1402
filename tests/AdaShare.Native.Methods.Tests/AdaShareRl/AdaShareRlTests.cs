using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.AdaShare;
using AdaShare.Native.Methods.AdaShareRl;

namespace AdaShare.Native.Methods.Tests.AdaShareRl;

/// <summary>AdaShare by reinforcement: what its steps add and move, resuming, budgets.</summary>
public sealed class AdaShareRlTests : TrainingTests
{
    [TestCase("paper")]
    [TestCase("official")]
    public void ARunThatIsStoppedAnywhereGivesTheSameFiles(string mode)
    {
        RunConfig config = TinyTraining.Config("adashare_rl");
        config.Loss.Mode = mode;
        Training.RequireExactResume(config, ["warmup", "policy_latest", "policy_best", "retrain_0", "retrain_1"]);
    }

    [Test]
    public void PolicyStepsAreRewardedAndMoveTheLogitsAlone()
    {
        RunConfig config = TinyTraining.Config("adashare_rl");
        AdaShareOptions options = config.Options<AdaShareOptions>();
        (options.IsSharing, options.IsSparse, options.IsCurriculum, options.PolicyWeightDecay) = (false, false, false, 0);
        config.Options<AdaShareRlOptions>().Exploration = 1;
        RunFolder folder = Training.NewFolder();
        var observer = new Recorder();
        MetricsFile results = Training.Train(config, folder, observer);
        StepRecord[] steps = [.. observer.Steps.Where(static s => s.Updates == "policy")];
        Assert.That(steps, Has.Length.EqualTo(4));
        Assert.That(steps.SelectMany(static s => s.Losses.Keys).Distinct(), Is.EqualTo(new[] { "seg", "sn", "reinforce" }));
        Assert.That(steps.Select(static s => s.Losses["reinforce"]), Has.Some.Not.Zero, "the draws differ from the likelier decisions");

        // Drawn from the uniform distribution alone, decisions say nothing about the logits, which get no gradient.
        Dictionary<string, double[]> learnt = Training.State(config, folder.Checkpoint("policy_latest"));
        Assert.That(learnt["task1_logits"].Concat(learnt["task2_logits"]), Is.All.EqualTo(0.5));
        Assert.That(results.Final.Decisions, Is.Null);

        config.Options<AdaShareRlOptions>().Exploration = 0.1;
        RunFolder moved = Training.NewFolder();
        Training.Train(config, moved);
        Assert.That(Training.State(config, moved.Checkpoint("policy_latest"))["task1_logits"], Has.Some.Not.EqualTo(0.5));
    }

    [Test]
    public void ItsNetworksAndStepsAreThoseOfAdaShare()
    {
        RunConfig config = TinyTraining.Config("adashare_rl");
        IMethod method = MethodRegistry.Get("adashare_rl"), adaShare = MethodRegistry.Get("adashare");
        Assert.That((method.StepsBefore(config), method.AllSteps(config)), Is.EqualTo((adaShare.StepsBefore(config), adaShare.AllSteps(config))));
        RunFolder folder = Training.NewFolder();
        Training.Train(config, folder);
        Assert.That(method.Networks(folder, config)[^1].Title, Is.EqualTo("AdaShare-RL, retrained"));
        Assert.That(Training.Backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void WhatDoesNotFitIsOneSentence()
    {
        RunConfig config = TinyTraining.Config("adashare_rl");
        config.Options<AdaShareRlOptions>().Exploration = 1.5;
        Assert.That(() => MethodRegistry.Get("adashare_rl").Validate(config), Throws.TypeOf<ConfigurationException>().With.Message.EqualTo("adashare_rl.exploration is 1.5; expected a share from 0 to 1"));
        config.Options<AdaShareOptions>().HardSampling = true;
        Assert.That(MethodRegistry.Get("adashare_rl").Notices(config), Has.Some.Contains("adashare.hard_sampling has no effect"));
    }
}
