using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Weightings;

namespace AdaShare.Native.Learning.Tests.Weightings;

/// <summary>Weightings that are functions of losses, on three tasks, against numbers worked out by hand. The first step of Adam has the length of its rate, whatever the gradient.</summary>
public sealed class LossWeightingTests
{
    // What Adam's epsilon and rounding take from its first step.
    private const double Step = 1e-6;

    private static readonly double[] Losses = [1, 2, 4];

    private static string[] Names { get; } = [.. WeightingRegistry.All.Where(static kind => kind.Needs != WeightingNeeds.SharedWeights && kind.Name != "static").Select(static kind => kind.Name)];

    [Test]
    public void Static_is_no_weighting() => Assert.That(WeightingRegistry.Create(new RunConfig(), new WeightingSetting(3, 1, 1)), Is.Null);

    [Test]
    public void Uncertainty_moves_log_variances_along_their_gradient()
    {
        Weighting weighting = Create("uncertainty", static section => section.Options<UncertaintyOptions>().Lr = 0.1);
        Assert.That(Weigh(weighting), Is.All.EqualTo(Math.Exp(0.5) / 2).Within(1e-15));

        // The gradient is 1/2 - L e^-s / 2: below 0 for L = 1, 2, 4 at s = -1/2, above 0 for 0.5.
        weighting.Learn(new WeightingView(0, [1, 2, 0.5]), null);
        Assert.That(Weigh(weighting), Is.EqualTo(new[] { Math.Exp(0.4) / 2, Math.Exp(0.4) / 2, Math.Exp(0.6) / 2 }).Within(Step));
    }

    [Test]
    public void Uncertainty_ends_where_the_variance_is_the_loss()
    {
        Weighting weighting = Create("uncertainty", static section => section.Options<UncertaintyOptions>().Lr = 0.02);
        Repeat(weighting, 2000);
        Assert.That(Weigh(weighting), Is.EqualTo(Losses.Select(static loss => 0.5 / loss)).Within(1e-3), "e^s = L");
    }

    [Test]
    public void IMTL_L_ends_where_weighted_losses_are_1()
    {
        Weighting weighting = Create("imtl_l", static section => section.Options<ImtlLossOptions>().Lr = 0.02);
        Assert.That(Weigh(weighting), Is.All.EqualTo(1));
        weighting.Learn(new WeightingView(0, [1.5, 2, 0.5]), null);
        Assert.That(Weigh(weighting), Is.EqualTo(new[] { Math.Exp(-0.02), Math.Exp(-0.02), Math.Exp(0.02) }).Within(Step), "along e^s L - 1");
        Repeat(weighting, 2000);
        Assert.That(Weigh(weighting).Zip(Losses, static (w, loss) => w * loss), Is.All.EqualTo(1).Within(1e-3));
    }

    [Test]
    public void DWA_compares_the_means_of_two_periods()
    {
        Weighting weighting = Create("dwa", static section => section.Options<DwaOptions>().Period = 2);
        double[][] steps = [[4, 2, 1], [2, 2, 1], [1, 1, 1], [2, 1, 1]];
        for (int i = 0; i < steps.Length; i++)
        {
            Assert.That(weighting.Weigh(new WeightingView(i, [])), Is.All.EqualTo(1), "two periods without a word");
            weighting.Learn(new WeightingView(i, steps[i]), null);
        }

        // Means 3, 2, 1 and then 1.5, 1, 1: ratios 1/2, 1/2, 1, halved by the temperature.
        double sum = (2 * Math.Exp(0.25)) + Math.Exp(0.5);
        Assert.That(weighting.Weigh(new WeightingView(4, [])), Is.EqualTo(new[] { 3 * Math.Exp(0.25) / sum, 3 * Math.Exp(0.25) / sum, 3 * Math.Exp(0.5) / sum }).Within(1e-12));
    }

    [Test]
    public void DWA_takes_an_epoch_unless_told_otherwise()
    {
        Weighting weighting = Create("dwa", stepsPerEpoch: 3);
        for (int i = 0; i < 6; i++)
        {
            Assert.That(weighting.Weigh(new WeightingView(i, [])), Is.All.EqualTo(1));
            weighting.Learn(new WeightingView(i, [i < 3 ? 2 : 1, 1, 1]), null);
        }

        Assert.That(weighting.Weigh(new WeightingView(6, []))[0], Is.LessThan(1));
    }

    [Test]
    public void Random_weights_are_a_softmax_of_the_steps_own_numbers()
    {
        Weighting weighting = Create("random");
        double[] At(long step) => weighting.Weigh(new WeightingView(step, []));
        var stream = RandomStream.For(1, "weighting/random", 7);
        double[] powers = [.. Enumerable.Range(0, 3).Select(i => Math.Exp(stream.Normal((ulong)i)))];
        Assert.That(At(7), Is.EqualTo(powers.Select(p => p / powers.Sum())).Within(1e-12));
        Assert.That(At(8), Is.Not.EqualTo(At(7)));
    }

    [Test]
    public void The_geometric_mean_has_its_own_gradient()
    {
        // The root of 1 2 4 is 2: weights 2 / (3 L).
        Assert.That(Weigh(Create("geometric_mean")), Is.EqualTo(new[] { 2.0 / 3, 1.0 / 3, 1.0 / 6 }).Within(1e-12));
        Assert.That(Weigh(Create("geometric_mean"), [1, 0, 4]), Is.EqualTo(new[] { 1, 0, 0.25 }).Within(1e-12), "without a task that has no labels: root 2, weights 2 / (2 L)");
    }

    [TestCase(1.0, new[] { 3.0 / 7, 3.0 / 7, 3.0 / 7 })]
    [TestCase(0.5, new[] { 1.0 / 7, 2.0 / 7, 4.0 / 7 })]
    public void STCH_is_a_soft_maximum_in_units_of_the_nadir(double mu, double[] expected)
    {
        Weighting weighting = Create("stch", section => (section.Options<StchOptions>().Mu, section.Options<StchOptions>().WarmUp, section.Options<StchOptions>().NadirSteps) = (mu, 1, 2));
        double[][] steps = [[9, 9, 9], [1, 3, 2], [3, 1, 2]];
        for (int i = 0; i < steps.Length; i++)
        {
            Assert.That(weighting.Weigh(new WeightingView(i, Losses)), Is.EqualTo(new[] { 1, 0.5, 0.25 }).Within(1e-15), "sum of log L until then");
            weighting.Learn(new WeightingView(i, steps[i]), null);
        }

        // The nadir is 2, 2, 2: L / z = 1/2, 1, 2, to the power 1 / mu, as shares; times K / L.
        Assert.That(weighting.Weigh(new WeightingView(3, Losses)), Is.EqualTo(expected).Within(1e-12));
        weighting.Learn(new WeightingView(3, [5, 5, 5]), null);
        Assert.That(weighting.Weigh(new WeightingView(4, Losses)), Is.EqualTo(expected).Within(1e-12), "the nadir stays");
    }

    [Test]
    public void FAMO_moves_its_logits_against_those_who_gained()
    {
        // Shares 1/3: 1 / c = (1 + 1/2 + 1/4) / 3, weights c / (3 L).
        Weighting weighting = Create("famo");
        Assert.That(Weigh(weighting), Is.EqualTo(new[] { 4.0 / 7, 2.0 / 7, 1.0 / 7 }).Within(1e-7));

        // The first task's log loss falls by ln 2, the others' by nothing: its logit falls by the rate, theirs rise.
        weighting.Learn(new WeightingView(0, Losses), [0.5, 2, 4]);
        double low = Math.Exp(-0.025), high = Math.Exp(0.025), sum = low + (high / 2) + (high / 4);
        Assert.That(Weigh(weighting), Is.EqualTo(new[] { low / sum, high / 2 / sum, high / 4 / sum }).Within(1e-6));
    }

    [Test]
    public void FAMO_gives_each_log_loss_the_same_weight_at_first() => Assert.That(Weigh(Create("famo")).Zip(Losses, static (w, loss) => w * loss), Is.All.EqualTo(4.0 / 7).Within(1e-7));

    [Test]
    public void GradNorm_pulls_norms_together()
    {
        // Norms 3, 1, 2 with the mean 2: the first is too large, the second too small, the third right; then the sum is brought to 3.
        Weighting weighting = Create("gradnorm", static section => section.Options<GradNormOptions>().Lr = 0.1);
        Assert.That(Weigh(weighting), Is.All.EqualTo(1));
        weighting.Learn(new WeightingView(0, Losses, Squares(3, 1, 2)), null);
        Assert.That(Weigh(weighting), Is.EqualTo(new[] { 0.9, 1.1, 1 }).Within(Step));

        // The second task's loss has not fallen, the others' by half: rates 1/2, 1, 1/2 by their mean 2/3 are 3/4, 3/2, 3/4, to the power 1.5.
        Weighting lagging = Create("gradnorm", static section => section.Options<GradNormOptions>().Lr = 0.1);
        lagging.Load(new Dictionary<string, double[]>(lagging.Save()) { ["first"] = [2, 2, 8] });
        lagging.Learn(new WeightingView(1, Losses, Squares(1, 1, 1)), null);
        Assert.That(Weigh(lagging), Is.EqualTo(new[] { 0.9, 1.1, 0.9 }.Select(static w => 3 * w / 2.9)).Within(Step));
    }

    [Test]
    public void GradNorm_with_alpha_of_0_ends_at_equal_norms()
    {
        Weighting weighting = Create("gradnorm", static section => (section.Options<GradNormOptions>().Alpha, section.Options<GradNormOptions>().Lr) = (0, 0.002));
        for (int i = 0; i < 4000; i++)
        {
            weighting.Learn(new WeightingView(i, Losses, Squares(3, 1, 2)), null);
        }

        // w in proportion to 1/3, 1, 1/2.
        Assert.That(Weigh(weighting), Is.EqualTo(new[] { 6.0 / 11, 18.0 / 11, 9.0 / 11 }).Within(0.02));
    }

    [TestCaseSource(nameof(Names))]
    public void A_task_without_labels_leaves_the_others_with_numbers(string name)
    {
        Weighting weighting = Create(name, stepsPerEpoch: 1);
        for (int i = 0; i < 12; i++)
        {
            var view = new WeightingView(i, [0, i % 2, 3], Squares(0, i % 2, 1));
            Assert.That(weighting.Weigh(view), Is.All.Matches<double>(static w => double.IsFinite(w) && w >= 0));
            weighting.Learn(view, weighting.LearnsFromUpdate ? [0, i % 2, 2.9] : null);
        }
    }

    [TestCaseSource(nameof(Names))]
    public void What_is_saved_is_all_that_was_learnt(string name)
    {
        Weighting whole = Create(name, stepsPerEpoch: 2), stopped = Create(name, stepsPerEpoch: 2);
        for (int i = 0; i < 15; i++)
        {
            var view = new WeightingView(i, [1 + (i % 3), 2.0 / (i + 1), 3], Squares(1, 2 + i, 3));
            Assert.That(stopped.Weigh(view), Is.EqualTo(whole.Weigh(view)));
            double[]? after = whole.LearnsFromUpdate ? [1 + (i % 2), 2.0 / (i + 2), 2.5] : null;
            whole.Learn(view, after);
            stopped.Learn(view, after);
            Weighting next = Create(name, stepsPerEpoch: 2);
            next.Load(stopped.Save());
            stopped = next;
        }
    }

    [TestCaseSource(nameof(Names))]
    public void A_damaged_state_is_refused(string name)
    {
        foreach (string lost in Create(name).Save().Keys)
        {
            Dictionary<string, double[]> missing = Create(name).Save(), shorter = Create(name).Save();
            missing.Remove(lost);
            shorter[lost] = [];
            foreach (Dictionary<string, double[]> state in (Dictionary<string, double[]>[])[missing, shorter])
            {
                Assert.That(() => WeightingRun.Begin(Config(name), new WeightingSetting(3, 1, 1), new WeightingState { Learnt = state }), Throws.TypeOf<CheckpointException>().With.Message.Contains(lost));
            }
        }
    }

    private static double[,] Squares(params double[] norms)
    {
        var gram = new double[norms.Length, norms.Length];
        for (int t = 0; t < norms.Length; t++)
        {
            gram[t, t] = norms[t] * norms[t];
        }

        return gram;
    }

    private static RunConfig Config(string name, Action<WeightingConfig>? change = null)
    {
        var config = new RunConfig();
        config.Weighting.Method = name;
        change?.Invoke(config.Weighting);
        return config;
    }

    private static Weighting Create(string name, Action<WeightingConfig>? change = null, long stepsPerEpoch = 1) =>
        WeightingRegistry.Create(Config(name, change), new WeightingSetting(3, Seed: 1, stepsPerEpoch))!;

    private static double[] Weigh(Weighting weighting, double[]? losses = null) => weighting.Weigh(new WeightingView(0, losses ?? Losses));

    private static void Repeat(Weighting weighting, int times)
    {
        for (int i = 0; i < times; i++)
        {
            weighting.Learn(new WeightingView(i, Losses), null);
        }
    }
}
