using System.Globalization;

namespace AdaShare.Native.Reports.Onnx.Graphs;

/// <summary>
/// Gives nodes and values names that say what they are: a convolution has that of its layer, what follows it the same with the operator behind a slash, and where a layer runs for several streams of
/// tasks, each has the names of its tasks behind an at sign.
/// </summary>
internal static class GraphNames
{
    private const string InputName = "image";

    /// <summary>Names everything.</summary>
    public static void Give(Graph graph)
    {
        Dictionary<GraphNode, List<string>> tasks = TasksOf(graph);
        var names = new HashSet<string>(graph.Outputs.Select(static output => output.Name));
        graph.Input.Name = Unique(names, InputName);
        var stems = new Dictionary<GraphNode, string>();
        foreach (GraphNode node in graph.Nodes)
        {
            stems[node] = node is ConvolutionNode convolution ? convolution.Layer : node.Inputs.Select(input => input.Node).OfType<GraphNode>().Select(maker => stems[maker]).FirstOrDefault() ?? graph.Input.Name;
        }

        string Plain(GraphNode node) => node is ConvolutionNode ? stems[node] : $"{stems[node]}/{node.Type.ToLowerInvariant()}";
        string Streams(GraphNode node) => string.Join('+', tasks[node]);
        HashSet<string> several = [.. graph.Nodes.GroupBy(Plain).Where(alike => alike.Select(Streams).Distinct().Count() > 1).Select(static alike => alike.Key)];
        foreach (GraphNode node in graph.Nodes)
        {
            string plain = Plain(node);
            node.Name = Unique(names, several.Contains(plain) && tasks[node].Count < graph.Outputs.Count ? $"{plain}@{Streams(node)}" : plain);
            node.Output.Name = node.Name;
            node.Remark = $"for {string.Join(", ", tasks[node])}";
        }

        foreach (GraphOutput output in graph.Outputs)
        {
            output.Value.Name = output.Name;
        }

        foreach (GraphValue constant in graph.Nodes.SelectMany(static node => node.Inputs).Where(static input => input.Constant is not null).Distinct())
        {
            constant.Name = Unique(names, constant.Constant!.Name);
        }
    }

    /// <summary>The names of the outputs that need a node, in their order.</summary>
    private static Dictionary<GraphNode, List<string>> TasksOf(Graph graph)
    {
        var tasks = graph.Nodes.ToDictionary(static node => node, static _ => new List<string>());
        foreach (GraphOutput output in graph.Outputs)
        {
            var needed = new HashSet<GraphValue> { output.Value };
            foreach (GraphNode node in graph.Nodes.Reverse().Where(node => needed.Contains(node.Output)))
            {
                needed.UnionWith(node.Inputs);
                tasks[node].Add(output.Name);
            }
        }

        return tasks;
    }

    private static string Unique(HashSet<string> names, string wanted)
    {
        string name = wanted;
        for (int number = 2; !names.Add(name); number++)
        {
            name = string.Create(CultureInfo.InvariantCulture, $"{wanted}.{number}");
        }

        return name;
    }
}
