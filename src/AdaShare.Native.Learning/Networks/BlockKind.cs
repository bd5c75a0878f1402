namespace AdaShare.Native.Learning.Networks;

/// <summary>The body of a backbone's residual blocks.</summary>
public enum BlockKind
{
    /// <summary>conv 3x3, BN, ReLU, conv 3x3, BN; the stride is that of the first convolution.</summary>
    Basic,

    /// <summary>
    /// conv 1x1, BN, ReLU, conv 3x3, BN, ReLU, conv 1x1, BN to four times the width; stride and dilation are those of the 3x3, as in torchvision (He et al. 2016 and AdaShare's official code, which no published
    /// setting uses, stride in the first 1x1).
    /// </summary>
    Bottleneck,
}

/// <summary>What follows from the kind of a block.</summary>
public static class BlockKinds
{
    /// <summary>A block's output channels in multiples of its width.</summary>
    public static int Expansion(this BlockKind kind) => kind == BlockKind.Bottleneck ? 4 : 1;

    /// <summary>Convolutions of a body.</summary>
    public static int Convolutions(this BlockKind kind) => kind == BlockKind.Bottleneck ? 3 : 2;
}
