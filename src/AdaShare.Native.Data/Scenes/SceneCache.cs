using System.Collections.Concurrent;
using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Data.Scenes;

/// <summary>Keeps rendered scenes up to a bound of memory. Safe to use from several threads.</summary>
/// <remarks>
/// Nothing is ever dropped for something newer: epochs read the scenes in cycles, where dropping the oldest would drop each scene just before it
/// is needed again. When the cache is full, the scenes in it are fast and the others are drawn anew.
/// </remarks>
/// <param name="limit">The bound in bytes.</param>
internal sealed class SceneCache(long limit)
{
    private readonly ConcurrentDictionary<(Split Part, int Index), RenderedScene> _scenes = new();
    private long _bytes;

    /// <summary>The memory of the kept scenes in bytes.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>The kept scene, or a new one. Two threads that ask for one scene at once may both draw it; they get equal ones.</summary>
    public RenderedScene Get((Split Part, int Index) key, Func<(Split Part, int Index), RenderedScene> draw)
    {
        if (_scenes.TryGetValue(key, out RenderedScene? kept))
        {
            return kept;
        }

        RenderedScene scene = draw(key);
        if (Interlocked.Add(ref _bytes, scene.Bytes) > limit || !_scenes.TryAdd(key, scene))
        {
            Interlocked.Add(ref _bytes, -scene.Bytes);
        }

        return scene;
    }
}
