namespace AdaShare.Native.Engine.Backends;

/// <summary>The part of a computation that a backend's work belongs to, for those who time or count it.</summary>
/// <param name="Name">The part's name, or null outside of all parts.</param>
/// <param name="IsRecomputed">Whether the work is done a second time, see <see cref="Autograd.Step.Recompute"/>.</param>
public readonly record struct Section(string? Name, bool IsRecomputed = false)
{
    /// <summary>The part in which optimisers move parameters, during a backward pass or after it.</summary>
    public const string Optimizer = "optimiser";
}

/// <summary>The time during which a backend's work belongs to a section; its end goes back to the section before.</summary>
public readonly struct SectionScope : IDisposable
{
    private readonly Backend _backend;
    private readonly Section _before;

    internal SectionScope(Backend backend, Section section)
    {
        _backend = backend;
        _before = backend.Section;
        backend.Section = section;
    }

    /// <inheritdoc/>
    public void Dispose() => _backend.Section = _before;
}
