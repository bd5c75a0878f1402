namespace AdaShare.Native.Cuda.Interop;

/// <summary>The exported C function that a member of the seam stands for. Bindings resolve it by this very name, version suffix included.</summary>
/// <param name="name">For example <c>cuMemAlloc_v2</c>.</param>
/// <param name="required">Whether the backend can't work without it.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EntryPointAttribute(string name, bool required = true) : Attribute
{
    /// <summary>The exported name.</summary>
    public string Name { get; } = name;

    /// <summary>Whether a library without the function is refused.</summary>
    public bool Required { get; } = required;
}
