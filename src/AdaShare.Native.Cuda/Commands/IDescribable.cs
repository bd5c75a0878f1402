namespace AdaShare.Native.Cuda.Commands;

/// <summary>Something that can say what it was about, if that is ever asked: the text of an error is made when there is one.</summary>
internal interface IDescribable
{
    /// <summary>The op, and shapes where there are any.</summary>
    string Describe();
}

/// <summary>A fixed text.</summary>
internal sealed class Description(string text) : IDescribable
{
    /// <inheritdoc/>
    public string Describe() => text;
}
