using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Scenes;

/// <summary>Reads one scene's random stream from its beginning, one number after the other.</summary>
/// <param name="stream">The scene's own stream.</param>
internal sealed class SceneRandom(RandomStream stream)
{
    private ulong _position;

    /// <summary>A uniform number in [low, high).</summary>
    public double Range(double low, double high) => low + ((high - low) * stream.UniformDouble(_position++));

    /// <summary>A uniform integer in [0, bound).</summary>
    public int Integer(int bound) => (int)(stream.UniformDouble(_position++) * bound);

    /// <summary>True with a probability.</summary>
    public bool Chance(double probability) => stream.UniformDouble(_position++) < probability;

    /// <summary>One of the given values.</summary>
    public T Pick<T>(params ReadOnlySpan<T> values) => values[Integer(values.Length)];
}
