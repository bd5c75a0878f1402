namespace AdaShare.Native.CudaSimulation.Driver;

/// <summary>What the handles stand for. A handle is never given out twice.</summary>
internal sealed class HandleTable
{
    private readonly Dictionary<nint, object> _objects = [];
    private nint _next = 0x10000;

    public nint Add(object value)
    {
        nint handle = _next += 16;
        _objects[handle] = value;
        return handle;
    }

    /// <summary>The next handle that <see cref="Add"/> gives.</summary>
    public nint Next => _next + 16;

    public T? Get<T>(nint handle) where T : class => _objects.TryGetValue(handle, out object? value) ? value as T : null;

    public void Remove(nint handle) => _objects.Remove(handle);

    public IReadOnlyList<T> All<T>() => [.. _objects.Values.OfType<T>()];
}
