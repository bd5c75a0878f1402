namespace AdaShare.Native.Campaigns.Mutation;

/// <summary>Changes an input a little.</summary>
public interface IMutator
{
    /// <summary>A changed copy.</summary>
    /// <param name="random">The only source of chance.</param>
    /// <param name="input">The input; it stays as it is.</param>
    /// <param name="other">Another input of the same kind, from which parts may come.</param>
    byte[] Mutate(Random random, byte[] input, byte[] other);
}

/// <summary>One to four changes of two kinds in a row: mostly such as keep the form, some such as break it.</summary>
/// <param name="structured">Keeps the form.</param>
/// <param name="raw">Breaks it.</param>
public sealed class MixedMutator(IMutator structured, IMutator raw) : IMutator
{
    /// <summary>The longest input; what grows beyond it is cut.</summary>
    public const int MaxLength = 1 << 16;

    /// <inheritdoc/>
    public byte[] Mutate(Random random, byte[] input, byte[] other)
    {
        ArgumentNullException.ThrowIfNull(random);
        byte[] changed = input;
        int changes = random.Next(2) == 0 ? 1 : 2 + random.Next(3);
        for (int left = changes; left > 0; left--)
        {
            changed = (random.Next(10) < 7 ? structured : raw).Mutate(random, changed, other);
        }

        return changed.Length <= MaxLength ? changed : changed[..MaxLength];
    }
}
