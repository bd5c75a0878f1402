using Mono.Cecil;

namespace AdaShare.Native.Architecture.Tests.Reading;

/// <summary>Which namespace of an assembly refers to which other one, with a member that does.</summary>
internal sealed class NamespaceGraph
{
    private readonly SortedDictionary<string, SortedDictionary<string, string>> _edges = new(StringComparer.Ordinal);

    private NamespaceGraph()
    {
    }

    /// <summary>Reads an assembly. What compilers put into namespaces of their own is left out.</summary>
    /// <param name="module">The assembly.</param>
    /// <param name="within">What the namespaces that count begin with.</param>
    public static NamespaceGraph Of(ModuleDefinition module, string within = Rooms.Prefix)
    {
        var graph = new NamespaceGraph();
        foreach (TypeDefinition type in module.Types.Where(type => type.Namespace.StartsWith(within, StringComparison.Ordinal)))
        {
            foreach ((string member, TypeReference used) in TypeUses.Of(type))
            {
                string target = NamespaceOf(used);
                if (used.Scope == module && target != type.Namespace && target.StartsWith(within, StringComparison.Ordinal))
                {
                    graph.From(type.Namespace).TryAdd(target, member);
                }
            }
        }

        return graph;
    }

    /// <summary>The same graph without an edge.</summary>
    public NamespaceGraph Without(string from, string to)
    {
        var graph = new NamespaceGraph();
        foreach ((string source, SortedDictionary<string, string> targets) in _edges)
        {
            foreach ((string target, string member) in targets.Where(target => source != from || target.Key != to))
            {
                graph.From(source).Add(target, member);
            }
        }

        return graph;
    }

    /// <summary>A shortest way from one namespace to another, both ends among it; null where there is none.</summary>
    public IReadOnlyList<string>? Path(string from, string to)
    {
        var ways = new Dictionary<string, string[]> { [from] = [from] };
        var waiting = new Queue<string>([from]);
        while (waiting.TryDequeue(out string? at))
        {
            foreach (string next in _edges.TryGetValue(at, out SortedDictionary<string, string>? targets) ? targets.Keys : Enumerable.Empty<string>())
            {
                if (next == to)
                {
                    return [.. ways[at], to];
                }

                if (ways.TryAdd(next, [.. ways[at], next]))
                {
                    waiting.Enqueue(next);
                }
            }
        }

        return null;
    }

    /// <summary>The shortest circle, its first namespace at both ends; null where there is none.</summary>
    public IReadOnlyList<string>? Circle() => _edges.Keys.Select(start => Path(start, start)).Where(static way => way is not null).MinBy(static way => way!.Count);

    /// <summary>A way in words: each edge with a member that makes it.</summary>
    public string Describe(IReadOnlyList<string> way) =>
        string.Join(Environment.NewLine, Enumerable.Range(1, way.Count - 1).Select(i => $"{way[i - 1]} -> {way[i]}: {_edges[way[i - 1]][way[i]]}"));

    private static string NamespaceOf(TypeReference type)
    {
        TypeReference outermost = type;
        while (outermost.DeclaringType is not null)
        {
            outermost = outermost.DeclaringType;
        }

        return outermost.Namespace;
    }

    private SortedDictionary<string, string> From(string source)
    {
        if (!_edges.TryGetValue(source, out SortedDictionary<string, string>? targets))
        {
            _edges[source] = targets = new SortedDictionary<string, string>(StringComparer.Ordinal);
        }

        return targets;
    }
}
