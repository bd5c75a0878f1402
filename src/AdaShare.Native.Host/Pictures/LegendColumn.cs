using System.Globalization;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Learning.Pictures;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Host.Pictures;

/// <summary>What a picture's colours mean, in a column below it.</summary>
/// <param name="Title">What the picture shows.</param>
/// <param name="Classes">Classes and their colours.</param>
/// <param name="Bar">Colours along a scale from left to right, with what stands at its ends; null for no scale.</param>
/// <param name="Note">Words; empty for none.</param>
internal sealed record LegendColumn(string Title, IReadOnlyList<(string Name, Colour Colour)> Classes, LegendBar? Bar, string Note)
{
    /// <summary>The column of the input.</summary>
    public static LegendColumn Input { get; } = new("input", [], null, "");

    /// <summary>The column of a prediction.</summary>
    /// <param name="task">The task, whose label speaks of pixels.</param>
    /// <param name="prediction">What is painted: of classes those that occur are named.</param>
    /// <param name="painted">Its picture.</param>
    /// <param name="names">The names of classes; numbers stand in where there are none.</param>
    public static LegendColumn Of(TaskSpec task, Plane prediction, TaskPicture painted, IReadOnlyList<string> names)
    {
        string unit = task.Kind.Unit.Length > 0 ? " " + task.Kind.Unit : "";
        string End(double value) => value.ToString("0.00", CultureInfo.InvariantCulture) + unit;
        return task.Label.Kind switch
        {
            LabelKind.Segmentation => new(task.Name, [.. ClassesIn(prediction).Select(c => (c < names.Count ? names[c] : $"class {c}", ClassPalette.Of(c)))], null, ""),
            LabelKind.Depth when painted.Metres is (double near, double far) => new(task.Name, [], new LegendBar(static at => Turbo.Of(1 - at), End(near), End(far)), ""),
            LabelKind.SurfaceNormals => new(task.Name, [], null, "x in red, y in green, z in blue, each from -1 (dark) to 1 (bright)"),
            _ => new(task.Name, [], new LegendBar(static at => Colour.Grey(at), "-1", "1"), ""),
        };
    }

    /// <summary>The column of how far a prediction is off.</summary>
    /// <param name="error">The error.</param>
    /// <param name="most">The error that has the end of the scale.</param>
    public static LegendColumn OfError(TaskError error, double most)
    {
        string unit = error.Unit is "" or "°" ? error.Unit : " " + error.Unit, end = most.ToString("0.##", CultureInfo.InvariantCulture) + unit;
        return new(error.Title, [], new LegendBar(Turbo.Of, "0" + unit, end), error.Most is not null && unit.Length > 0 ? $"the end of the bar is {end} or more" : "");
    }

    /// <summary>The classes of a plane, the most frequent first.</summary>
    private static IEnumerable<int> ClassesIn(Plane plane) =>
        plane.Values.Select(static value => (int)value).Where(static c => c != SegmentationTask.IgnoreLabel).CountBy(static c => c).OrderByDescending(static pair => pair.Value).ThenBy(static pair => pair.Key).Select(static pair => pair.Key);
}

/// <summary>Colours along a scale.</summary>
/// <param name="Colour">The colour at 0 (left) to 1 (right).</param>
/// <param name="Low">What stands at the left end.</param>
/// <param name="High">What stands at the right end.</param>
internal sealed record LegendBar(Func<double, Colour> Colour, string Low, string High);
