// Softmax and its logarithm over the last dimension, a warp a row.
//
//   softmax y = e^(x - max) / sum e^(x - max), dx = y (dy - sum(dy y));  logarithm y = x - max - log sum e^(x - max), dx = dy - e^y sum(dy)
// Bytes an element: forward 8 (the row's later passes are served by the first-level cache), backward 12, 4 more to accumulate.
// Launch of both: block (256), grid (min(ceil(rows / 8), 8192)). An output may be an input.
#include "reduce.cuh"

KERNEL softmax_forward(const float* input, u32 count, u32 length, int logarithm, float* output)
{
    u32 lane = threadIdx.x % WARP;
    for (u32 row = blockIdx.x * WARPS + threadIdx.x / WARP; row < count; row += gridDim.x * WARPS)
    {
        const float* x = input + (size_t)row * length;
        float* y = output + (size_t)row * length;
        float largest = -INFINITY;
        for (u32 i = lane; i < length; i += WARP)
        {
            largest = fmaxf(largest, x[i]);
        }

        largest = warp_max(largest);
        float sum = 0;
        for (u32 i = lane; i < length; i += WARP)
        {
            sum += expf(x[i] - largest);
        }

        sum = warp_sum(sum);
        float log_sum = logf(sum);
        for (u32 i = lane; i < length; i += WARP)
        {
            float difference = x[i] - largest;
            y[i] = logarithm ? difference - log_sum : expf(difference) / sum;
        }
    }
}

KERNEL softmax_backward(const float* output, const float* grad_output, u32 count, u32 length, int logarithm, float* grad_input, int accumulate)
{
    u32 lane = threadIdx.x % WARP;
    for (u32 row = blockIdx.x * WARPS + threadIdx.x / WARP; row < count; row += gridDim.x * WARPS)
    {
        size_t start = (size_t)row * length;
        const float *y = output + start, *dy = grad_output + start;
        float* dx = grad_input + start;
        float sum = 0;
        for (u32 i = lane; i < length; i += WARP)
        {
            sum += logarithm ? dy[i] : dy[i] * y[i];
        }

        sum = warp_sum(sum);
        for (u32 i = lane; i < length; i += WARP)
        {
            float gradient = logarithm ? dy[i] - expf(y[i]) * sum : y[i] * (dy[i] - sum);
            dx[i] = accumulate ? dx[i] + gradient : gradient;
        }
    }
}
