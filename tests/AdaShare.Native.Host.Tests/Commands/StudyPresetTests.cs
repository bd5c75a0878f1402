using AdaShare.Native.Host.Studies;
using AdaShare.Native.Methods;
using AdaShare.Native.Studies.Specification;

namespace AdaShare.Native.Host.Tests.Commands;

/// <summary>The studies that come with the program.</summary>
[TestFixture]
internal sealed class StudyPresetTests
{
    public static IReadOnlyList<string> Names => StudyPresets.Names;

    [TestCaseSource(nameof(Names))]
    public void Every_cell_of_a_preset_has_a_valid_configuration(string name)
    {
        StudySpec spec = StudySpecReader.ReadText(StudyPresets.Text(name), $"preset {name}");
        Assert.That(spec.Name, Is.EqualTo(name));
        var plan = StudyPlan.Of(spec, MethodRegistry.Names);
        Assert.That(() => new StudyCells(spec, Path.Combine(Path.GetTempPath(), $"adashare-{Guid.NewGuid():N}"), null).Check(plan.Everything()), Throws.Nothing);
    }
}
