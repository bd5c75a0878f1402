using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using System.Xml.Linq;

namespace AdaShare.Native.Reports.Tests.Schemas;

/// <summary>The JSON schema of a type that is written as JSON, with the summaries of its properties as descriptions.</summary>
internal static class SchemaText
{
    private const string Dialect = "https://json-schema.org/draft/2020-12/schema";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema's text.</summary>
    /// <param name="type">How the type is written.</param>
    /// <param name="title">The schema's title.</param>
    public static string Of(JsonTypeInfo type, string title)
    {
        var summaries = new Dictionary<Assembly, Dictionary<string, string>>();
        JsonNode schema = JsonSchemaExporter.GetJsonSchemaAsNode(type, new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) =>
            {
                if (context.PropertyInfo?.AttributeProvider is PropertyInfo property && node is JsonObject described && Summary(summaries, property) is { } summary)
                {
                    described.Insert(0, "description", summary);
                }

                return node;
            },
        });
        JsonObject root = schema.AsObject();
        root.Insert(0, "$schema", Dialect);
        root.Insert(1, "title", title);
        return root.ToJsonString(Indented).ReplaceLineEndings("\n") + "\n";
    }

    private static string? Summary(Dictionary<Assembly, Dictionary<string, string>> known, PropertyInfo property)
    {
        Assembly assembly = property.DeclaringType!.Assembly;
        if (!known.TryGetValue(assembly, out Dictionary<string, string>? summaries))
        {
            XDocument text = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml"));
            known[assembly] = summaries = text.Descendants("member").Where(static member => member.Element("summary") is not null)
                .ToDictionary(static member => member.Attribute("name")!.Value, static member => Plain(member.Element("summary")!));
        }

        return summaries.GetValueOrDefault($"P:{property.DeclaringType.FullName!.Replace('+', '.')}.{property.Name}");
    }

    // A reference says its last name.
    private static string Plain(XElement summary) => string.Join(' ', string.Concat(summary.Nodes().Select(static node => node switch
    {
        XElement { Name.LocalName: "see" } reference => reference.Attribute("cref")!.Value.Split('(')[0].Split('.')[^1],
        XElement element => element.Value,
        _ => node.ToString(),
    })).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
