using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Learning.Tests.Tasks;

/// <summary>Depth has the unit of its data set.</summary>
public sealed class DepthUnitTests
{
    [TestCase("Scenes", "m", "0.2500 m")]
    [TestCase("NYU_v2", "m", "0.2500 m")]
    [TestCase("NYU_v2_MTAN", "m", "0.2500 m")]
    [TestCase("CityScapes", "", "0.2500")]
    [TestCase("CityScapes_MTAN", "", "0.2500")]
    [TestCase("CityScapes_original", "1/m", "0.2500 1/m")]
    [TestCase("CityScapes_original_metres", "m", "0.2500 m")]
    [TestCase("Taskonomy", "", "0.2500")]
    public void Metrics_are_in_the_unit_of_the_data_set(string dataset, string unit, string text)
    {
        var config = new RunConfig { Tasks = ["seg", "depth"], TasksNumClass = [7, 1], Lambdas = [1, 1] };
        config.Dataload.Dataset = dataset;

        IReadOnlyList<TaskSpec> tasks = TaskSpec.Of(config);

        Assert.That(tasks[1].Kind.Unit, Is.EqualTo(unit));
        Assert.That(tasks[1].Kind.Metrics.Where(static info => info.Name is "abs_error" or "rms_error" or "abs_error_official").Select(info => info.Format(0.25)), Is.EqualTo(new[] { text, text, text }));
        Assert.That(tasks[1].Kind.Metrics.Single(static info => info.Name == "rel_error").Format(0.25), Is.EqualTo("0.2500"));
        Assert.That(tasks[1].Kind.Metrics.Select(static info => info.Name), Is.EqualTo(new DepthTask().Metrics.Select(static info => info.Name)));
        Assert.That(TaskSpec.Of(config), Is.EqualTo(tasks), "a kind is one object, so that tasks can be compared");
        Assert.That(tasks[0].Kind.Unit, Is.Empty);
    }
}
