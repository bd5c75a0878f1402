// The end of a residual block in one: batch normalisation, the residual, ReLU, and AdaShare's gates (Sun et al., NeurIPS 2020).
//
//   z = BN(x), f = ReLU(r + z);  without gates y = f, with gates y = p_select f + p_skip r for each stream
//   dz = sum over streams of dy p_select where open, dr = dz + sum of dy p_skip (without gates dr = dz), dp_select = sum(dy f), dp_skip = sum(dy r);
//   then dx, dgamma, dbeta as in batch_norm.cu
//
// Without gates ReLU was open where y is positive, with gates where r + z is, computed again from x with the forward pass's rounding.
// Bytes an element: forward 12, or 8 + 4 S where S streams share the input; backward 12 + 20 without gates, 12 + 20 with gates of its own, and where
// streams share 8 + 4 S (a launch for each four of them) + 16 + 4 S.
//
// Statistics: batch_norm_statistics, batch_norm_finalize, batch_norm_update_running and batch_norm_inverse_std of batch_norm.cu.
// Backward: one of the two sums kernels (where the input's gradient needs tables, or gamma, beta or the gates want theirs), batch_norm_backward_finalize,
// gated_residual_gates of gate.cu, batch_norm_residual_backward_apply.
//
// Segments: the batch is cut so that a segment belongs to one group of statistics and one stream. With G groups, S streams (1 without gates):
//   streams share the input: segments = G, segments_per_group = 1
//   otherwise:               segments = the least common multiple of G and S; segments_per_group = segments / G, segments_per_stream = segments / S
// All launches are CHANNELS with segments for groups and rows = rows a segment.
#include "batch_norm.cuh"
#include "element.cuh"

template<int N>
__device__ __forceinline__ void apply(
    const Element* input, const Element* residual, const float* gates, const float* means, const float* inverse_stds, const float* gamma, const float* beta,
    u32 segments_per_group, u32 segments_per_stream, u32 sharing, u32 rows, u32 channels, Element* output)
{
    u32 first = (blockIdx.y * blockDim.x + threadIdx.x) * N;
    if (first >= channels)
    {
        return;
    }

    Normalization<N> n = normalization<N>(means, inverse_stds, gamma, beta, blockIdx.z / segments_per_group, channels, first);
    size_t start = (size_t)blockIdx.z * rows * channels + first, elements = (size_t)gridDim.z * rows * channels;
    u32 stream = sharing > 0 ? 0 : blockIdx.z / segments_per_stream, streams = sharing > 0 ? sharing : 1;
    for (u32 row = blockIdx.x * blockDim.y + threadIdx.y; row < rows; row += gridDim.x * blockDim.y)
    {
        size_t at = start + (size_t)row * channels;
        Pack<N> f = load<N>(input + at), r = load<N>(residual + at);
#pragma unroll
        for (int j = 0; j < N; j++)
        {
            f.at[j] = relu(__fadd_rn(r.at[j], normalized(n, f.at[j], j)));
        }

        if (gates == nullptr)
        {
            store(output + at, f);
            continue;
        }

        for (u32 s = 0; s < streams; s++)
        {
            float select = gates[2 * (stream + s)], skip = gates[2 * (stream + s) + 1];
            Pack<N> y;
#pragma unroll
            for (int j = 0; j < N; j++)
            {
                y.at[j] = select * f.at[j] + skip * r.at[j];
            }

            store(output + s * elements + at, y);
        }
    }
}

// gates: [streams, 2] or null. sharing: the number of streams that share the input, 0 where none do. Launch: CHANNELS (maps).
KERNEL batch_norm_residual_apply(
    const Element* input, const Element* residual, const float* gates, const float* means, const float* inverse_stds, const float* gamma, const float* beta,
    u32 segments_per_group, u32 segments_per_stream, u32 sharing, u32 rows, u32 channels, int width, Element* output)
{
    if (width == 4)
    {
        apply<4>(input, residual, gates, means, inverse_stds, gamma, beta, segments_per_group, segments_per_stream, sharing, rows, channels, output);
    }
    else
    {
        apply<1>(input, residual, gates, means, inverse_stds, gamma, beta, segments_per_group, segments_per_stream, sharing, rows, channels, output);
    }
}

// Streams that a launch of the shared sums handles at once.
#define STREAMS 4

// What the two sums kernels read.
struct Sources
{
    const Element *input, *residual, *output, *grad_output;
    const float* gates;
};

// Writes sums[2 S] of a block to targets[s * stride], for the streams that are there.
template<int S> __device__ __forceinline__ void store_gate_partials(double (&sums)[2 * S], double* scratch, u32 streams, double* target, size_t stride)
{
    u32 thread = threadIdx.y * blockDim.x + threadIdx.x;

    // The scratch still holds the sums of the channels.
    __syncthreads();
#pragma unroll
    for (int i = 0; i < 2 * S; i++)
    {
        scratch[i * THREADS + thread] = sums[i];
    }

    tree_sum<2 * S>(scratch, 0, thread, blockDim.x * blockDim.y, 1);
    if (thread == 0)
    {
#pragma unroll
        for (int s = 0; s < S; s++)
        {
            if (s < streams)
            {
                target[s * stride] = scratch[2 * s * THREADS];
                target[s * stride + 1] = scratch[(2 * s + 1) * THREADS];
            }
        }
    }
}

// The sums over a block for `streams` streams from `stream` on, at most S: of dz and dz (x - mean) for each channel, and of the gates' gradients.
template<int N, int S>
__device__ __forceinline__ void backward_sums(
    const Sources& source, const Normalization<N>& n, u32 first, u32 stream, u32 streams, u32 rows, u32 channels, double (&sums)[2 * N], double (&gate_sums)[2 * S])
{
    if (first >= channels)
    {
        return;
    }

    float select[S];
#pragma unroll
    for (int s = 0; s < S; s++)
    {
        select[s] = source.gates != nullptr && s < streams ? source.gates[2 * (stream + s)] : 1;
    }

    size_t start = (size_t)blockIdx.z * rows * channels + first, elements = (size_t)gridDim.z * rows * channels;
    u32 step = gridDim.x * blockDim.y;
    for (u32 row = blockIdx.x * blockDim.y + threadIdx.y; row < rows;)
    {
        float gradients[N] = {}, products[N] = {};
        for (int run = 0; run < RUN && row < rows; run++, row += step)
        {
            size_t at = start + (size_t)row * channels;
            Pack<N> x = load<N>(source.input + at), r = zeros<N>(), sum, dz = zeros<N>();
            if (source.gates != nullptr)
            {
                r = load<N>(source.residual + at);
#pragma unroll
                for (int j = 0; j < N; j++)
                {
                    sum.at[j] = __fadd_rn(r.at[j], normalized(n, x.at[j], j));
                }
            }
            else
            {
                sum = load<N>(source.output + at);
            }

#pragma unroll
            for (int s = 0; s < S; s++)
            {
                if (s < streams)
                {
                    // Where S is 1 the output is as large as the input, and the stream lies where its segment does.
                    Pack<N> dy = load<N>(source.grad_output + (S == 1 ? 0 : (stream + s) * elements) + at);
                    float selected = 0, skipped = 0;
#pragma unroll
                    for (int j = 0; j < N; j++)
                    {
                        float through = sum.at[j] > 0 ? dy.at[j] : 0;
                        dz.at[j] += through * select[s];
                        selected += through * sum.at[j];
                        skipped += dy.at[j] * r.at[j];
                    }

                    gate_sums[2 * s] += selected;
                    gate_sums[2 * s + 1] += skipped;
                }
            }

#pragma unroll
            for (int j = 0; j < N; j++)
            {
                gradients[j] += dz.at[j];
                products[j] += dz.at[j] * deviation(n, x.at[j], j);
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

template<int N>
__device__ __forceinline__ void own_sums(
    const Sources& source, const float* means, const float* inverse_stds, const float* gamma, const float* beta, u32 segments_per_group, u32 segments_per_stream,
    u32 rows, u32 channels, double* partials, double* gate_partials, double* scratch)
{
    u32 first = (blockIdx.y * blockDim.x + threadIdx.x) * N;
    double sums[2 * N] = {}, gate_sums[2] = {};
    Normalization<N> n = {};
    if (first < channels)
    {
        n = normalization<N>(means, inverse_stds, gamma, beta, blockIdx.z / segments_per_group, channels, first);
    }

    backward_sums<N, 1>(source, n, first, blockIdx.z / segments_per_stream, 1, rows, channels, sums, gate_sums);
    store_partials<N, 2>(sums, scratch, first, channels, partials, chunk_slot());
    if (gate_partials != nullptr)
    {
        store_gate_partials<1>(gate_sums, scratch, 1, gate_partials + (((size_t)blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x) * 2, 0);
    }
}

// Sums where every stream has its own input, or where there are no gates. residual is null where there are no gates, output where there are.
// Launch: CHANNELS (sums). partials: segments * chunks * 2 * channels doubles, read by batch_norm_backward_finalize with segments_per_group * chunks chunks a
// group. gate_partials: null, or segments * tiles * chunks * 2 doubles, read by gated_residual_gates with segments_per_stream * tiles * chunks chunks.
KERNEL batch_norm_residual_backward_sums(
    const Element* input, const Element* residual, const float* gates, const Element* output, const Element* grad_output, const float* means, const float* inverse_stds,
    const float* gamma, const float* beta, u32 segments_per_group, u32 segments_per_stream, u32 rows, u32 channels, int width, double* partials,
    double* gate_partials)
{
    __shared__ double scratch[8 * THREADS];
    Sources source = {input, residual, output, grad_output, gates};
    if (width == 4)
    {
        own_sums<4>(source, means, inverse_stds, gamma, beta, segments_per_group, segments_per_stream, rows, channels, partials, gate_partials, scratch);
    }
    else
    {
        own_sums<1>(source, means, inverse_stds, gamma, beta, segments_per_group, segments_per_stream, rows, channels, partials, gate_partials, scratch);
    }
}

template<int N>
__device__ __forceinline__ void shared_sums(
    const Sources& source, const float* means, const float* inverse_stds, const float* gamma, const float* beta, u32 stream, u32 streams, u32 rows, u32 channels,
    u32 launch, u32 launches, double* partials, double* gate_partials, double* scratch)
{
    u32 first = (blockIdx.y * blockDim.x + threadIdx.x) * N;
    double sums[2 * N] = {}, gate_sums[2 * STREAMS] = {};
    Normalization<N> n = {};
    if (first < channels)
    {
        n = normalization<N>(means, inverse_stds, gamma, beta, blockIdx.z, channels, first);
    }

    backward_sums<N, STREAMS>(source, n, first, stream, streams, rows, channels, sums, gate_sums);
    size_t slot = ((size_t)blockIdx.z * launches + launch) * gridDim.x + blockIdx.x;
    store_partials<N, 2>(sums, scratch, first, channels, partials, slot);
    if (gate_partials != nullptr)
    {
        size_t parts = (size_t)gridDim.z * gridDim.y * gridDim.x, part = ((size_t)blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
        store_gate_partials<STREAMS>(gate_sums, scratch, streams, gate_partials + (stream * parts + part) * 2, parts * 2);
    }
}

// Sums where streams share the input: streams stream … stream + streams - 1, at most 4. Launch `launch` of `launches` = ceil(S / 4) does four of them.
// Launch: CHANNELS (sums). partials: segments * launches * chunks * 2 * channels doubles, read by batch_norm_backward_finalize with launches * chunks chunks a
// group. gate_partials: null, or S * segments * tiles * chunks * 2 doubles, read by gated_residual_gates with segments * tiles * chunks chunks.
KERNEL batch_norm_residual_backward_sums_shared(
    const Element* input, const Element* residual, const float* gates, const Element* grad_output, const float* means, const float* inverse_stds, const float* gamma,
    const float* beta, u32 stream, u32 streams, u32 launch, u32 launches, u32 rows, u32 channels, int width, double* partials, double* gate_partials)
{
    __shared__ double scratch[8 * THREADS];
    Sources source = {input, residual, nullptr, grad_output, gates};
    if (width == 4)
    {
        shared_sums<4>(source, means, inverse_stds, gamma, beta, stream, streams, rows, channels, launch, launches, partials, gate_partials, scratch);
    }
    else
    {
        shared_sums<1>(source, means, inverse_stds, gamma, beta, stream, streams, rows, channels, launch, launches, partials, gate_partials, scratch);
    }
}

// Where the two large gradients go; null where nobody wants them.
struct Targets
{
    Element *input, *residual;
    bool accumulate_input, accumulate_residual;
};

template<int N>
__device__ __forceinline__ void backward_apply(
    const Sources& source, const float* means, const float* inverse_stds, const float* gamma, const float* beta, const float* tables, u32 segments_per_group,
    u32 segments_per_stream, u32 sharing, u32 rows, u32 channels, const Targets& targets)
{
    u32 first = (blockIdx.y * blockDim.x + threadIdx.x) * N;
    if (first >= channels)
    {
        return;
    }

    u32 group = blockIdx.z / segments_per_group;
    Normalization<N> n = normalization<N>(means, inverse_stds, gamma, beta, group, channels, first);
    Corrections<N> corrections = load_corrections<N>(tables, group, channels, first);
    size_t start = (size_t)blockIdx.z * rows * channels + first, elements = (size_t)gridDim.z * rows * channels;
    u32 stream = sharing > 0 ? 0 : blockIdx.z / segments_per_stream, streams = sharing > 0 ? sharing : 1;
    for (u32 row = blockIdx.x * blockDim.y + threadIdx.y; row < rows; row += gridDim.x * blockDim.y)
    {
        size_t at = start + (size_t)row * channels;
        Pack<N> x = load<N>(source.input + at), sum, dz = zeros<N>(), dr = zeros<N>();
        if (source.gates != nullptr)
        {
            sum = load<N>(source.residual + at);
#pragma unroll
            for (int j = 0; j < N; j++)
            {
                sum.at[j] = __fadd_rn(sum.at[j], normalized(n, x.at[j], j));
            }
        }
        else
        {
            sum = load<N>(source.output + at);
        }

        for (u32 s = 0; s < streams; s++)
        {
            float select = source.gates != nullptr ? source.gates[2 * (stream + s)] : 1, skip = source.gates != nullptr ? source.gates[2 * (stream + s) + 1] : 0;
            Pack<N> dy = load<N>(source.grad_output + s * elements + at);
#pragma unroll
            for (int j = 0; j < N; j++)
            {
                float through = (sum.at[j] > 0 ? dy.at[j] : 0) * select;
                dz.at[j] += through;
                dr.at[j] += through + dy.at[j] * skip;
            }
        }

        // The targets may be one tensor: then the residual's gradient joins what was just written. That of the residual may be the output's gradient itself.
        if (targets.input != nullptr)
        {
            store(targets.input + at, input_gradient(n, corrections, x, dz), targets.accumulate_input);
        }

        if (targets.residual != nullptr)
        {
            store(targets.residual + at, dr, targets.accumulate_residual);
        }
    }
}

// Gradients of input and residual. residual is null where there are no gates, output where there are, tables where the statistics were constants. sharing: the
// number of streams that share the input, 0 where none do. Launch: CHANNELS (maps); tables must be 16-byte aligned for width 4.
KERNEL_OF_MANY_REGISTERS batch_norm_residual_backward_apply(
    const Element* input, const Element* residual, const float* gates, const Element* output, const Element* grad_output, const float* means, const float* inverse_stds,
    const float* gamma, const float* beta, const float* tables, u32 segments_per_group, u32 segments_per_stream, u32 sharing, u32 rows, u32 channels, int width,
    Element* grad_input, int accumulate_input, Element* grad_residual, int accumulate_residual)
{
    Sources source = {input, residual, output, grad_output, gates};
    Targets targets = {grad_input, grad_residual, accumulate_input != 0, accumulate_residual != 0};
    if (width == 4)
    {
        backward_apply<4>(
            source, means, inverse_stds, gamma, beta, tables, segments_per_group, segments_per_stream, sharing, rows, channels, targets);
    }
    else
    {
        backward_apply<1>(
            source, means, inverse_stds, gamma, beta, tables, segments_per_group, segments_per_stream, sharing, rows, channels, targets);
    }
}
