using AdaShare.Native.Benchmarks.Weightings;
using AdaShare.Native.Learning.Weightings;

namespace AdaShare.Native.Benchmarks.Tests;

/// <summary>Where weightings lead on two quadratics, as the picture in the documentation shows.</summary>
public sealed class WeightingToyTests
{
    private static string[] Names { get; } = [.. WeightingRegistry.Names];

    [Test]
    public void The_Pareto_set_joins_the_minima()
    {
        Assert.That(ConvexToy.ParetoSet[0], Is.EqualTo(ConvexToy.Minimum(0)).Using<(double X, double Y)>(Near));
        Assert.That(ConvexToy.ParetoSet[^1], Is.EqualTo(ConvexToy.Minimum(1)).Using<(double X, double Y)>(Near));
    }

    [TestCaseSource(nameof(Names))]
    public void Every_path_ends_at_the_Pareto_set(string name)
    {
        foreach ((double X, double Y) start in ConvexToy.Starts)
        {
            Assert.That(ConvexToy.Distance(ConvexToy.Descend(name, start)[^1]), Is.LessThan(0.1), $"from {start}");
        }
    }

    /// <summary>Nash's bargain is at one place, wherever the path comes from; the element of least norm stops where it meets the set.</summary>
    [Test]
    public void MGDA_stops_where_it_arrives_and_static_weights_have_one_end()
    {
        Assert.That(Spread("static"), Is.LessThan(0.01));
        Assert.That(Spread("mgda"), Is.GreaterThan(0.3));
    }

    [Test]
    public void The_picture_has_a_chart_for_each_weighting()
    {
        string svg = ToyPlot.Draw(["static", "mgda"]);
        Assert.That(System.Xml.Linq.XDocument.Parse(svg).Root!.Elements().Count(static element => element.Name.LocalName == "g"), Is.EqualTo(2));
    }

    private static double Spread(string name)
    {
        (double X, double Y)[] ends = [.. ConvexToy.Starts.Select(start => ConvexToy.Descend(name, start)[^1])];
        return ends.Max(static end => end.X) - ends.Min(static end => end.X);
    }

    private static bool Near((double X, double Y) a, (double X, double Y) b) => Math.Abs(a.X - b.X) + Math.Abs(a.Y - b.Y) < 1e-9;
}
