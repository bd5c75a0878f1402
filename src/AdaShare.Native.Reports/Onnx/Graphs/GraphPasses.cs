namespace AdaShare.Native.Reports.Onnx.Graphs;

/// <summary>What is done to a recorded graph before it is written.</summary>
internal static class GraphPasses
{
    /// <summary>Leaves out what no output needs, folds channel maps into convolutions, writes the others out, and gives the outputs nodes of their own.</summary>
    public static void Finish(Graph graph)
    {
        KeepOutputs(graph);
        RemoveUnused(graph);
        FoldMaps(graph);
        WriteMaps(graph);
        foreach (ConvolutionNode convolution in graph.Nodes.OfType<ConvolutionNode>())
        {
            convolution.AddConstants();
        }

        ShareConstants(graph);
    }

    /// <summary>Every output is what a node of its own makes: a name belongs to one value.</summary>
    private static void KeepOutputs(Graph graph)
    {
        var taken = new HashSet<GraphValue>();
        for (int i = 0; i < graph.Outputs.Count; i++)
        {
            GraphOutput output = graph.Outputs[i];
            if (output.IsFlat)
            {
                graph.Outputs[i] = output with { Value = graph.Add(new GraphNode("Flatten", output.Value.Size, [output.Value], new GraphAttribute("axis", 1))) };
            }
            else if (output.Value.Node is null || !taken.Add(output.Value))
            {
                graph.Outputs[i] = output with { Value = graph.Add("Identity", output.Value) };
            }
        }
    }

    private static void RemoveUnused(Graph graph)
    {
        var needed = new HashSet<GraphValue>(graph.Outputs.Select(static output => output.Value));
        var kept = new List<GraphNode>();
        foreach (GraphNode node in graph.Nodes.Reverse().Where(node => needed.Contains(node.Output)))
        {
            kept.Add(node);
            needed.UnionWith(node.Inputs);
        }

        kept.Reverse();
        graph.Replace(kept);
    }

    /// <summary>A map whose input is a convolution that nobody else reads becomes part of it. Several maps behind one convolution, such as the batch norms of several tasks, stay what they are.</summary>
    private static void FoldMaps(Graph graph)
    {
        var uses = new Dictionary<GraphValue, int>();
        foreach (GraphValue read in graph.Nodes.SelectMany(static node => node.Inputs).Concat(graph.Outputs.Select(static output => output.Value)))
        {
            uses[read] = uses.GetValueOrDefault(read) + 1;
        }

        var kept = new List<GraphNode>();
        var folded = new Dictionary<GraphValue, GraphValue>();
        foreach (GraphNode node in graph.Nodes)
        {
            Redirect(node, folded);
            if (node is ChannelMap map && map.Inputs[0].Node is ConvolutionNode convolution && uses[convolution.Output] == 1)
            {
                convolution.Fold(map);
                folded[map.Output] = convolution.Output;
                uses[convolution.Output] = uses[map.Output];
            }
            else
            {
                kept.Add(node);
            }
        }

        graph.Replace(kept);
        RedirectOutputs(graph, folded);
    }

    private static void WriteMaps(Graph graph)
    {
        var kept = new List<GraphNode>();
        var written = new Dictionary<GraphValue, GraphValue>();
        foreach (GraphNode node in graph.Nodes)
        {
            Redirect(node, written);
            if (node is not ChannelMap map)
            {
                kept.Add(node);
                continue;
            }

            GraphValue value = map.Inputs[0];
            void Append(string type, double[] numbers, double neutral, string name)
            {
                if (Array.Exists(numbers, number => number != neutral))
                {
                    kept.Add(new GraphNode(type, map.Output.Size, [value, GraphValue.Of(GraphConstant.OfChannels(numbers, name))]));
                    value = kept[^1].Output;
                }
            }

            Append(OnnxOperators.Mul, map.Scale, 1, "scale");
            Append(OnnxOperators.Add, map.Shift, 0, "shift");
            written[map.Output] = value;
        }

        graph.Replace(kept);
        RedirectOutputs(graph, written);
    }

    /// <summary>Constants with the same elements become one.</summary>
    private static void ShareConstants(Graph graph)
    {
        var known = new Dictionary<int, List<GraphValue>>();
        foreach (GraphNode node in graph.Nodes)
        {
            for (int i = 0; i < node.Inputs.Count; i++)
            {
                if (node.Inputs[i].Constant is not { } constant)
                {
                    continue;
                }

                int fingerprint = constant.Fingerprint();
                if (!known.TryGetValue(fingerprint, out List<GraphValue>? alike))
                {
                    known[fingerprint] = alike = [];
                }

                if (alike.Find(other => other.Constant!.IsSame(constant)) is { } same)
                {
                    node.Inputs[i] = same;
                }
                else
                {
                    alike.Add(node.Inputs[i]);
                }
            }
        }
    }

    private static void Redirect(GraphNode node, Dictionary<GraphValue, GraphValue> values)
    {
        for (int i = 0; i < node.Inputs.Count; i++)
        {
            node.Inputs[i] = values.GetValueOrDefault(node.Inputs[i], node.Inputs[i]);
        }
    }

    private static void RedirectOutputs(Graph graph, Dictionary<GraphValue, GraphValue> values)
    {
        for (int i = 0; i < graph.Outputs.Count; i++)
        {
            graph.Outputs[i] = graph.Outputs[i] with { Value = values.GetValueOrDefault(graph.Outputs[i].Value, graph.Outputs[i].Value) };
        }
    }
}
