using System.Text.Json;
using System.Text.Json.Nodes;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Tests;
using Json.Schema;

namespace AdaShare.Native.Reports.Tests.Schemas;

/// <summary>docs/metrics.schema.json says what metrics.json has: it is made of the code, and what runs write is valid under it, as another library reads it.</summary>
public sealed class MetricsSchemaTests
{
    private const string Rewrite = "ADASHARE_WRITE_SCHEMA";

    private static string Committed => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(TestData.File("README.md"))!, "..", "..", "docs", "metrics.schema.json"));

    [Test]
    public void The_schema_in_docs_is_that_of_the_code()
    {
        string schema = SchemaText.Of(RunJson.Default.MetricsFile, $"metrics.json of AdaShare.Native, form {MetricsFile.CurrentFormat}");
        if (Environment.GetEnvironmentVariable(Rewrite) == "1")
        {
            File.WriteAllText(Committed, schema);
        }

        Assert.That(File.ReadAllText(Committed), Is.EqualTo(schema), $"write it anew with {Rewrite}=1, and raise MetricsFile.CurrentFormat where readers of the old form would misunderstand the new one");
    }

    [Test]
    public void What_runs_write_is_valid()
    {
        JsonSchema schema = JsonSchema.FromText(File.ReadAllText(Committed));
        foreach (string path in new[] { SmallRuns.AdaShare.Files.Folder.Metrics, SmallRuns.HardSharing.Folder.Metrics })
        {
            JsonNode metrics = JsonNode.Parse(File.ReadAllText(path))!;
            Assert.That(Valid(schema, metrics), path);
            metrics["final"]!["step"] = "ten";
            Assert.That(Valid(schema, metrics), Is.False, "a step is a number");
        }
    }

    [Test]
    public void A_later_form_is_refused()
    {
        string path = Path.Combine(Path.GetTempPath(), $"adashare-{Guid.NewGuid():N}.json");
        try
        {
            JsonNode metrics = JsonNode.Parse(File.ReadAllText(SmallRuns.HardSharing.Folder.Metrics))!;
            metrics["format"] = MetricsFile.CurrentFormat + 1;
            File.WriteAllText(path, metrics.ToJsonString());
            Assert.That(() => MetricsFile.Read(path), Throws.TypeOf<DataException>().With.Message.Contains($"is of form {MetricsFile.CurrentFormat + 1}"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static bool Valid(JsonSchema schema, JsonNode node) => schema.Evaluate(JsonSerializer.SerializeToElement(node)).IsValid;
}
