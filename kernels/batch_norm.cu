// Batch normalisation (Ioffe and Szegedy, ICML 2015) over [groups, rows, channels], each group along the batch with statistics of its own.
//
//   forward   y = gamma (x - mean) s + beta, s = 1 / sqrt(variance + epsilon), then ReLU if asked
//   backward  dx = gamma s (dy - mean(dy) - xhat mean(dy xhat)), xhat = (x - mean) s; dy is 0 where ReLU closed, which is computed again from x
//             dgamma = sum(dy xhat), dbeta = sum(dy)
//
// Bytes an element: forward 4 (statistics) + 8 (apply); backward 8 (sums) + 12 (apply), 4 more to accumulate.
// Statistics are sums of differences from the group's first row, which loses nothing where the mean is far above the deviation.
//
// Launch order, training:  batch_norm_statistics, batch_norm_finalize, [batch_norm_update_running], batch_norm_apply
// Launch order, inference: batch_norm_inverse_std, batch_norm_apply with groups = 1, means = running_mean
// Launch order, backward:  [batch_norm_inverse_std], [batch_norm_backward_sums, batch_norm_backward_finalize], [batch_norm_backward_apply];
//                          with constant statistics the sums are needed for the gradients of gamma and beta only, and there are no tables
#include "batch_norm.cuh"
#include "element.cuh"

template<int N> __device__ __forceinline__ void statistics(const Element* input, u32 rows, u32 channels, double* partials, double* scratch)
{
    u32 first = (blockIdx.y * blockDim.x + threadIdx.x) * N;
    double sums[2 * N] = {};
    if (first < channels)
    {
        const Element* x = input + (size_t)blockIdx.z * rows * channels + first;
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

    store_partials<N, 2>(sums, scratch, first, channels, partials, chunk_slot());
}

// Sums for the mean and the variance of each group and channel.
// Launch: CHANNELS (sums). partials: groups * chunks * 2 * channels doubles, read by batch_norm_finalize.
KERNEL batch_norm_statistics(const Element* input, u32 rows, u32 channels, int width, double* partials)
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

// Turns the sums into statistics. chunks is the x of the grid of batch_norm_statistics.
// Launch: block (32, 8), grid (ceil(channels / 32), groups).
// saved_mean, saved_inverse_std: [groups, channels]. statistics: null, or groups * 2 * channels doubles, mean and unbiased variance, read by
// batch_norm_update_running.
KERNEL batch_norm_finalize(
    const Element* input, const double* partials, u32 chunks, u32 rows, u32 channels, double epsilon, float* saved_mean, float* saved_inverse_std, double* statistics)
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
    double mean = read(input + (size_t)group * rows * channels + channel) + offset;
    double variance = fmax(sums[1] / rows - offset * offset, 0.0);
    saved_mean[(size_t)group * channels + channel] = (float)mean;
    saved_inverse_std[(size_t)group * channels + channel] = (float)(1 / sqrt(variance + epsilon));
    if (statistics != nullptr)
    {
        double* statistic = statistics + (size_t)group * 2 * channels + channel;
        statistic[0] = mean;
        statistic[channels] = rows > 1 ? variance * (rows / (rows - 1.0)) : variance;
    }
}

#ifndef BFLOAT16_ELEMENTS
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

// inverse_std = 1 / sqrt(running variance + epsilon). Launch: LINEAR over channels.
KERNEL batch_norm_inverse_std(const float* running_variance, double epsilon, float* inverse_std, u32 channels)
{
    each(channels, [=](u32 channel) { inverse_std[channel] = (float)(1 / sqrt(running_variance[channel] + epsilon)); });
}
#endif

template<int N>
__device__ __forceinline__ void apply(
    const Element* input, const float* means, const float* inverse_stds, const float* gamma, const float* beta, u32 rows, u32 channels, bool with_relu, Element* output)
{
    u32 first = (blockIdx.y * blockDim.x + threadIdx.x) * N;
    if (first >= channels)
    {
        return;
    }

    Normalization<N> n = normalization<N>(means, inverse_stds, gamma, beta, blockIdx.z, channels, first);
    size_t start = (size_t)blockIdx.z * rows * channels + first;
    for (u32 row = blockIdx.x * blockDim.y + threadIdx.y; row < rows; row += gridDim.x * blockDim.y)
    {
        size_t at = start + (size_t)row * channels;
        Pack<N> v = load<N>(input + at);
#pragma unroll
        for (int j = 0; j < N; j++)
        {
            float y = normalized(n, v.at[j], j);
            v.at[j] = with_relu ? relu(y) : y;
        }

        store(output + at, v);
    }
}

// y = gamma (x - mean) inverse_std + beta, through ReLU where relu is 1. means, inverse_stds: [groups, channels]. output may be input.
// Launch: CHANNELS (maps).
KERNEL batch_norm_apply(
    const Element* input, const float* means, const float* inverse_stds, const float* gamma, const float* beta, u32 rows, u32 channels, int width, int relu,
    Element* output)
{
    if (width == 4)
    {
        apply<4>(input, means, inverse_stds, gamma, beta, rows, channels, relu, output);
    }
    else
    {
        apply<1>(input, means, inverse_stds, gamma, beta, rows, channels, relu, output);
    }
}

// The gradient before ReLU.
template<int N> __device__ __forceinline__ void close_relu(const Normalization<N>& n, const Pack<N>& x, Pack<N>& gradient)
{
#pragma unroll
    for (int j = 0; j < N; j++)
    {
        gradient.at[j] = normalized(n, x.at[j], j) > 0 ? gradient.at[j] : 0;
    }
}

template<int N>
__device__ __forceinline__ void backward_sums(
    const Element* input, const Element* grad_output, const float* means, const float* inverse_stds, const float* gamma, const float* beta, u32 rows, u32 channels,
    double* partials, double* scratch)
{
    u32 first = (blockIdx.y * blockDim.x + threadIdx.x) * N;
    double sums[2 * N] = {};
    if (first < channels)
    {
        Normalization<N> n = normalization<N>(means, inverse_stds, gamma, beta, blockIdx.z, channels, first);
        size_t start = (size_t)blockIdx.z * rows * channels + first;
        u32 step = gridDim.x * blockDim.y;
        for (u32 row = blockIdx.x * blockDim.y + threadIdx.y; row < rows;)
        {
            float gradients[N] = {}, products[N] = {};
#pragma unroll 2
            for (int run = 0; run < RUN && row < rows; run++, row += step)
            {
                size_t at = start + (size_t)row * channels;
                Pack<N> x = load<N>(input + at), dy = load<N>(grad_output + at);
                if (beta != nullptr)
                {
                    close_relu(n, x, dy);
                }

#pragma unroll
                for (int j = 0; j < N; j++)
                {
                    gradients[j] += dy.at[j];
                    products[j] += dy.at[j] * deviation(n, x.at[j], j);
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

    store_partials<N, 2>(sums, scratch, first, channels, partials, chunk_slot());
}

// Sums of dy and of dy (x - mean) for each group and channel. beta is null where the forward pass had no ReLU. means, inverse_stds: [groups, channels], saved
// or, with groups = 1, running.
// Launch: CHANNELS (sums). partials: groups * chunks * 2 * channels doubles, read by batch_norm_backward_finalize.
KERNEL batch_norm_backward_sums(
    const Element* input, const Element* grad_output, const float* means, const float* inverse_stds, const float* gamma, const float* beta, u32 rows, u32 channels,
    int width, double* partials)
{
    __shared__ double scratch[8 * THREADS];
    if (width == 4)
    {
        backward_sums<4>(input, grad_output, means, inverse_stds, gamma, beta, rows, channels, partials, scratch);
    }
    else
    {
        backward_sums<1>(input, grad_output, means, inverse_stds, gamma, beta, rows, channels, partials, scratch);
    }
}

#ifndef BFLOAT16_ELEMENTS
// Turns the sums into the gradients of scale and shift and into the tables of the apply kernels.
// chunks: partial sums a group. rows: those of a group. grad_gamma, grad_beta: [channels] or null. tables: null where the statistics were constants, else
// groups * 2 * channels floats: b and c of dx = gamma inverse_std dy + b (x - mean) + c.
// Launch: block (32, 8), grid (ceil(channels / 32)).
KERNEL batch_norm_backward_finalize(
    const double* partials, u32 groups, u32 chunks, u32 rows, u32 channels, const float* inverse_stds, const float* gamma, float* grad_gamma, int accumulate_gamma,
    float* grad_beta, int accumulate_beta, float* tables)
{
    __shared__ double scratch[2 * THREADS];
    u32 channel = blockIdx.x * WARP + threadIdx.x;
    bool writes = threadIdx.y == 0 && channel < channels;
    double total_gamma = 0, total_beta = 0;
    for (u32 group = 0; group < groups; group++)
    {
        double sums[2];
        load_partials<2>(partials, group, chunks, channel, channels, scratch, sums);
        if (!writes)
        {
            continue;
        }

        double inverse_std = inverse_stds[(size_t)group * channels + channel], factor = gamma[channel] * inverse_std;
        total_beta += sums[0];
        total_gamma += sums[1] * inverse_std;
        if (tables != nullptr)
        {
            float* table = tables + (size_t)group * 2 * channels + channel;
            table[0] = (float)(-factor * inverse_std * inverse_std * sums[1] / rows);
            table[channels] = (float)(-factor * sums[0] / rows);
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
#endif

template<int N>
__device__ __forceinline__ void backward_apply(
    const Element* input, const Element* grad_output, const float* means, const float* inverse_stds, const float* gamma, const float* beta, const float* tables,
    u32 rows, u32 channels, Element* grad_input, bool accumulate)
{
    u32 first = (blockIdx.y * blockDim.x + threadIdx.x) * N;
    if (first >= channels)
    {
        return;
    }

    Normalization<N> n = normalization<N>(means, inverse_stds, gamma, beta, blockIdx.z, channels, first);
    Corrections<N> corrections = load_corrections<N>(tables, blockIdx.z, channels, first);
    size_t start = (size_t)blockIdx.z * rows * channels + first;
    for (u32 row = blockIdx.x * blockDim.y + threadIdx.y; row < rows; row += gridDim.x * blockDim.y)
    {
        size_t at = start + (size_t)row * channels;
        Pack<N> x = load<N>(input + at), dy = load<N>(grad_output + at);
        if (beta != nullptr)
        {
            close_relu(n, x, dy);
        }

        store(grad_input + at, input_gradient(n, corrections, x, dy), accumulate);
    }
}

// dx (+)= gamma inverse_std dy + b (x - mean) + c. beta is null where the forward pass had no ReLU, tables where the statistics were constants; grad_input may
// be grad_output. Launch: CHANNELS (maps); tables must be 16-byte aligned for width 4.
KERNEL batch_norm_backward_apply(
    const Element* input, const Element* grad_output, const float* means, const float* inverse_stds, const float* gamma, const float* beta, const float* tables,
    u32 rows, u32 channels, int width, Element* grad_input, int accumulate)
{
    if (width == 4)
    {
        backward_apply<4>(input, grad_output, means, inverse_stds, gamma, beta, tables, rows, channels, grad_input, accumulate);
    }
    else
    {
        backward_apply<1>(input, grad_output, means, inverse_stds, gamma, beta, tables, rows, channels, grad_input, accumulate);
    }
}
