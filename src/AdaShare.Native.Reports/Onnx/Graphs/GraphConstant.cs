namespace AdaShare.Native.Reports.Onnx.Graphs;

/// <summary>The elements of an initialiser: floats, or integers that say sizes and indices.</summary>
/// <param name="Dimensions">Its shape; none for a scalar.</param>
/// <param name="Floats">Elements of type float, or null.</param>
/// <param name="Integers">Elements of type int64, or null.</param>
/// <param name="Name">The name that it is to have; where several ask for one name they are numbered.</param>
internal sealed record GraphConstant(long[] Dimensions, float[]? Floats, long[]? Integers, string Name)
{
    /// <summary>A number.</summary>
    public static GraphConstant Scalar(double value, string name) => new([], [(float)value], null, name);

    /// <summary>A number for each channel of [N, C, H, W].</summary>
    public static GraphConstant OfChannels(double[] values, string name) => new([1, values.Length, 1, 1], Array.ConvertAll(values, static value => (float)value), null, name);

    /// <summary>A list of integers.</summary>
    public static GraphConstant OfIntegers(string name, params long[] values) => new([values.Length], null, values, name);

    /// <summary>Whether two have the same elements in the same shape, whatever they are called.</summary>
    public bool IsSame(GraphConstant other) => Dimensions.AsSpan().SequenceEqual(other.Dimensions)
        && (Floats is null ? other.Floats is null : other.Floats is not null && Floats.AsSpan().SequenceEqual(other.Floats))
        && (Integers is null ? other.Integers is null : other.Integers is not null && Integers.AsSpan().SequenceEqual(other.Integers));

    /// <summary>A number that is equal for constants that are the same.</summary>
    public int Fingerprint()
    {
        var hash = new HashCode();
        Array.ForEach(Dimensions, hash.Add);
        if (Floats is not null)
        {
            hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(Floats));
        }

        Array.ForEach(Integers ?? [], hash.Add);
        return hash.ToHashCode();
    }
}
