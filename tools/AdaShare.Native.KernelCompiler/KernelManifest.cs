using System.Text.Json;
using System.Text.Json.Serialization;

namespace AdaShare.Native.KernelCompiler;

/// <summary>What a kernel needs on one architecture.</summary>
/// <param name="Registers">32-bit registers a thread.</param>
/// <param name="SharedBytes">Shared memory a block.</param>
/// <param name="StackBytes">Local memory a thread.</param>
/// <param name="SpillBytes">Bytes that are stored and loaded because registers ran out.</param>
public sealed record KernelFigures(int Registers, int SharedBytes, int StackBytes, int SpillBytes);

/// <summary>One kernel.</summary>
/// <param name="Name">The name under which the launcher finds it.</param>
/// <param name="Figures">What it needs, by architecture.</param>
public sealed record KernelEntry(string Name, IReadOnlyDictionary<string, KernelFigures> Figures);

/// <summary>One module.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Source">The source's file name.</param>
/// <param name="Options">The compiler's options beside those of every module.</param>
/// <param name="SourceHash">SHA-256 of the source and of every header that it includes, each with its name.</param>
/// <param name="Headers">The headers.</param>
/// <param name="Ptx">SHA-256 of each PTX file, by file name.</param>
/// <param name="Kernels">Its kernels, in order of names.</param>
public sealed record KernelModule(
    string Name, string Source, IReadOnlyList<string> Options, string SourceHash, IReadOnlyList<string> Headers, IReadOnlyDictionary<string, string> Ptx, IReadOnlyList<KernelEntry> Kernels);

/// <summary>What was compiled, from what, with what, and what it needs.</summary>
/// <param name="Compiler">NVRTC's full version.</param>
/// <param name="Assembler">ptxas' full version.</param>
/// <param name="Options">The compiler's options but for the target.</param>
/// <param name="Modules">The modules, in order of names.</param>
public sealed record KernelManifest(string Compiler, string Assembler, IReadOnlyList<string> Options, IReadOnlyList<KernelModule> Modules)
{
    /// <summary>Reads a manifest.</summary>
    /// <exception cref="KernelException">The text is not a manifest.</exception>
    public static KernelManifest Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ManifestContext.Default.KernelManifest) ?? throw new KernelException("the manifest is empty");
        }
        catch (JsonException malformed)
        {
            throw new KernelException($"the manifest is not readable: {malformed.Message}; run the kernel compiler to write it again");
        }
    }

    /// <summary>The manifest as text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ManifestContext.Default.KernelManifest).ReplaceLineEndings("\n") + "\n";
}

/// <summary>How manifests are written.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(KernelManifest))]
internal sealed partial class ManifestContext : JsonSerializerContext;
