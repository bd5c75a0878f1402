using Mono.Cecil;

namespace AdaShare.Native.Architecture.Tests.Reading;

/// <summary>The assemblies of src/, as they were built: this project references all of them and no other of ours.</summary>
internal static class Rooms
{
    /// <summary>What the names of all our assemblies and namespaces begin with; the host's assembly alone is called otherwise.</summary>
    public const string Prefix = "AdaShare.Native.";

    private const string HostAssembly = "adashare";

    private static readonly Lazy<IReadOnlyDictionary<string, ModuleDefinition>> LazyAll = new(() => Directory.GetFiles(AppContext.BaseDirectory, "*.dll")
        .Where(static path => !path.EndsWith(".Tests.dll", StringComparison.Ordinal) && NameOf(Path.GetFileNameWithoutExtension(path)) is not null)
        .ToDictionary(static path => NameOf(Path.GetFileNameWithoutExtension(path))!, Read));

    /// <summary>The rooms by their names: Engine, Learning, Host.</summary>
    public static IReadOnlyDictionary<string, ModuleDefinition> All => LazyAll.Value;

    /// <summary>The names of the rooms.</summary>
    public static IEnumerable<string> Names => All.Keys.Order(StringComparer.Ordinal);

    /// <summary>The room that an assembly is; null where it is none of ours.</summary>
    public static string? NameOf(string assembly) =>
        assembly == HostAssembly ? "Host" : assembly.StartsWith(Prefix, StringComparison.Ordinal) ? assembly[Prefix.Length..] : null;

    /// <summary>The assembly that has a type of this project: what the checkers are tried on.</summary>
    public static ModuleDefinition Fixtures() => Read(typeof(Rooms).Assembly.Location);

    private static ModuleDefinition Read(string path)
    {
        var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(AppContext.BaseDirectory);
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location)!);
        return ModuleDefinition.ReadModule(path, new ReaderParameters { AssemblyResolver = resolver });
    }
}
