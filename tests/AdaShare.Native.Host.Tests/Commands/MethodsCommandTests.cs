using System.Text.Json;
using AdaShare.Native.Methods;

namespace AdaShare.Native.Host.Tests.Commands;

[TestFixture]
internal sealed class MethodsCommandTests
{
    [Test]
    public void Every_method_is_listed()
    {
        CommandRun run = CommandRun.Of("methods");
        Assert.That((run.Error, run.ExitCode), Is.EqualTo(("", ExitCode.Success)));
        foreach (string name in MethodRegistry.Names)
        {
            Assert.That(run.Output, Does.Contain($" {name} "));
        }

        Assert.That(run.Output, Does.Not.Contain("K passes"));
    }

    [Test]
    public void Costs_stand_beside_the_published_figures()
    {
        CommandRun run = CommandRun.Of("methods", "--costs");
        Assert.That((run.Error, run.ExitCode), Is.EqualTo(("", ExitCode.Success)));
        string[] lines = run.Output.Split('\n');
        string[] Row(string method, int tasks)
        {
            int first = Array.FindIndex(lines, line => line.Contains($" {method} ", StringComparison.Ordinal));
            string line = lines.Skip(first).First(line => Cells(line) is { Length: > 2 } cells && cells[1] == $"{tasks}");
            return Cells(line)[1..];
        }

        static string[] Cells(string line) => [.. line.Trim().Trim('|', '\u2502').Split('|', '\u2502').Select(static cell => cell.Trim())];
        Assert.That(Row("nddr", 3), Is.EqualTo(new[] { "3", "67,030,464", "3.1494", "3.15", "-0.0006", "58.430 G", "58.430 G", "58.43 G", "+0.0002" }));
        Assert.That(Row("mtan", 2), Is.EqualTo(new[] { "2", "51,179,712", "2.4055", "2.41", "-0.0045", "44.315 G", "62.844 G", "44.31 G", "+0.0047" }));
        Assert.That(Row("mtan_stage", 5), Is.EqualTo(new[] { "5", "23,102,224", "1.0861", "", "", "22.013 G", "96.129 G", "", "" }));
    }

    [Test]
    public void Json_has_methods_and_where_they_are_counted_costs()
    {
        using JsonDocument listed = JsonDocument.Parse(CommandRun.Of("methods", "--json", "-").Output);
        Assert.That(listed.RootElement.GetProperty("methods").EnumerateArray().Select(static m => m.GetProperty("name").GetString()), Is.EqualTo(MethodRegistry.Names));
        Assert.That(listed.RootElement.TryGetProperty("costs", out _), Is.False);

        string file = Path.Combine(Path.GetTempPath(), $"adashare-{Guid.NewGuid():n}", "costs.json");
        try
        {
            CommandRun run = CommandRun.Of("methods", "--costs", "--backbone", "ResNet18", "--size", "32x48", "--json", file);
            Assert.That(run.Output, Does.Contain("ResNet18, one image of 32x48"));
            using JsonDocument counted = JsonDocument.Parse(File.ReadAllText(file));
            JsonElement root = counted.RootElement;
            Assert.That((root.GetProperty("backbone").GetString(), root.GetProperty("height").GetInt32(), root.GetProperty("width").GetInt32()), Is.EqualTo(("ResNet18", 32, 48)));
            JsonElement[] costs = [.. root.GetProperty("costs").EnumerateArray()];
            Assert.That(costs.Select(static c => (c.GetProperty("method").GetString(), c.GetProperty("tasks").GetInt32())),
                Is.EqualTo(MethodRegistry.Names.SelectMany(static name => new[] { (name, 2), (name, 3), (name, 5) })));
            Assert.That(costs.Any(static c => c.TryGetProperty("published_backbones", out _)), Is.False, "nothing is published for ResNet18");
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }
}
