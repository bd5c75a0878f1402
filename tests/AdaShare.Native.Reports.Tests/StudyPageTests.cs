using System.Xml.Linq;
using AdaShare.Native.Reports.StudyPages;
using AdaShare.Native.Studies.Analysis;
using AdaShare.Native.Studies.Tables;
using AdaShare.Native.Tests;

namespace AdaShare.Native.Reports.Tests;

/// <summary>The page of the study of scenes that the repository holds.</summary>
public sealed class StudyPageTests
{
    private static readonly Study Scenes = StudyFile.Read(Path.Combine(Path.GetDirectoryName(TestData.File("README.md"))!, "..", "..", "bench", "studies", "scenes", "study.json"));

    [Test]
    public void The_table_is_that_of_the_study()
    {
        string[][] table = Markup.Read(StudyPage.Of(Scenes)).Section("results").Table("Summary");
        StudyTable expected = StudyTables.Summary(Scenes);
        Assert.That(table[0], Is.EqualTo(expected.Columns.Select(static column => column.Title)));
        Assert.That(table[1..], Is.EqualTo(expected.Rows));
    }

    [Test]
    public void Every_method_is_a_point_with_a_dot_for_each_seed()
    {
        XElement[] charts = [.. Markup.Read(StudyPage.Of(Scenes)).Section("gain").All("svg")];
        Assert.That(charts, Has.Length.EqualTo(2));
        foreach (XElement chart in charts)
        {
            Assert.That(chart.All("title").Select(static title => title.Value.Split(':')[0]), Is.EqualTo(Scenes.Methods.Select(static method => method.Label)));
            Assert.That(chart.All("circle").Count(), Is.EqualTo(Scenes.Methods.Count + Scenes.Methods.Sum(static method => method.Delta.Cells.Count)));
        }
    }
}
