using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Learning.Networks;

/// <summary>What a backbone does before its first residual block.</summary>
public enum StemKind
{
    /// <summary>conv 7x7 with stride 2, BN, ReLU, max pool 3x3 with stride 2 (He et al. 2016).</summary>
    Pooled,

    /// <summary>conv 3x3, BN, ReLU at the image's size, for small images (Zagoruyko and Komodakis 2016).</summary>
    Small,

    /// <summary>An embedding of characters, then a temporal convolution of 3, BN, ReLU at the text's length (Conneau et al. 2017).</summary>
    Text,
}

/// <summary>What follows from the kind of a stem.</summary>
public static class StemKinds
{
    /// <summary>What goes in.</summary>
    public static InputKind Inputs(this StemKind kind) => kind == StemKind.Text ? InputKind.Text : InputKind.Image;

    /// <summary>Pixels, or characters, of the input from one of the output to the next.</summary>
    public static int Stride(this StemKind kind) => kind == StemKind.Pooled ? 4 : 1;
}
