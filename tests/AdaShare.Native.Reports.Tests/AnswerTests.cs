using System.Xml.Linq;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods;
using AdaShare.Native.Methods.AdaShare;
using AdaShare.Native.Methods.HardSharing;
using AdaShare.Native.Reports.RunPages;

namespace AdaShare.Native.Reports.Tests;

/// <summary>What a page says in short is true of the run, and of nothing else.</summary>
public sealed class AnswerTests
{
    private const string Beats = "Does it beat hard sharing?";

    private static RunFiles Run => SmallRuns.AdaShare.Files with { Folder = new RunFolder("runs/it's mine"), Metrics = MetricsFile.Read(SmallRuns.AdaShare.Files.Folder.Metrics) };

    private static NamedResult Rival(RunFiles run) => run.Metrics!.Others.Single(static other => other is { IsComparison: true, Name: HardSharingMethod.MethodName });

    [TestCase(1.0, "Neither: with sampled policy ")]
    [TestCase(1.2, "Yes: with sampled policy ")]
    [TestCase(0.8, "No: with sampled policy ")]
    public void The_gain_over_hard_sharing_has_its_sign_and_none_where_there_is_none(double better, string verdict)
    {
        RunFiles run = Run;
        Rival(run).Test.Metrics = run.Tasks.ToDictionary(static task => task.Name, task => task.Kind.Metrics.Where(info => run.Metrics!.Final.Metrics[task.Name].ContainsKey(info.Name))
            .ToDictionary(static info => info.Name, info => run.Metrics!.Final.Metrics[task.Name][info.Name] * (info.HigherIsBetter ? 1 / better : better)));
        string answer = Answer(run, Beats);
        Assert.That(answer, Does.StartWith(verdict).And.Contain($"of {run.Policy!.Sampled.Length} it is").And.Contain("Both networks were trained for 5 steps. One seed: no proof."));
        Assert.That(answer, better == 1 ? Does.Contain("as good on the mean over tasks (seg 0.0 %, sn 0.0 %, depth 0.0 %)") : Does.Contain($" % {(better > 1 ? "better" : "worse")} on the mean over tasks"));
    }

    [Test]
    public void What_the_run_spent_beside_is_said_with_the_command_for_as_much()
    {
        RunFiles run = Run;
        long all = run.Metrics!.Budget.Where(static phase => phase.Key != HardSharingMethod.MethodName).Sum(static phase => phase.Value.WeightSteps + phase.Value.OtherSteps);
        Assert.That(all, Is.EqualTo(20), "a warm-up and a search of 10 steps, and two policies of 5");
        Assert.That(Answer(run, Beats), Does.EndWith("the run spent 15 more, 20 in all; hard sharing had none of those."));
        double decay = Math.Round(run.Config.Train.DecayLrFreq * 20.0 / 5);
        Assert.That(Commands(run), Is.EqualTo(new[]
        {
            $@"adashare train --config 'runs/it'\''s mine/config.yaml' --set method=hard_sharing --set train.retrain_total_iters=20 --set train.decay_lr_freq={decay} --out 'runs/it'\''s mine-hard-sharing'",
            @"adashare report 'runs/it'\''s mine' 'runs/it'\''s mine-hard-sharing' --out 'runs/it'\''s mine-hard-sharing.html'",
        }));
    }

    [Test]
    public void Networks_that_are_not_hard_sharing_or_had_other_steps_are_not_compared()
    {
        RunFiles without = Run;
        NamedResult likeliest = Rival(without);
        (likeliest.Name, likeliest.Title) = (NamedResult.ArgMaxPolicy, "arg-max policy");
        Assert.That(Answer(without, Beats), Is.EqualTo("Not known: this run trained no hard sharing to compare with."));
        Assert.That(Commands(without)[0], Does.Contain("--set method=hard_sharing --out").And.Not.Contain("total_iters"), "its steps are those of the configuration");

        RunFiles longer = Run;
        Rival(longer).Steps = 9;
        Assert.That(Answer(longer, Beats), Is.EqualTo("Not known: this run's hard sharing was trained for 9 steps, its final network for 5."));
        Assert.That(Commands(longer), Is.EqualTo(Commands(without)));
    }

    [Test]
    public void Hard_sharing_is_not_compared_with_itself()
    {
        Assert.That(Answer(SmallRuns.HardSharing, Beats), Does.StartWith("This run is hard sharing."));
        Assert.That(Commands(SmallRuns.HardSharing), Is.Empty);
    }

    [Test]
    public void Cost_is_told_as_executed_in_parameters_and_multiply_adds()
    {
        RunFiles run = Run;
        run.Metrics!.Cost = run.Metrics.Cost with { BackboneParameters = 1_000_000, UsedBackboneParameters = 400_000, HeadParameters = 100_000, ExecutedBackboneMultiplyAdds = 20_000_000, HeadMultiplyAdds = 10_000_000 };
        run.Metrics.HardSharingCost = run.Metrics.Cost with { UsedBackboneParameters = 1_000_000, ExecutedBackboneMultiplyAdds = 10_000_000 };
        Assert.That(Answer(run, "What does it cost?"), Does.EndWith(
            "30 M multiply-adds, 1.5 times hard sharing's 20 M; 500 K parameters, 0.455 times hard sharing's 1.1 M (no task runs the other 600 K)."));
        Assert.That(Answer(SmallRuns.HardSharing, "What does it cost?"), Does.Contain(" multiply-adds, as many as hard sharing's ").And.Contain(" parameters, as many as hard sharing's "));
    }

    [Test]
    public void The_policy_of_the_figures_is_named()
    {
        RunFiles run = Run;
        PolicyFile learnt = run.Policy!;
        Assert.That(Answer(run, "What did it learn to share?"), Does.EndWith($"That is sampled policy {learnt.Selected + 1} of 2, the best on the validation part. All figures of the final network on this page are of it."));
        var one = new PolicyFile { Tasks = learnt.Tasks, Probability = learnt.Probability, ArgMax = learnt.ArgMax, Sampled = [learnt.Sampled[0]], Selected = 0 };
        Assert.That(PolicyNames.Final(one, run.Config), Is.EqualTo("the sampled policy"));
        var likeliest = new Learning.Configuration.RunConfig();
        likeliest.Options<AdaShareOptions>().PoliciesFrom = AdaShareOptions.ArgMax;
        Assert.That(PolicyNames.Final(one, likeliest), Is.EqualTo(PolicyNames.MostLikely));
        Assert.That(PolicyNames.Final(new PolicyFile { Tasks = learnt.Tasks, ArgMax = learnt.ArgMax, Sampled = learnt.Sampled }, run.Config), Is.EqualTo(PolicyNames.MostLikely));
        var given = new PolicyFile { Tasks = ["a"], Probability = [[1, 0]], ArgMax = [[true, false]], Sampled = [[[true, false]]], Selected = 0 };
        Assert.That(PolicyNames.Final(given, run.Config), Is.EqualTo("the policy that the run was given"));
    }

    [Test]
    public void Gains_are_values_beside_those_of_constant_answers()
    {
        RunFiles run = Run;
        var info = run.Tasks[0].Kind.Metrics[0];
        Assert.That(
            Answer(run, "What did it gain?"),
            Does.Contain($"seg {info.TitleWithArrow} {info.Format(run.Metrics!.Final.Metrics["seg"][info.Name])} instead of {info.Format(run.Metrics.Trivial["seg"][info.Name])}"));
    }

    [Test]
    public void The_name_that_pages_look_for_is_the_methods()
    {
        IMethod method = MethodRegistry.Get(HardSharingMethod.MethodName);
        Assert.That(method.Title, Is.EqualTo("hard sharing"));
    }

    private static XElement[] Items(RunFiles run) => [.. Markup.Read(RunPage.Of(run)).Section("answers").All("li")];

    private static string Answer(RunFiles run, string question)
    {
        string text = Items(run).Single(item => item.All("b").Single().Value == question).Value;
        return text[question.Length..];
    }

    private static string[] Commands(RunFiles run) => [.. Items(run).SelectMany(static item => item.All("pre")).Select(static command => command.Value)];
}
