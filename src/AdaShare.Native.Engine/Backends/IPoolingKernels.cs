using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Backends;

/// <summary>Pooling over [N, H, W, C].</summary>
public interface IPoolingKernels
{
    /// <summary>The maximum of each window, padding left out.</summary>
    /// <param name="geometry">The windows.</param>
    /// <param name="input">[N, H, W, C].</param>
    /// <param name="output">[N, OH, OW, C].</param>
    /// <param name="indices">Int32 [N, OH, OW, C] or null: receives y * W + x of the first maximum in row-major order.</param>
    void Max(in PoolGeometry geometry, Tensor input, Tensor output, Tensor? indices);

    /// <summary>Sends each output's gradient to the pixel that <paramref name="indices"/> names.</summary>
    void MaxBackward(in PoolGeometry geometry, Tensor indices, Tensor gradOutput, Tensor gradInput, bool accumulate);

    /// <summary>The k largest of each row's pixels, channel by channel, in the order in which they stand; see <see cref="PoolingOps.KMaxPool"/>.</summary>
    /// <param name="input">[N, H, W, C].</param>
    /// <param name="output">[N, H, k, C], k 1 to W.</param>
    /// <param name="indices">Int32 [N, H, k, C] or null: receives the column x of each.</param>
    void KMax(Tensor input, Tensor output, Tensor? indices);

    /// <summary>Sends each output's gradient to the column that <paramref name="indices"/> names, and 0 to the others. Columns rise along k, as <see cref="KMax"/> leaves them.</summary>
    void KMaxBackward(Tensor indices, Tensor gradOutput, Tensor gradInput, bool accumulate);

    /// <summary>The mean of each window; in ceil mode a window's part beyond the padded input counts neither in the sum nor in the divisor.</summary>
    void Average(in PoolGeometry geometry, Tensor input, Tensor output);

    /// <summary>The gradient of <see cref="Average"/>.</summary>
    void AverageBackward(in PoolGeometry geometry, Tensor gradOutput, Tensor gradInput, bool accumulate);
}
