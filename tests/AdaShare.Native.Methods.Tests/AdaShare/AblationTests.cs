using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Evaluation;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.AdaShare;

namespace AdaShare.Native.Methods.Tests.AdaShare;

/// <summary>Each key that takes a part of AdaShare away, or changes it, has the effect that it names; and hard sharing trained beside it.</summary>
public sealed class AblationTests : TrainingTests
{
    [Test]
    public void WithoutCurriculumEveryDecisionIsOpenFromTheFirstStep()
    {
        (Recorder with, PolicyFile learnt, _) = Run(static _ => { });
        (Recorder without, PolicyFile free, _) = Run(static options => options.IsCurriculum = false);
        Assert.That(Search(with).Select(Open), Is.EqualTo(new double[] { 1, 1, 1, 1, 2, 2, 2, 2 }));
        Assert.That(Search(without).Select(Open), Is.All.EqualTo(8));
        Assert.That(learnt.Probability[0][..6], Is.All.EqualTo(1.0));
        Assert.That(free.Probability[0], Is.All.LessThan(1.0));
    }

    [TestCase("sparsity")]
    [TestCase("sharing")]
    public void ARegulariserThatIsSwitchedOffIsInNoLoss(string name)
    {
        (Recorder with, PolicyFile learnt, _) = Run(static options => options.RegW = 1);
        (Recorder without, PolicyFile free, _) = Run(options =>
        {
            options.RegW = 1;
            options.IsSparse = name != "sparsity";
            options.IsSharing = name != "sharing";
        });
        StepRecord[] before = [.. Search(with).Where(static step => step.Updates == "policy")], after = [.. Search(without).Where(static step => step.Updates == "policy")];
        Assert.That(before.Select(step => step.Losses.ContainsKey(name)), Is.All.True);
        Assert.That(after.Select(step => step.Losses.ContainsKey(name)), Is.All.False);

        // Nothing has moved by the first policy step, so the totals differ by the term alone.
        double weight = name == "sparsity" ? 1 : 0.05;
        Assert.That(before[0].Total - after[0].Total, Is.EqualTo(weight * before[0].Losses[name]).Within(1e-4));
        Assert.That(free.Probability[0][7], Is.Not.EqualTo(learnt.Probability[0][7]), "the term has moved the logits");
    }

    [Test]
    public void HardSamplingMakesGatesOneHotInTheFirstSearchStep()
    {
        (Recorder soft, _, _) = Run(static _ => { });
        (Recorder hard, _, _) = Run(static options => options.HardSampling = true);
        Assert.That(hard.Steps.Take(2).Select(static step => step.Total), Is.EqualTo(soft.Steps.Take(2).Select(static step => step.Total)), "the warm-up is the same");
        Assert.That(Search(hard).First().Total, Is.Not.EqualTo(Search(soft).First().Total));
    }

    [Test]
    public void ArgMaxTrainsTheOnePolicyOfTheLikelierDecisions()
    {
        (Recorder observer, PolicyFile policy, MetricsFile results) = Run(static options =>
        {
            options.IsCurriculum = false;
            options.RegW = 50;
            options.PolicyLr = 1;
            options.PoliciesFrom = "arg_max";
        });
        Assert.That(policy.ArgMax.SelectMany(static row => row), Has.Some.False, "something is skipped");
        Assert.That(policy.Sampled, Is.EqualTo(new[] { policy.ArgMax }));
        Assert.That(observer.Phases.Count(static phase => phase.Key == "retrain"), Is.EqualTo(1));
        Assert.That(results.Candidates, Has.Count.EqualTo(1));
        Assert.That(results.CandidateDeviation, Is.Null);
    }

    [Test]
    public void PoliciesFromElsewhereAreRefusedAndACountWithoutEffectIsNoticed()
    {
        var method = new AdaShareMethod();
        RunConfig config = TinyTraining.Config("adashare");
        config.Options<AdaShareOptions>().PoliciesFrom = "mean";
        Assert.That(() => method.Validate(config), Throws.TypeOf<ConfigurationException>().With.Message.EqualTo("adashare.policies_from is mean; expected one of sampled, arg_max"));
        config.Options<AdaShareOptions>().PoliciesFrom = "arg_max";
        Assert.That(method.Notices(config), Has.Some.StartsWith("adashare.policies has no effect with policies_from arg_max"));
    }

    [Test]
    public void HardSharingIsTrainedBesideItFromFreshWeightsForAsManySteps()
    {
        RunFolder folder = Training.NewFolder(), other = Training.NewFolder();
        var observer = new Recorder();
        RunConfig config = Comparing(static _ => { });
        MetricsFile results = Training.Train(config, folder, observer);
        Assert.That(observer.Phases.Select(static phase => phase.Key), Is.EqualTo(new[] { "warm_up", "search", "retrain", "retrain", "hard_sharing" }));
        Assert.That(results.Others.Select(static o => (o.Name, o.Title, o.Steps)), Is.EqualTo(new[] { ("warmup", "warm-up", 2L), ("hard_sharing", "hard sharing", (long)TinyTraining.Steps) }));
        Assert.That(results.Budget["hard_sharing"].WeightSteps, Is.EqualTo(TinyTraining.Steps));
        Assert.That(results.Budget["hard_sharing"].MultiplyAdds, Is.EqualTo(3.0 * 2 * TinyTraining.Steps * (TinyTraining.Pass + TinyTraining.Heads)));

        // Whatever the search did before, even where retrainings go on from it.
        RunConfig different = Comparing(static options => (options.WarmUpIters, options.RetrainFromPl, options.Policies) = (6, true, 1));
        MetricsFile same = Training.Train(different, other);
        Assert.That(same.Others[1].Test.Metrics, Is.EqualTo(results.Others[1].Test.Metrics));
        Assert.That(same.Final.Metrics, Is.Not.EqualTo(results.Final.Metrics));

        var method = new AdaShareMethod();
        IReadOnlyList<StoredNetwork> networks = method.Networks(folder, config);
        Assert.That(networks.Select(static n => (n.Title, n.IsFinal)), Is.EqualTo(new[] { ("warm-up", false), ("hard sharing", false), ("AdaShare, retrained", true) }));
        Assert.That(networks[1].Gates.IsShared);
        using (TrainedNetwork network = networks[1].Load(method, config, Training.Backend))
        {
            Assert.That(network.Checkpoint, Is.EqualTo(folder.Checkpoint("hard_sharing")));
        }

        Assert.That(Training.Backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void ARunWithItThatWasStoppedGivesTheSameBits() =>
        Training.RequireExactResume(Comparing(static options => options.Policies = 1), ["warmup", "policy_latest", "retrain_0", "hard_sharing"]);

    private static RunConfig Comparing(Action<AdaShareOptions> set)
    {
        RunConfig config = TinyTraining.Config("adashare");
        config.Options<AdaShareOptions>().CompareHardSharing = true;
        set(config.Options<AdaShareOptions>());
        return config;
    }

    private (Recorder Observer, PolicyFile Policy, MetricsFile Results) Run(Action<AdaShareOptions> set)
    {
        RunConfig config = TinyTraining.Config("adashare");
        config.Train.RetrainTotalIters = 1;
        set(config.Options<AdaShareOptions>());
        var observer = new Recorder();
        RunFolder folder = Training.NewFolder();
        MetricsFile results = Training.Train(config, folder, observer);
        return (observer, PolicyFile.Read(folder.Policy), results);
    }

    private static IEnumerable<StepRecord> Search(Recorder observer) => observer.Steps.Where(static step => step.Phase.Key == "search");

    private static double Open(StepRecord step) => step.Details.Single(static detail => detail.Name == "open_blocks").Value;
}
