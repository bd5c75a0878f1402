using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Backends;

/// <summary>2-D cross-correlation over [N, H, W, C] with filters in the backend's layout.</summary>
public interface IConvolutionKernels
{
    /// <summary>output = input * filter + bias; output is [N, OH, OW, OC], bias [OC] or null.</summary>
    void Forward(in Conv2dGeometry geometry, Tensor input, Tensor filter, Tensor? bias, Tensor output);

    /// <summary>The gradient with respect to the input.</summary>
    void BackwardInput(in Conv2dGeometry geometry, Tensor gradOutput, Tensor filter, Tensor gradInput, bool accumulate);

    /// <summary>The gradient with respect to the filter.</summary>
    void BackwardFilter(in Conv2dGeometry geometry, Tensor input, Tensor gradOutput, Tensor gradFilter, bool accumulate);
}
