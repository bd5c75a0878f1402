namespace AdaShare.Native.KernelCompiler;

/// <summary>What becomes one module: a source, and what is defined while it is compiled.</summary>
/// <param name="Module">The module's name, under which the launcher finds it.</param>
/// <param name="Source">The source's file name.</param>
/// <param name="Options">The compiler's options beside those of every module.</param>
public sealed record KernelUnit(string Module, string Source, IReadOnlyList<string> Options)
{
    // kernels/element.cuh says what it means to include it.
    private const string ElementHeader = "element.cuh";
    private const string Bfloat16Module = ".bfloat16";
    private const string Bfloat16Option = "--define-macro=BFLOAT16_ELEMENTS";

    /// <summary>The modules of a source: one of its own name, and one for bfloat16 where the type of the elements is left open.</summary>
    public static IEnumerable<KernelUnit> Of(KernelFolder folder, string source)
    {
        string name = Path.GetFileNameWithoutExtension(source);
        yield return new KernelUnit(name, source, []);
        if (folder.HeadersOf(source).ContainsKey(ElementHeader))
        {
            yield return new KernelUnit(name + Bfloat16Module, source, [Bfloat16Option]);
        }
    }
}
