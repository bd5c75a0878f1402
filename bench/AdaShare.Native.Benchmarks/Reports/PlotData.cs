using AdaShare.Native.Benchmarking.Results;

namespace AdaShare.Native.Benchmarks.Reports;

/// <summary>A group of rows at one run.</summary>
/// <param name="Run">The run.</param>
/// <param name="Place">Which place from the left, from 0.</param>
/// <param name="Median">The middle of the rows' figures.</param>
/// <param name="Least">The least: of the rows, or of the samples where there is one row.</param>
/// <param name="Most">The most.</param>
internal readonly record struct PlotPoint(BenchmarkRun Run, int Place, double Median, double Least, double Most);

/// <summary>A group over the runs of one configuration.</summary>
/// <param name="Configuration">Which configuration of the plot, from 0.</param>
/// <param name="Points">Its runs.</param>
internal sealed record PlotSeries(int Configuration, IReadOnlyList<PlotPoint> Points);

/// <summary>One chart of a plot: a group of rows over all runs.</summary>
/// <param name="Title">The group.</param>
/// <param name="Unit">The unit.</param>
/// <param name="HigherIsBetter">Whether more is better.</param>
/// <param name="Series">A series for each configuration that has the group.</param>
internal sealed record PlotChart(string Title, string Unit, bool HigherIsBetter, IReadOnlyList<PlotSeries> Series);

/// <summary>What the plot of a benchmark shows.</summary>
/// <param name="Benchmark">The benchmark.</param>
/// <param name="Places">The runs from left to right, the first one of each place: runs of one commit that follow one another share a place, one of each configuration.</param>
/// <param name="Configurations">The configurations in words.</param>
/// <param name="Charts">The charts.</param>
/// <param name="Left">How many charts there would be beyond these.</param>
internal sealed record PlotData(string Benchmark, IReadOnlyList<BenchmarkRun> Places, IReadOnlyList<string> Configurations, IReadOnlyList<PlotChart> Charts, int Left)
{
    private const int MostRows = 12;
    private const int MostCharts = 20;

    /// <summary>The plot of a benchmark's configurations.</summary>
    public static PlotData Of(IReadOnlyList<ConfigurationHistory> configurations)
    {
        List<List<BenchmarkRun>> places = PlacesOf(configurations);
        var charts = new List<PlotChart>();
        var known = new Dictionary<(string, string), int>();
        for (int c = 0; c < configurations.Count; c++)
        {
            foreach (RowGroup group in RowGroup.Of(configurations[c].Rows, MostRows))
            {
                Headline headline = Headline.Of(group.Rows[0].Newest.Row);
                var series = new PlotSeries(c, Points(group, places));
                if (known.TryGetValue((group.Name, headline.Unit), out int place))
                {
                    charts[place] = charts[place] with { Series = [.. charts[place].Series, series] };
                }
                else
                {
                    known[(group.Name, headline.Unit)] = charts.Count;
                    charts.Add(new PlotChart(group.Name, headline.Unit, headline.HigherIsBetter, [series]));
                }
            }
        }

        return new PlotData(
            configurations[0].Configuration.Benchmark,
            [.. places.Select(static place => place[0])],
            [.. configurations.Select(static history => history.Configuration.Description)],
            [.. charts.Take(MostCharts)],
            Math.Max(0, charts.Count - MostCharts));
    }

    private static List<List<BenchmarkRun>> PlacesOf(IReadOnlyList<ConfigurationHistory> configurations)
    {
        var places = new List<List<BenchmarkRun>>();
        foreach (BenchmarkRun run in configurations.SelectMany(static history => history.Runs).OrderBy(static run => run.Date))
        {
            bool fits = places.Count > 0 && places[^1][0].Commit == run.Commit && !places[^1].Exists(other => Configuration.Of(other) == Configuration.Of(run));
            if (fits)
            {
                places[^1].Add(run);
            }
            else
            {
                places.Add([run]);
            }
        }

        return places;
    }

    private static List<PlotPoint> Points(RowGroup group, List<List<BenchmarkRun>> places)
    {
        var points = new List<PlotPoint>();
        foreach (IGrouping<BenchmarkRun, BenchmarkRow> of in group.Rows.SelectMany(static row => row.Points).GroupBy(static point => point.Run, static point => point.Row))
        {
            BenchmarkRow[] rows = [.. of];
            Spread figures = Spread.Of(rows.Select(static row => Headline.Of(row).Value));
            bool ofSamples = rows.Length == 1 && figures.Median == rows[0].Value.Median;
            points.Add(new PlotPoint(
                of.Key, places.FindIndex(place => place.Contains(of.Key)), figures.Median, ofSamples ? rows[0].Value.Min : figures.Min,
                ofSamples ? rows[0].Value.Max : figures.Max));
        }

        return [.. points.OrderBy(static point => point.Place)];
    }
}
