using System.Text.Json;
using System.Text.Json.Serialization;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Cuda.Cudnn;

/// <summary>
/// Which engines were the fastest, kept between runs: another engine gives other last bits, so a run that is to be repeated keeps its file. Entries of other devices, drivers, versions
/// of cuDNN or options lie beside one another.
/// </summary>
internal sealed class AutotuneFile
{
    private readonly string? _path;
    private readonly string _where;
    private readonly Dictionary<string, EngineChoice> _choices;

    private AutotuneFile(string? path, string where, Dictionary<string, EngineChoice> choices)
    {
        _path = path;
        _where = where;
        _choices = choices;
    }

    /// <summary>Reads the options' file, if they name one and it is there.</summary>
    /// <exception cref="ConfigurationException">It is something else.</exception>
    public static AutotuneFile Open(DeviceContext context)
    {
        (CudaDevice device, CudaBackendOptions options) = (context.Device, context.Options);
        string where = $"{device.Name}, {device.MultiprocessorCount} SMs, driver {device.DriverVersion}, cuDNN {device.Libraries.Cudnn.GetVersion()}, " +
            $"{(options.Deterministic ? "deterministic" : "any order")}, {(options.AllowTf32 ? "TF32" : "no TF32")}: ";
        return new AutotuneFile(options.AutotuneFile, where, options.AutotuneFile is { } path && File.Exists(path) ? Read(path) : []);
    }

    /// <summary>The choice for a convolution, if it has been made.</summary>
    public EngineChoice? Find(in ConvolutionKey key) => _choices.GetValueOrDefault(_where + key);

    /// <summary>Keeps a choice and writes the file.</summary>
    public void Add(in ConvolutionKey key, EngineChoice choice)
    {
        _choices[_where + key] = choice;
        if (_path is not null)
        {
            AtomicFile.Write(_path, stream => JsonSerializer.Serialize(stream, _choices, AutotuneJson.Default.DictionaryStringEngineChoice));
        }
    }

    private static Dictionary<string, EngineChoice> Read(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return JsonSerializer.Deserialize(stream, AutotuneJson.Default.DictionaryStringEngineChoice) ?? [];
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{path}: is no file of measured convolution engines ({error.Message.TrimEnd('.')}); delete it to measure anew, or name another file");
        }
    }
}

/// <summary>How <see cref="AutotuneFile"/> is written.</summary>
[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(Dictionary<string, EngineChoice>))]
internal sealed partial class AutotuneJson : JsonSerializerContext;
