using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Weightings;

namespace AdaShare.Native.Learning.Tests.Weightings;

/// <summary>
/// Weightings that are functions of inner products, on three tasks with the gradients (3, 0, 1), (-1, 2, 0) and (-2, -1, 1), of which the first conflicts with both others. Expected weights are worked out by hand where
/// that is short, and otherwise by NumPy in another way than the one under test, which each test names.
/// </summary>
public sealed class GramWeightingTests
{
    private static readonly double[][] Toy = [[3, 0, 1], [-1, 2, 0], [-2, -1, 1]];

    private static string[] Names { get; } = [.. WeightingRegistry.All.Where(static kind => kind.Needs == WeightingNeeds.SharedWeights).Select(static kind => kind.Name)];

    [Test]
    public void PCGrad_takes_conflicts_away_one_after_another()
    {
        // In the order 1, 2, 3: g1 + 3/5 g2 + 5/6 g3; g2 + 3/10 g1 + (3/10 5)/6 g3; g3 + 5/10 g1 + (5/10 3)/5 g2.
        double[] found = PcGradWeighting.Weights(Gram(Toy), static _ => [0, 1, 2]);
        Assert.That(found, Is.EqualTo(new[] { 1 + 0.3 + 0.5, 0.6 + 1 + 0.3, (5.0 / 6) + 0.25 + 1 }).Within(1e-12));
    }

    [Test]
    public void PCGrad_takes_them_in_a_random_order_that_only_the_step_decides()
    {
        double[] At(long step) => Weigh("pcgrad", Gram(Toy), step: step);
        double[] first = At(3), again = At(3);
        Assert.That(again, Is.EqualTo(first));
        Assert.That(Enumerable.Range(0, 20).Select(step => string.Join(' ', At(step))).Distinct().Count(), Is.GreaterThan(2));
    }

    [Test]
    public void PCGrad_leaves_two_tasks_without_conflict()
    {
        double[][] gradients = [[1, 0], [-3, 1]];
        double[] combined = Combined(gradients, Weigh("pcgrad", Gram(gradients)));
        Assert.That(Array.ConvertAll(gradients, g => Dot(g, combined)), Is.All.GreaterThan(0));
    }

    [Test]
    public void PCGrad_of_gradients_without_conflict_is_their_sum() => Assert.That(Weigh("pcgrad", Gram([[1, 0], [1, 1]])), Is.EqualTo(new double[] { 1, 1 }));

    [Test]
    public void MGDA_is_the_convex_combination_of_least_norm()
    {
        // Inside of the simplex w is in proportion to G^-1 1, which is (73, 68, 81) / 121.
        double[] found = Weigh("mgda", Gram(Toy));
        Assert.That(found, Is.EqualTo(new[] { 73.0 / 222, 68.0 / 222, 81.0 / 222 }).Within(1e-10));
        double least = Norm(Combined(Toy, found));
        var random = new Random(1);
        for (int i = 0; i < 1000; i++)
        {
            double[] other = [.. Enumerable.Range(0, 3).Select(_ => -Math.Log(random.NextDouble()))];
            Assert.That(Norm(Combined(Toy, [.. other.Select(w => w / other.Sum())])), Is.GreaterThanOrEqualTo(least - 1e-12));
        }
    }

    [Test]
    public void MGDA_of_two_tasks_is_the_nearer_of_foot_and_ends()
    {
        Assert.That(Weigh("mgda", Gram([[2, 0], [0, 1]])), Is.EqualTo(new[] { 0.2, 0.8 }).Within(1e-10), "the foot of the perpendicular: w1 4 = w2 1");
        Assert.That(Weigh("mgda", Gram([[1, 0], [3, 1]])), Is.EqualTo(new double[] { 1, 0 }).Within(1e-10), "the foot lies beyond the shorter one");
        Assert.That(Weigh("mgda", Gram([[1, 0], [1, 0]])).Sum(), Is.EqualTo(1).Within(1e-10), "equal gradients");
    }

    [Test]
    public void CAGrad_is_the_best_worst_task_near_the_mean()
    {
        // By NumPy: a grid over the simplex, polished by smaller and smaller moves along its edges.
        double[] found = Weigh("cagrad", Gram(Toy));
        Assert.That(found, Is.EqualTo(new[] { 0.3907332869834124, 0.36397073050659856, 0.4335533727179258 }).Within(1e-6));

        // Before it is divided by 1 + c^2 the direction lies on the sphere, and no other point of it serves the worst task better.
        double[] direction = [.. Combined(Toy, found).Select(static x => 1.25 * x)], mean = Combined(Toy, [1.0 / 3, 1.0 / 3, 1.0 / 3]);
        double radius = 0.5 * Norm(mean), worst = Toy.Min(g => Dot(g, direction));
        Assert.That(Norm([.. direction.Zip(mean, static (a, b) => a - b)]), Is.EqualTo(radius).Within(1e-9));
        var random = new Random(2);
        for (int i = 0; i < 1000; i++)
        {
            double[] away = [.. Enumerable.Range(0, 3).Select(_ => random.NextDouble() - 0.5)];
            double[] other = [.. mean.Zip(away, (m, a) => m + (radius * a / Norm(away)))];
            Assert.That(Toy.Min(g => Dot(g, other)), Is.LessThanOrEqualTo(worst + 1e-9));
        }
    }

    [Test]
    public void CAGrad_with_c_of_0_is_the_mean() => Assert.That(Weigh("cagrad", Gram(Toy), config => config.Options<CaGradOptions>().C = 0), Is.EqualTo(new[] { 1.0 / 3, 1.0 / 3, 1.0 / 3 }).Within(1e-12));

    [Test]
    public void IMTL_G_projects_equally_onto_all_unit_gradients()
    {
        // By NumPy, from the closed form of the paper: alpha = g1 U^T (D U^T)^-1 with differences of gradients D and of unit gradients U.
        double[] found = Weigh("imtl_g", Gram(Toy));
        Assert.That(found, Is.EqualTo(new[] { 0.3377812541953531, 0.2957569018928099, 0.366461843911837 }).Within(1e-8));
        double[] combined = Combined(Toy, found);
        double[] projections = Array.ConvertAll(Toy, g => Dot(g, combined) / Norm(g));
        Assert.That(projections, Is.All.EqualTo(projections[0]).Within(1e-8));
        Assert.That(found.Sum(), Is.EqualTo(1).Within(1e-12));
    }

    [Test]
    public void Nash_solves_its_equation()
    {
        // By NumPy: a fixed point of damped steps of log x; times the root of the Frobenius norm, 14.5258.
        double[] found = Weigh("nash", Gram(Toy), config => config.Options<NashOptions>().MaxNorm = 0);
        Assert.That(found, Is.EqualTo(new[] { 2.9965148508372716, 2.8571853667374274, 3.2686953912280314 }).Within(1e-5));
        double[] combined = Combined(Toy, found);
        double[] gains = [.. found.Zip(Toy, (alpha, g) => alpha * Dot(g, combined))];
        Assert.That(gains, Is.All.EqualTo(gains[0]).Within(1e-5), "alpha_i g_i · d is the same for all");
    }

    [Test]
    public void Nash_holds_the_norm_that_is_asked_for()
    {
        Assert.That(Weigh("nash", Gram(Toy)), Is.EqualTo(new[] { 0.444730522234941, 0.424051808024953, 0.4851264488015484 }).Within(1e-6));
        Assert.That(Norm(Combined(Toy, Weigh("nash", Gram(Toy)))), Is.EqualTo(1).Within(1e-9));
    }

    [Test]
    public void FairGrad_solves_its_equation()
    {
        // By NumPy, as for Nash, with the exponent 1/2.
        double[] found = Weigh("fairgrad", Gram(Toy), config => config.Options<FairGradOptions>().Alpha = 2);
        Assert.That(found, Is.EqualTo(new[] { 0.7098810580403896, 0.6702262745312444, 0.7802501357973396 }).Within(1e-5));
        double[] combined = Combined(Toy, found);
        Assert.That(found.Zip(Toy, (w, g) => Dot(g, combined) * Math.Sqrt(w)), Is.All.EqualTo(1).Within(1e-5));
    }

    [Test]
    public void FairGrad_with_alpha_of_1_is_the_bargain_of_Nash()
    {
        double[] fair = Weigh("fairgrad", Gram(Toy)), nash = Weigh("nash", Gram(Toy));
        Assert.That(fair.Select(w => w / fair[0]), Is.EqualTo(nash.Select(w => w / nash[0])).Within(1e-9));
    }

    [Test]
    public void Aligned_gradients_are_orthogonal_and_of_one_length()
    {
        // By NumPy, from the singular values of the Jacobian: least sigma U V^T, whose rows are added up.
        double[] found = Weigh("aligned_mtl", Gram(Toy));
        Assert.That(found, Is.EqualTo(new[] { 0.9834947574426631, 0.9444862452975672, 1.0576201799570228 }).Within(1e-10));

        // Three orthogonal vectors of length s add up to one of length s root 3, where s^2 is the least eigenvalue of G.
        (double[] values, _) = SmallMatrices.Eigen(Gram(Toy));
        Assert.That(Norm(Combined(Toy, found)), Is.EqualTo(Math.Sqrt(3 * values.Min())).Within(1e-10));
    }

    [Test]
    public void Aligned_leaves_gradients_alone_that_are_so_already() => Assert.That(Weigh("aligned_mtl", Gram([[2, 0], [0, 2]])), Is.EqualTo(new double[] { 1, 1 }).Within(1e-12));

    [Test]
    public void UPGrad_conflicts_with_no_gradient()
    {
        // The projections are g1 + 3/5 g2 + 5/6 g3, 18/35 g1 + g2 + 15/35 g3 and 25/41 g1 + 15/41 g2 + g3: each has inner product 0 with the gradients that it takes in.
        double[] found = Weigh("upgrad", Gram(Toy));
        Assert.That(found, Is.EqualTo(new[] { (1 + (18.0 / 35) + (25.0 / 41)) / 3, (0.6 + 1 + (15.0 / 41)) / 3, ((5.0 / 6) + (15.0 / 35) + 1) / 3 }).Within(1e-9));
        var random = new Random(3);
        for (int i = 0; i < 300; i++)
        {
            double[][] gradients = [.. Enumerable.Range(0, 4).Select(_ => Enumerable.Range(0, 5).Select(_ => random.NextDouble() - 0.5).ToArray())];
            double[] combined = Combined(gradients, Weigh("upgrad", Gram(gradients)));
            Assert.That(Array.ConvertAll(gradients, g => Dot(g, combined)), Is.All.GreaterThanOrEqualTo(-1e-9));
        }
    }

    /// <summary>Where a weighting claims that the scale of a loss does not matter, its direction stays when gradients grow by factors of their own.</summary>
    [TestCase("imtl_g")]
    [TestCase("nash")]
    [TestCase("fairgrad")]
    public void The_scale_of_losses_does_not_change_the_direction(string name)
    {
        double[][] scaled = [Times(Toy[0], 10), Times(Toy[1], 0.3), Times(Toy[2], 4)];
        double[] before = Combined(Toy, Weigh(name, Gram(Toy))), after = Combined(scaled, Weigh(name, Gram(scaled)));
        Assert.That(Dot(before, after) / (Norm(before) * Norm(after)), Is.EqualTo(1).Within(1e-8));
    }

    [TestCaseSource(nameof(Names))]
    public void A_task_without_a_gradient_is_left_out(string name)
    {
        double[] found = Weigh(name, Gram([Toy[0], [0, 0, 0], Toy[2]]), step: 5);
        double[] alone = Weigh(name, Gram([Toy[0], Toy[2]]), step: 5);
        Assert.That(found, Is.EqualTo(new[] { alone[0], 0, alone[1] }).Within(1e-12));
    }

    [TestCaseSource(nameof(Names))]
    public void One_task_alone_keeps_its_direction(string name) => Assert.That(Weigh(name, Gram([[3, 4]])), Has.Exactly(1).GreaterThan(0));

    [TestCaseSource(nameof(Names))]
    public void Gradients_that_cancel_or_agree_have_finite_weights(string name)
    {
        foreach (double[][] gradients in (double[][][])[[[1, 0], [-1, 0]], [[1, 0], [1, 0]], [[1, 0], [-2, 0]], [[0, 0], [0, 0]], [[1e-18, 0], [0, 1e18]], [[1, 2], [3, 1], [-4, -3]]])
        {
            Assert.That(Weigh(name, Gram(gradients)), Is.All.Matches<double>(double.IsFinite), string.Join(" ", gradients.Select(static g => $"({string.Join(", ", g)})")));
        }
    }

    [TestCaseSource(nameof(Names))]
    public void Gradients_that_are_no_numbers_leave_the_losses_as_they_are(string name) =>
        Assert.That(Weigh(name, new[,] { { 1, double.NaN }, { double.NaN, double.PositiveInfinity } }), Is.EqualTo(new double[] { 1, 1 }));

    internal static double[] Weigh(string name, double[,] gram, Action<WeightingConfig>? change = null, long step = 0)
    {
        var config = new RunConfig();
        config.Weighting.Method = name;
        change?.Invoke(config.Weighting);
        Weighting weighting = WeightingRegistry.Create(config, new WeightingSetting(gram.GetLength(0), Seed: 1, StepsPerEpoch: 1))!;
        return weighting.Weigh(new WeightingView(step, [], gram));
    }

    private static double[,] Gram(double[][] gradients)
    {
        var gram = new double[gradients.Length, gradients.Length];
        for (int i = 0; i < gradients.Length; i++)
        {
            for (int j = 0; j < gradients.Length; j++)
            {
                gram[i, j] = Dot(gradients[i], gradients[j]);
            }
        }

        return gram;
    }

    private static double[] Combined(double[][] gradients, double[] weights) =>
        [.. Enumerable.Range(0, gradients[0].Length).Select(i => gradients.Zip(weights, (g, w) => w * g[i]).Sum())];

    private static double Dot(double[] a, double[] b) => a.Zip(b, static (x, y) => x * y).Sum();

    private static double Norm(double[] a) => Math.Sqrt(Dot(a, a));

    private static double[] Times(double[] a, double factor) => Array.ConvertAll(a, x => factor * x);
}
