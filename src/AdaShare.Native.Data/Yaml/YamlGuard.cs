using AdaShare.Native.Engine.Errors;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace AdaShare.Native.Data.Yaml;

/// <summary>
/// Stands between the parser's events and the nodes made of them, and refuses what a configuration has no need of before anything is built: anchors and aliases, with which eleven bytes
/// make a graph without end and a few hundred one without measure, tags, depth, further documents, and keys that are no names or stand twice.
/// </summary>
/// <param name="parser">The parser.</param>
/// <param name="where">What a message begins with: the place of a mark.</param>
internal sealed class YamlGuard(IParser parser, Func<Mark, string> where) : IParser
{
    /// <summary>The levels of brackets, lists and sections; a configuration has three.</summary>
    private const int MaxDepth = 16;

    /// <summary>The characters of a key; the longest known one has a fifth.</summary>
    private const int MaxKeyLength = 128;

    private readonly Stack<Collection> _open = [];
    private bool _hasDocument;

    /// <inheritdoc/>
    public ParsingEvent? Current => parser.Current;

    /// <inheritdoc/>
    /// <exception cref="ConfigurationException">The next event is refused.</exception>
    public bool MoveNext()
    {
        if (!parser.MoveNext())
        {
            return false;
        }

        switch (parser.Current)
        {
            case Comment comment:
                throw Refuse(comment, "a # outside of quotes begins a remark, which a value of the command line can't have; put the text with the # in quotes");
            case DocumentStart start when _hasDocument:
                throw Refuse(start, "a second document begins here; a configuration is one document, so split the file or leave out the line ---");
            case DocumentStart:
                _hasDocument = true;
                break;
            case AnchorAlias alias:
                throw Refuse(alias, $"*{YamlText.Shorten(alias.Value.Value)} refers to a value elsewhere, which is not supported; write the value itself");
            case NodeEvent node:
                Enter(node);
                break;
            case MappingEnd or SequenceEnd:
                Leave();
                break;
        }

        return true;
    }

    private void Enter(NodeEvent node)
    {
        if (!node.Anchor.IsEmpty)
        {
            throw Refuse(node, $"the anchor &{YamlText.Shorten(node.Anchor.Value)} is not supported; leave it out, and write the value at every place that needs it");
        }

        if (!node.Tag.IsEmpty)
        {
            throw Refuse(node, $"the tag {YamlText.Shorten(node.Tag.Value)} is not supported; leave it out, for every key has its type");
        }

        if (_open.TryPeek(out Collection? parent) && parent.IsMapping)
        {
            if (parent.Key is null)
            {
                EnterKey(node, parent);
                return;
            }

            if (node is Scalar)
            {
                parent.Key = null;
            }
        }

        if (node is not Scalar)
        {
            if (_open.Count == MaxDepth)
            {
                throw Refuse(node, $"this is nested more than {MaxDepth} levels deep; a configuration has sections, keys and lists");
            }

            _open.Push(new Collection(node is MappingStart));
        }
    }

    private void Leave()
    {
        _open.Pop();
        if (_open.TryPeek(out Collection? parent))
        {
            parent.Key = null;
        }
    }

    private void EnterKey(NodeEvent node, Collection mapping)
    {
        if (node is not Scalar { Value: { Length: > 0 and <= MaxKeyLength } name } || name.Any(char.IsControl))
        {
            throw Refuse(node, node is Scalar { Value.Length: 0 } ? "there is no key before the colon; expected one such as batch_size" : "this can't be a key; expected one such as batch_size");
        }

        if (!mapping.Lines.TryAdd(name, node.Start.Line))
        {
            string path = string.Join('.', _open.Skip(1).Reverse().Select(collection => collection.Key).OfType<string>().Append(name));
            throw Refuse(node, $"{path} is given a second time, after line {mapping.Lines[name]}; keep one of the two");
        }

        mapping.Key = name;
    }

    private ConfigurationException Refuse(ParsingEvent at, string sentence) => new(where(at.Start) + sentence);

    /// <summary>A list or mapping whose end has not come yet.</summary>
    private sealed class Collection(bool isMapping)
    {
        public bool IsMapping => isMapping;

        /// <summary>The lines of a mapping's keys so far.</summary>
        public Dictionary<string, long> Lines { get; } = new(StringComparer.Ordinal);

        /// <summary>The key whose value comes next or is open.</summary>
        public string? Key { get; set; }
    }
}
