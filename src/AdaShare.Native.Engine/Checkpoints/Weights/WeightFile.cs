using AdaShare.Native.Engine.Checkpoints.Onnx;
using AdaShare.Native.Engine.Checkpoints.PyTorch;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Engine.Checkpoints.Weights;

/// <summary>A file of weights in any format that is read here, told by its content: safetensors, PyTorch's, ONNX.</summary>
public sealed class WeightFile : IDisposable
{
    private const int StartLength = 16;

    private readonly IDisposable? _file;

    private WeightFile(string path, string format, IReadOnlyList<WeightTensor> tensors, IDisposable? file) => (Path, Format, Tensors, _file) = (path, format, tensors, file);

    /// <summary>Whether the names of the tensors are not the file's own but found in its graph, so that nothing says which library they come from.</summary>
    public bool HasNamesFromGraph { get; private init; }

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>The name of its format.</summary>
    public string Format { get; }

    /// <summary>Its tensors. They are read from the open file.</summary>
    public IReadOnlyList<WeightTensor> Tensors { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">It is missing, of no format that is read here, or damaged; one sentence with the file.</exception>
    /// <exception cref="CheckpointException">It is a damaged safetensors file.</exception>
    public static WeightFile Open(string path)
    {
        byte[] start = Start(path);
        if (PyTorchFile.IsStart(start))
        {
            PyTorchFile file = PyTorchFile.Open(path);
            return new WeightFile(path, "PyTorch", file.Tensors, file);
        }

        // A safetensors file has the length of its header first, then the header, which begins with a brace.
        if (start.Length > 8 && start[8] == '{')
        {
            SafeTensorsFile file = SafeTensorsFile.Open(path);
            try
            {
                return new WeightFile(path, "safetensors", file.ReadTensors(), file);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }

        return OnnxFile.IsStart(start)
            ? new WeightFile(path, "ONNX", OnnxFile.Read(path, out bool fromGraph), null) { HasNamesFromGraph = fromGraph }
            : throw new DataException($"{path}: is no file of weights that is known here; give a safetensors file, one of torch.save (.pth, .pt, .model, .pth.tar) or an ONNX model");
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private static byte[] Start(string path)
    {
        try
        {
            using FileStream stream = RegularFile.Open(path);
            var start = new byte[StartLength];
            return start[..stream.ReadAtLeast(start, StartLength, throwOnEndOfStream: false)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: could not be read ({error.Message.TrimEnd('.')}); give the path of a file of weights", error);
        }
    }
}
