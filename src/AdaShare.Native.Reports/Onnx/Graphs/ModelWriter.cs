using System.Buffers.Binary;
using System.Runtime.InteropServices;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Reports.Protobuf;

namespace AdaShare.Native.Reports.Onnx.Graphs;

/// <summary>What stands around a graph in a file.</summary>
/// <param name="Producer">The program that writes it.</param>
/// <param name="Version">Its version.</param>
/// <param name="Remark">What the model is, for people.</param>
/// <param name="Properties">The metadata, by key.</param>
/// <param name="Batch">The number of images; null for any.</param>
/// <param name="IsFixedSize">Whether images have the size of the graph's input; otherwise any.</param>
internal sealed record ModelHead(string Producer, string Version, string Remark, IReadOnlyList<KeyValuePair<string, string>> Properties, int? Batch, bool IsFixedSize);

/// <summary>Writes a named graph as a ModelProto; weights go straight from their arrays into the stream.</summary>
/// <remarks>Field numbers: onnx/onnx.proto of the ONNX project. Repeated integers are written one by one, as that file, which is proto2, declares them.</remarks>
internal static class ModelWriter
{
    // TensorProto.DataType and AttributeProto.AttributeType.
    private const long FloatType = 1;
    private const long Int64Type = 7;
    private const long IntAttribute = 2;
    private const long TextAttribute = 3;
    private const long IntsAttribute = 7;

    // What a protobuf message may have.
    private const long Limit = int.MaxValue;

    /// <summary>Writes a model.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="graph">The graph, named.</param>
    /// <param name="head">What stands around it.</param>
    /// <param name="limit">The most bytes that the file may have.</param>
    /// <exception cref="DataException">It would have more than the 2 GB that one file may have.</exception>
    public static void Write(Stream stream, Graph graph, ModelHead head, long limit = Limit)
    {
        var before = new ProtoWriter();
        graph.Nodes.ToList().ForEach(node => before.Message(1, message => Node(message, node)));
        before.Text(2, "network");
        (ProtoWriter Head, GraphConstant Constant)[] tensors = [.. Constants(graph).Select(static constant => (TensorHead(constant), constant.Constant!))];
        var behind = new ProtoWriter();
        behind.Text(10, head.Remark);
        behind.Message(11, message => Image(message, graph.Input.Name, graph.Input.Size, false, head, "height", "width"));
        foreach (GraphOutput output in graph.Outputs)
        {
            behind.Message(12, message => Image(message, output.Value.Name, output.Value.Size, output.IsFlat, head, output.Name + "_height", output.Name + "_width"));
        }

        long length = before.Length + behind.Length + tensors.Sum(static tensor => SizeOfMessage(tensor.Head.Length + Bytes(tensor.Constant)));
        ProtoWriter model = ModelFields(head);
        if (length + model.Length > limit)
        {
            throw new DataException($"the network would have {length + model.Length} bytes, more than the {limit} that an ONNX file may have; export a run with a smaller model.width");
        }

        model.Head(7, length);
        stream.Write(model.Written);
        stream.Write(before.Written);
        var prefix = new ProtoWriter();
        foreach ((ProtoWriter tensorHead, GraphConstant constant) in tensors)
        {
            prefix.Clear();
            prefix.Head(5, tensorHead.Length + Bytes(constant));
            stream.Write(prefix.Written);
            stream.Write(tensorHead.Written);
            WriteElements(stream, constant);
        }

        stream.Write(behind.Written);
    }

    private static ProtoWriter ModelFields(ModelHead head)
    {
        var model = new ProtoWriter();
        model.Varint(1, (long)OnnxOperators.IrVersion);
        model.Text(2, head.Producer);
        model.Text(3, head.Version);
        model.Text(6, head.Remark);
        model.Message(8, static set =>
        {
            set.Text(1, "");
            set.Varint(2, (long)OnnxOperators.Opset);
        });
        foreach ((string key, string value) in head.Properties)
        {
            model.Message(14, entry =>
            {
                entry.Text(1, key);
                entry.Text(2, value);
            });
        }

        return model;
    }

    private static IEnumerable<GraphValue> Constants(Graph graph) => graph.Nodes.SelectMany(static node => node.Inputs).Where(static input => input.Constant is not null).Distinct();

    private static void Node(ProtoWriter message, GraphNode node)
    {
        node.Inputs.ForEach(input => message.Text(1, input.Name));
        message.Text(2, node.Output.Name);
        message.Text(3, node.Name);
        message.Text(4, node.Type);
        foreach (GraphAttribute attribute in node.Attributes)
        {
            message.Message(5, field => Attribute(field, attribute));
        }

        message.Text(6, node.Remark);
    }

    private static void Attribute(ProtoWriter message, GraphAttribute attribute)
    {
        message.Text(1, attribute.Name);
        if (attribute.Integer is { } integer)
        {
            message.Varint(3, integer);
            message.Varint(20, IntAttribute);
        }
        else if (attribute.Text is { } text)
        {
            message.Text(4, text);
            message.Varint(20, TextAttribute);
        }
        else
        {
            Array.ForEach(attribute.Integers!, value => message.Varint(8, value));
            message.Varint(20, IntsAttribute);
        }
    }

    private static void Image(ProtoWriter message, string name, ImageSize size, bool isFlat, ModelHead head, string height, string width)
    {
        void Dimension(ProtoWriter shape, long? value, string free) => shape.Message(1, dimension =>
        {
            if (value is { } known)
            {
                dimension.Varint(1, known);
            }
            else
            {
                dimension.Text(2, free);
            }
        });
        void Shape(ProtoWriter shape)
        {
            Dimension(shape, head.Batch, "batch");
            Dimension(shape, size.Channels, "");
            if (!isFlat)
            {
                Dimension(shape, head.IsFixedSize ? size.Height : null, height);
                Dimension(shape, head.IsFixedSize ? size.Width : null, width);
            }
        }

        message.Text(1, name);
        message.Message(2, type => type.Message(1, tensor =>
        {
            tensor.Varint(1, FloatType);
            tensor.Message(2, Shape);
        }));
    }

    /// <summary>Everything of a TensorProto but its elements, which come last.</summary>
    private static ProtoWriter TensorHead(GraphValue value)
    {
        GraphConstant constant = value.Constant!;
        var head = new ProtoWriter();
        Array.ForEach(constant.Dimensions, size => head.Varint(1, size));
        head.Varint(2, constant.Floats is null ? Int64Type : FloatType);
        head.Text(8, value.Name);
        head.Head(9, Bytes(constant));
        return head;
    }

    private static long Bytes(GraphConstant constant) => constant.Floats is { } floats ? (long)floats.Length * sizeof(float) : (long)constant.Integers!.Length * sizeof(long);

    private static long SizeOfMessage(long length)
    {
        var head = new ProtoWriter();
        head.Head(5, length);
        return head.Length + length;
    }

    private static void WriteElements(Stream stream, GraphConstant constant)
    {
        if (constant.Floats is { } floats)
        {
            if (!BitConverter.IsLittleEndian)
            {
                int[] bits = [.. floats.Select(BitConverter.SingleToInt32Bits)];
                BinaryPrimitives.ReverseEndianness(bits, bits);
                stream.Write(MemoryMarshal.AsBytes<int>(bits));
                return;
            }

            stream.Write(MemoryMarshal.AsBytes<float>(floats));
            return;
        }

        long[] integers = [.. constant.Integers!];
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(integers, integers);
        }

        stream.Write(MemoryMarshal.AsBytes<long>(integers));
    }
}
