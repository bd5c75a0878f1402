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

    /// <summary>As <see cref="Bottleneck"/>, but to twice the width: the 3x3 has twice the channels beside the same outputs (torchvision's <c>wide_resnet50_2</c>).</summary>
    WideBottleneck,
}

/// <summary>What follows from the kind of a block.</summary>
public static class BlockKinds
{
    /// <summary>A block's output channels in multiples of its width.</summary>
    public static int Expansion(this BlockKind kind) => kind switch { BlockKind.Bottleneck => 4, BlockKind.WideBottleneck => 2, _ => 1 };

    /// <summary>Convolutions of a body.</summary>
    public static int Convolutions(this BlockKind kind) => kind == BlockKind.Basic ? 2 : 3;
}
