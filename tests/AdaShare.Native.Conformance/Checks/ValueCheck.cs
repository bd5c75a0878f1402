using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Checks;

/// <summary>Holds the ops on the reference backend against the catalogue's definitions on plain arrays.</summary>
public static class ValueCheck
{
    private const double Tolerance = 1e-12;

    /// <summary>What differs from the definition; empty if nothing does.</summary>
    public static IReadOnlyList<string> Run(OpCase opCase)
    {
        using var backend = new ReferenceBackend();
        HostArray[] actual = CaseRun.WithWatchedInputs(opCase, backend, DType.Float64).Outputs;
        HostArray[] expected = opCase.Definition(opCase.Generate());
        return actual.Length == expected.Length
            ? [.. actual.SelectMany((output, i) => Comparison.Differences($"output {i}", output, expected[i], Tolerance))]
            : [$"the op gave {actual.Length} outputs, its definition {expected.Length}"];
    }
}
