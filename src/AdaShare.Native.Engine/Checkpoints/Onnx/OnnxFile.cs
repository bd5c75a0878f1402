using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Engine.Checkpoints.Onnx;

/// <summary>
/// The initialisers of an ONNX model, under torchvision's names. Where a file has other names, those of exporters that number everything, a residual network is recognised by its graph; see
/// <see cref="OnnxResidualNames"/>.
/// </summary>
/// <remarks>Field numbers: onnx/onnx.proto of the ONNX project. The whole file, which may have 2 GB, lies in memory.</remarks>
public static class OnnxFile
{
    /// <summary>Whether a file that begins with some bytes may be an ONNX model: its first field is one of ModelProto's.</summary>
    /// <param name="start">Its first bytes.</param>
    public static bool IsStart(ReadOnlySpan<byte> start) => start.Length > 2 && start[0] is 0x08 or 0x12 or 0x1a or 0x22 or 0x28 or 0x32 or 0x3a or 0x42;

    /// <summary>Reads a model.</summary>
    /// <param name="path">The file.</param>
    /// <param name="namesFromGraph">Whether the names are not the file's but found in its graph, so that nothing says which library it comes from.</param>
    /// <returns>Its initialisers.</returns>
    /// <exception cref="DataException">The file is missing or damaged; one sentence with the file.</exception>
    public static IReadOnlyList<WeightTensor> Read(string path, out bool namesFromGraph)
    {
        byte[] model;
        try
        {
            using FileStream stream = RegularFile.Open(path);
            if (stream.Length > Array.MaxLength)
            {
                throw new DataException($"{path}: has {stream.Length} bytes, more than the 2 GB that an ONNX model may have; save it without what does not belong to the backbone");
            }

            model = new byte[stream.Length];
            stream.ReadExactly(model);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: could not be read ({error.Message.TrimEnd('.')}); give the path of an ONNX model", error);
        }

        (IReadOnlyList<WeightTensor> tensors, namesFromGraph) = Guard<(IReadOnlyList<WeightTensor>, bool)>(path, () =>
        {
            OnnxGraph graph = OnnxGraph.Read(model);
            return ([.. OnnxResidualNames.Of(graph).Select(tensor => tensor with { Read = () => Guard(path, tensor.Read) })], !OnnxResidualNames.HasNames(graph));
        });
        return tensors;
    }

    private static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FormatException error)
        {
            throw new DataException($"{path}: is no whole ONNX model: {error.Message}; copy it again, or export it anew", error);
        }
        catch (NotSupportedException error)
        {
            throw new DataException($"{path}: {error.Message}; export the model with its weights in one file", error);
        }
    }
}
