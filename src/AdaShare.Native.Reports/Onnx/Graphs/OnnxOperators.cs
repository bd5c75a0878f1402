namespace AdaShare.Native.Reports.Onnx.Graphs;

/// <summary>Names of operators that more than one place speaks of.</summary>
internal static class OnnxOperators
{
    /// <summary>The version of the operators' definitions; with it <see cref="IrVersion"/>, which runtimes since 2022 read.</summary>
    public const int Opset = 17;

    /// <summary>The version of the file's form that belongs to it (ONNX's <c>Versioning.md</c>).</summary>
    public const int IrVersion = 8;

    /// <summary>No operator of ONNX: a factor and a summand for each channel, until it is folded or written out.</summary>
    public const string ChannelMap = "ChannelMap";

    /// <summary>A convolution.</summary>
    public const string Conv = "Conv";

    /// <summary>A product.</summary>
    public const string Mul = "Mul";

    /// <summary>A sum.</summary>
    public const string Add = "Add";
}
