using AdaShare.Native.Learning.Weightings;

namespace AdaShare.Native.Learning.Tests.Weightings;

/// <summary>The small programs behind weightings, by what makes a solution one.</summary>
public sealed class SmallProgramTests
{
    [TestCase(2, 3)]
    [TestCase(5, 8)]
    [TestCase(10, 12)]
    [TestCase(10, 4)]
    public void Quadratic_programs_meet_their_conditions(int count, int rank)
    {
        var random = new Random(count);
        for (int i = 0; i < 100; i++)
        {
            double[,] q = Products(random, count, rank);
            double[] linear = [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.5)];
            double[] onSimplex = QuadraticProgram.Minimize(q, linear, sumsToOne: true);
            Assert.That(onSimplex, Is.All.GreaterThanOrEqualTo(0));
            Assert.That(onSimplex.Sum(), Is.EqualTo(1).Within(1e-9));
            Stationary(q, linear, onSimplex, SmallVectors.Dot(Slope(q, linear, onSimplex), onSimplex));
        }

        for (int i = 0; i < 100; i++)
        {
            // As a projection asks for: the slope at 0 is a column of the matrix, so that there is a minimum.
            double[,] q = Products(random, count, rank);
            double[] linear = SmallMatrices.Times(q, SmallVectors.Unit(count, i % count));
            double[] positive = QuadraticProgram.Minimize(q, linear, sumsToOne: false);
            Assert.That(positive, Is.All.GreaterThanOrEqualTo(0));
            Stationary(q, linear, positive, 0);
        }
    }

    [TestCase(2)]
    [TestCase(7)]
    public void Eigenvalues_and_vectors_give_the_matrix_back(int count)
    {
        var random = new Random(count);
        double[,] a = Products(random, count, count + 1);
        (double[] values, double[,] vectors) = SmallMatrices.Eigen(a);
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < count; j++)
            {
                Assert.That(Enumerable.Range(0, count).Sum(k => vectors[i, k] * values[k] * vectors[j, k]), Is.EqualTo(a[i, j]).Within(1e-12));
                Assert.That(Enumerable.Range(0, count).Sum(k => vectors[k, i] * vectors[k, j]), Is.EqualTo(i == j ? 1 : 0).Within(1e-12));
            }
        }
    }

    [Test]
    public void Equations_are_solved_whatever_the_order_of_their_rows()
    {
        double[] x = SmallMatrices.Solve(new double[,] { { 0, 2, 1 }, { 1, 0, 0 }, { 0, 0, 4 } }, [7, 5, 12]);
        Assert.That(x, Is.EqualTo(new double[] { 5, 2, 3 }).Within(1e-12));
    }

    [TestCase(1.0)]
    [TestCase(0.1)]
    [TestCase(3.0)]
    public void Balances_are_solved_for_matrices_of_any_size(double power)
    {
        var random = new Random(4);
        foreach (double scale in (double[])[1e-8, 1, 1e8])
        {
            double[,] g = Products(random, 4, 9, scale);
            double[] x = PowerBalance.Solve(g, power);
            Assert.That(SmallMatrices.Times(g, x).Zip(x, (gx, one) => gx * Math.Pow(one, power)), Is.All.EqualTo(1).Within(1e-5));
        }
    }

    private static void Stationary(double[,] q, double[] linear, double[] x, double level)
    {
        double[] slope = Slope(q, linear, x);
        for (int i = 0; i < x.Length; i++)
        {
            Assert.That(slope[i] - level, x[i] > 0 ? Is.EqualTo(0).Within(1e-7) : Is.GreaterThan(-1e-7), $"number {i}");
        }
    }

    private static double[] Slope(double[,] q, double[] linear, double[] x) => [.. SmallMatrices.Times(q, x).Zip(linear, static (a, b) => a + b)];

    private static double[,] Products(Random random, int count, int length, double scale = 1)
    {
        double[][] rows = [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, length).Select(_ => random.NextDouble() - 0.5).ToArray())];
        var products = new double[count, count];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < count; j++)
            {
                products[i, j] = scale * SmallVectors.Dot(rows[i], rows[j]);
            }
        }

        return products;
    }
}
