using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Cuda.Interop;

/// <summary>The addresses of a library's functions, by the member of the seam that each stands behind.</summary>
internal sealed class EntryPoints
{
    private readonly string _library;
    private readonly Dictionary<string, nint> _addresses = [];

    private EntryPoints(string library) => _library = library;

    /// <summary>The exports that are required and absent.</summary>
    public List<string> Missing { get; } = [];

    /// <summary>The address of a member's function; 0 where it is optional and absent.</summary>
    public nint this[string member] => _addresses[member];

    /// <summary>The exported name and need of each member of a part of the seam.</summary>
    public static IEnumerable<(string Member, EntryPointAttribute Export)> Of<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods)] TSeam>() =>
        typeof(TSeam).GetMethods().Select(method => (method.Name, method.GetCustomAttribute<EntryPointAttribute>()!));

    /// <summary>Looks the functions of a part of the seam up in a library.</summary>
    /// <param name="loader">Finds exports.</param>
    /// <param name="handle">The loaded library.</param>
    /// <param name="library">What messages call it.</param>
    public static EntryPoints Resolve<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods)] TSeam>(ILibraryLoader loader, nint handle, string library)
    {
        var entries = new EntryPoints(library);
        foreach ((string member, EntryPointAttribute export) in Of<TSeam>())
        {
            nint address = loader.Export(handle, export.Name);
            entries._addresses[member] = address;
            if (address == 0 && export.Required)
            {
                entries.Missing.Add(export.Name);
            }
        }

        return entries;
    }

    /// <summary>Refuses a library that lacks a required function.</summary>
    /// <exception cref="DeviceException">It does; the message names what is missing.</exception>
    public void ThrowIfIncomplete()
    {
        if (Missing.Count > 0)
        {
            throw new DeviceException($"{_library} has no {string.Join(", ", Missing)}; install a newer version");
        }
    }
}
