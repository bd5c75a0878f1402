// Batch normalisation (Ioffe and Szegedy, ICML 2015) over [groups, rows, channels], each group along the batch with statistics of its own.
//
//   forward   y = gamma (x - mean) / sqrt(variance + epsilon) + beta, then ReLU if asked
//   backward  dx = gamma s (dy - mean(dy) - xhat mean(dy xhat)), xhat = (x - mean) s, s = 1 / sqrt(variance + epsilon); dy is 0 where ReLU closed
//             dgamma = sum(dy xhat), dbeta = sum(dy)
//
// Bytes an element: forward 4 (statistics) + 8 (apply); backward 8 or 12 with ReLU (sums) + 12 or 16 (apply), 4 more to accumulate.
// Statistics are sums of differences from the group's first row, which loses nothing where the mean is far above the deviation.
//
// Launch order, training:  batch_norm_statistics, batch_norm_finalize, [batch_norm_update_running], batch_norm_apply
// Launch order, inference: batch_norm_inference_coefficients, batch_norm_apply with groups = 1
// Launch order, backward:  [batch_norm_backward_sums], batch_norm_backward_finalize, [batch_norm_backward_apply]
#include "reduce.cuh"

// x = mean + deviation in tables of single precision: [groups, 3, channels] of mean, scale, shift, so that y = (x - mean) scale + shift.
#define FORWARD_TABLES 3
// [groups, 4, channels] of mean, a, b, c, so that dx = a dy + b (x - mean) + c.
#define BACKWARD_TABLES 4

template<int N> __device__ __forceinline__ void statistics(const float* input, u32 rows, u32 channels, double* partials, double* scratch)
{
    u32 first = (blockIdx.y * blockDim.x + threadIdx.x) * N;
    double sums[2 * N] = {};
    if (first < channels)
    {
        const float* x = input + (size_t)blockIdx.z * rows * channels + first;
        Pack<N> pivot = load<N>(x);
        u32 step = gridDim.x * blockDim.y;
        for (u32 row = blockIdx.x * blockDim.y + threadIdx.y; row < rows;)
        {
            float sum[N] = {}, squares[N] = {};
#pragma unroll 4
            for (int run = 0; run < RUN && row < rows; run++, row += step)
            {
                Pack<N> v = load<N>(x + (size_t)row * channels);
#pragma unroll
                for (int j = 0; j < N; j++)
                {
                    float difference = v.at[j] - pivot.at[j];
                    sum[j] += difference;
                    squares[j] += difference * difference;
                }
            }

#pragma unroll
            for (int j = 0; j < N; j++)
            {
                sums[j] += sum[j];
                sums[N + j] += squares[j];
            }
        }
    }

    store_partials<N, 2>(sums, scratch, first, channels, partials);
}

// Sums for the mean and the variance of each group and channel.
// Launch: CHANNELS (sums). partials: groups * chunks * 2 * channels doubles, read by batch_norm_finalize.
KERNEL batch_norm_statistics(const float* input, u32 rows, u32 channels, int width, double* partials)
{
    __shared__ double scratch[8 * THREADS];
    if (width == 4)
    {
        statistics<4>(input, rows, channels, partials, scratch);
    }
    else
    {
        statistics<1>(input, rows, channels, partials, scratch);
    }
}

// Turns the sums into statistics and tables. chunks is the x of the grid of batch_norm_statistics.
// Launch: block (32, 8), grid (ceil(channels / 32), groups).
// saved_mean, saved_inverse_std: [groups, channels]. statistics: groups * 2 * channels doubles, mean and unbiased variance, read by
// batch_norm_update_running. tables: groups * 3 * channels floats, read by batch_norm_apply.
KERNEL batch_norm_finalize(
    const float* input, const double* partials, u32 chunks, u32 rows, u32 channels, const float* gamma, const float* beta, double epsilon,
    float* saved_mean, float* saved_inverse_std, double* statistics, float* tables)
{
    __shared__ double scratch[2 * THREADS];
    u32 channel = blockIdx.x * WARP + threadIdx.x, group = blockIdx.y;
    double sums[2];
    load_partials<2>(partials, group, chunks, channel, channels, scratch, sums);
    if (threadIdx.y != 0 || channel >= channels)
    {
        return;
    }

    double offset = sums[0] / rows;
    double mean = input[(size_t)group * rows * channels + channel] + offset;
    double variance = fmax(sums[1] / rows - offset * offset, 0.0);
    double inverse_std = 1 / sqrt(variance + epsilon);
    size_t at = (size_t)group * channels + channel;
    saved_mean[at] = (float)mean;
    saved_inverse_std[at] = (float)inverse_std;
    statistics[(size_t)group * 2 * channels + channel] = mean;
    statistics[((size_t)group * 2 + 1) * channels + channel] = rows > 1 ? variance * (rows / (rows - 1.0)) : variance;

    // The shift carries what the mean loses when it is rounded.
    double scale = gamma[channel] * inverse_std;
    float* table = tables + (size_t)group * FORWARD_TABLES * channels + channel;
    table[0] = (float)mean;
    table[channels] = (float)scale;
    table[2 * (size_t)channels] = (float)(beta[channel] - (mean - (float)mean) * scale);
}

// Running statistics: r = (1 - momentum) r + momentum s for each named group in order.
// The groups are bytes of `first` (updates 0 … 7, lowest byte first) and `second` (8 … 15): groups 0 … 255, at most 16 updates a launch; more updates take
// more launches. Launch: LINEAR over channels.
KERNEL batch_norm_update_running(
    const double* statistics, u32 channels, float* running_mean, float* running_variance, double momentum, u32 updates, u64 first, u64 second)
{
    each(channels, [=](u32 channel) {
        double mean = running_mean[channel], variance = running_variance[channel];
        for (u32 i = 0; i < updates; i++)
        {
            u64 names = i < 8 ? first : second;
            u32 group = (u32)(names >> (8 * (i & 7))) & 255;
            const double* statistic = statistics + (size_t)group * 2 * channels + channel;
            mean = (1 - momentum) * mean + momentum * statistic[0];
            variance = (1 - momentum) * variance + momentum * statistic[channels];
        }

        running_mean[channel] = (float)mean;
        running_variance[channel] = (float)variance;
    });
}

// Tables for batch_norm_apply from the running statistics. Launch: LINEAR over channels. tables: 3 * channels floats.
KERNEL batch_norm_inference_coefficients(
    const float* running_mean, const float* running_variance, const float* gamma, const float* beta, double epsilon, u32 channels, float* tables)
{
    each(channels, [=](u32 channel) {
        tables[channel] = running_mean[channel];
        tables[channels + channel] = (float)(gamma[channel] / sqrt(running_variance[channel] + epsilon));
        tables[2 * (size_t)channels + channel] = beta[channel];
    });
}

template<int N> __device__ __forceinline__ void apply(const float* input, u32 rows, u32 channels, const float* tables, bool with_relu, float* output)
{
    u32 first = (blockIdx.y * blockDim.x + threadIdx.x) * N;
    if (first >= channels)
    {
        return;
    }

    const float* table = tables + (size_t)blockIdx.z * FORWARD_TABLES * channels + first;
    Pack<N> mean = load<N>(table), scale = load<N>(table + channels), shift = load<N>(table + 2 * (size_t)channels);
    size_t start = (size_t)blockIdx.z * rows * channels + first;
    for (u32 row = blockIdx.x * blockDim.y + threadIdx.y; row < rows; row += gridDim.x * blockDim.y)
    {
        size_t at = start + (size_t)row * channels;
        Pack<N> v = load<N>(input + at);
#pragma unroll
        for (int j = 0; j < N; j++)
        {
            float y = (v.at[j] - mean.at[j]) * scale.at[j] + shift.at[j];
            v.at[j] = with_relu ? relu(y) : y;
        }

        store(output + at, v);
    }
}

// y = (x - mean) scale + shift, through ReLU where relu is 1. output may be input. Launch: CHANNELS (maps); tables must be 16-byte aligned for width 4.
KERNEL batch_norm_apply(const float* input, u32 rows, u32 channels, int width, const float* tables, int relu, float* output)
{
    if (width == 4)
    {
        apply<4>(input, rows, channels, tables, relu, output);
    }
    else
    {
        apply<1>(input, rows, channels, tables, relu, output);
    }
}

// The gradient before ReLU, where the forward pass applied it.
template<int N> __device__ __forceinline__ Pack<N> before_relu(const float* grad_output, const float* output, size_t at)
{
    Pack<N> gradient = load<N>(grad_output + at);
    if (output != nullptr)
    {
        Pack<N> y = load<N>(output + at);
#pragma unroll
        for (int j = 0; j < N; j++)
        {
            gradient.at[j] = y.at[j] > 0 ? gradient.at[j] : 0;
        }
    }

    return gradient;
}

template<int N>
__device__ __forceinline__ void backward_sums(
    const float* input, const float* output, const float* grad_output, const float* means, u32 rows, u32 channels, double* partials, double* scratch)
{
    u32 first = (blockIdx.y * blockDim.x + threadIdx.x) * N;
    double sums[2 * N] = {};
    if (first < channels)
    {
        Pack<N> mean = load<N>(means + (size_t)blockIdx.z * channels + first);
        size_t start = (size_t)blockIdx.z * rows * channels + first;
        u32 step = gridDim.x * blockDim.y;
        for (u32 row = blockIdx.x * blockDim.y + threadIdx.y; row < rows;)
        {
            float gradients[N] = {}, products[N] = {};
#pragma unroll 2
            for (int run = 0; run < RUN && row < rows; run++, row += step)
            {
                size_t at = start + (size_t)row * channels;
                Pack<N> x = load<N>(input + at), dy = before_relu<N>(grad_output, output, at);
#pragma unroll
                for (int j = 0; j < N; j++)
                {
                    gradients[j] += dy.at[j];
                    products[j] += dy.at[j] * (x.at[j] - mean.at[j]);
                }
            }

#pragma unroll
            for (int j = 0; j < N; j++)
            {
                sums[j] += gradients[j];
                sums[N + j] += products[j];
            }
        }
    }

    store_partials<N, 2>(sums, scratch, first, channels, partials);
}

// Sums of dy and of dy (x - mean) for each group and channel. output is null where the forward pass had no ReLU. means: saved_mean [groups, channels], or
// the running mean with groups = 1.
// Launch: CHANNELS (sums). partials: groups * chunks * 2 * channels doubles, read by batch_norm_backward_finalize.
KERNEL batch_norm_backward_sums(
    const float* input, const float* output, const float* grad_output, const float* means, u32 rows, u32 channels, int width, double* partials)
{
    __shared__ double scratch[8 * THREADS];
    if (width == 4)
    {
        backward_sums<4>(input, output, grad_output, means, rows, channels, partials, scratch);
    }
    else
    {
        backward_sums<1>(input, output, grad_output, means, rows, channels, partials, scratch);
    }
}

// Turns the sums into the gradients of scale and shift and into the tables of batch_norm_backward_apply.
// chunks is the x of the grid of batch_norm_backward_sums, or 0 where nobody wants the sums (then the three gradients' sums count as 0). training: 1 if scales
// is saved_inverse_std, 0 if it is the running variance (with groups = 1). grad_gamma, grad_beta: [channels] or null.
// Launch: block (32, 8), grid (ceil(channels / 32)). tables: groups * 4 * channels floats.
KERNEL batch_norm_backward_finalize(
    const double* partials, u32 groups, u32 chunks, u32 rows, u32 channels, const float* means, const float* scales, int training, double epsilon,
    const float* gamma, float* grad_gamma, int accumulate_gamma, float* grad_beta, int accumulate_beta, float* tables)
{
    __shared__ double scratch[2 * THREADS];
    u32 channel = blockIdx.x * WARP + threadIdx.x;
    bool writes = threadIdx.y == 0 && channel < channels;
    double total_gamma = 0, total_beta = 0;
    for (u32 group = 0; group < groups; group++)
    {
        double sums[2];
        load_partials<2>(partials, group, chunks, channel, channels, scratch, sums);
        if (writes)
        {
            size_t at = (size_t)group * channels + channel;
            double inverse_std = training ? (double)scales[at] : 1 / sqrt(scales[at] + epsilon);
            double factor = gamma[channel] * inverse_std;
            total_beta += sums[0];
            total_gamma += sums[1] * inverse_std;
            float* table = tables + (size_t)group * BACKWARD_TABLES * channels + channel;
            table[0] = means[at];
            table[channels] = (float)factor;
            table[2 * (size_t)channels] = training ? (float)(-factor * inverse_std * inverse_std * sums[1] / rows) : 0;
            table[3 * (size_t)channels] = training ? (float)(-factor * sums[0] / rows) : 0;
        }
    }

    if (writes && grad_gamma != nullptr)
    {
        grad_gamma[channel] = (float)(accumulate_gamma ? grad_gamma[channel] + total_gamma : total_gamma);
    }

    if (writes && grad_beta != nullptr)
    {
        grad_beta[channel] = (float)(accumulate_beta ? grad_beta[channel] + total_beta : total_beta);
    }
}

template<int N>
__device__ __forceinline__ void backward_apply(
    const float* input, const float* output, const float* grad_output, u32 rows, u32 channels, const float* tables, float* grad_input, bool accumulate)
{
    u32 first = (blockIdx.y * blockDim.x + threadIdx.x) * N;
    if (first >= channels)
    {
        return;
    }

    const float* table = tables + (size_t)blockIdx.z * BACKWARD_TABLES * channels + first;
    Pack<N> mean = load<N>(table), a = load<N>(table + channels), b = load<N>(table + 2 * (size_t)channels), c = load<N>(table + 3 * (size_t)channels);
    size_t start = (size_t)blockIdx.z * rows * channels + first;
    for (u32 row = blockIdx.x * blockDim.y + threadIdx.y; row < rows; row += gridDim.x * blockDim.y)
    {
        size_t at = start + (size_t)row * channels;
        Pack<N> x = load<N>(input + at), dx = before_relu<N>(grad_output, output, at);
#pragma unroll
        for (int j = 0; j < N; j++)
        {
            dx.at[j] = a.at[j] * dx.at[j] + (b.at[j] * (x.at[j] - mean.at[j]) + c.at[j]);
        }

        store(grad_input + at, dx, accumulate);
    }
}

// dx (+)= a dy + b (x - mean) + c. output is null where the forward pass had no ReLU; grad_input may be grad_output.
// Launch: CHANNELS (maps); tables must be 16-byte aligned for width 4.
KERNEL batch_norm_backward_apply(
    const float* input, const float* output, const float* grad_output, u32 rows, u32 channels, int width, const float* tables, float* grad_input, int accumulate)
{
    if (width == 4)
    {
        backward_apply<4>(input, output, grad_output, rows, channels, tables, grad_input, accumulate);
    }
    else
    {
        backward_apply<1>(input, output, grad_output, rows, channels, tables, grad_input, accumulate);
    }
}
