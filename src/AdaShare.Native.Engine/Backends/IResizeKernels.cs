using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Backends;

/// <summary>Resizing of [N, H, W, C] to the output's height and width.</summary>
public interface IResizeKernels
{
    /// <summary>Nearest neighbour: source = min(floor(target * (float)in / out), in - 1), computed in single precision as PyTorch does.</summary>
    void Nearest(Tensor input, Tensor output);

    /// <summary>The gradient of <see cref="Nearest"/>.</summary>
    void NearestBackward(Tensor gradOutput, Tensor gradInput, bool accumulate);

    /// <summary>
    /// Bilinear. Aligned: source = target * (in - 1) / (out - 1). Otherwise: source = max((target + 0.5) * in / out - 0.5, 0), clamped to the last pixel.
    /// </summary>
    void Bilinear(Tensor input, Tensor output, bool alignCorners);

    /// <summary>The gradient of <see cref="Bilinear"/>.</summary>
    void BilinearBackward(Tensor gradOutput, Tensor gradInput, bool alignCorners, bool accumulate);
}
