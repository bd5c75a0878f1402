namespace AdaShare.Native.Data.Datasets;

/// <summary>A text in host memory: a byte a character, its number in the alphabet.</summary>
public sealed class CharacterText : StoredInput
{
    /// <summary>Wraps values that are already in memory; leave them as they are from then on.</summary>
    /// <param name="characters">A number of the alphabet for each character, 1 or more.</param>
    /// <exception cref="ArgumentException">There is no character.</exception>
    public CharacterText(byte[] characters)
        : base(1, characters.Length, 1, characters)
    {
        if (characters.Length == 0)
        {
            throw new ArgumentException("text: has no characters; give at least 1", nameof(characters));
        }
    }

    internal CharacterText(int characters, IByteSource source)
        : base(1, characters, 1, source)
    {
    }

    /// <inheritdoc/>
    public override InputKind Kind => InputKind.Text;

    /// <summary>The number of each character.</summary>
    public ReadOnlySpan<byte> Characters => Bytes;
}
