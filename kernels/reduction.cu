// Sums over some dimensions, and maxima of rows.
//
// Sums are float32 whatever the type of the elements. Bytes: each input element is read once; partial sums are double precision and small. What the launcher
// picks for a sum, after merging neighbouring dimensions that are all kept or all summed:
//   [outer, summed]         summed <= 1024: sum_rows. Longer: sum_chunks, then sum_partial_rows.
//   [outer, summed, inner]  summed <= 32 or outer over 65535: sum_strided. Else sum_columns, then sum_columns_finish.
//   anything else           sum_general.
#include "element.cuh"
#include "reduce.cuh"

__device__ __forceinline__ void write_sum(float* output, size_t at, double sum, double scale, bool accumulate)
{
    output[at] = (float)(accumulate ? output[at] + sum * scale : sum * scale);
}

__device__ __forceinline__ double number(const double* at) { return *at; }
__device__ __forceinline__ double number(const Element* at) { return read(at); }

template<class T> __device__ __forceinline__ void rows(const T* input, u32 count, u32 length, double scale, float* output, bool accumulate)
{
    u32 lane = threadIdx.x % WARP;
    for (u32 row = blockIdx.x * WARPS + threadIdx.x / WARP; row < count; row += gridDim.x * WARPS)
    {
        double sum = 0;
        for (u32 i = lane; i < length; i += WARP)
        {
            sum += number(input + (size_t)row * length + i);
        }

        sum = warp_sum(sum);
        if (lane == 0)
        {
            write_sum(output, row, sum, scale, accumulate);
        }
    }
}

// output[row] (+)= scale * sum of input[row, length], a warp a row. Launch: block (256), grid (min(ceil(rows / 8), 8192)).
KERNEL sum_rows(const Element* input, u32 count, u32 length, double scale, float* output, int accumulate)
{
    rows(input, count, length, scale, output, accumulate);
}

#ifndef BFLOAT16_ELEMENTS
// The same of double-precision partial sums[row, length].
KERNEL sum_partial_rows(const double* partials, u32 count, u32 length, double scale, float* output, int accumulate)
{
    rows(partials, count, length, scale, output, accumulate);
}
#endif

// partials[row, chunk] = the sum of a chunk of input[row, length], a block a chunk.
// Launch: block (256), grid (chunks, rows), chunks = min(ceil(length / 4096), 512). partials: rows * chunks doubles, read by sum_partial_rows with
// length = chunks. vector: 1 if length % 4 == 0 and input is 16-byte aligned.
KERNEL sum_chunks(const Element* input, u32 length, int vector, double* partials)
{
    __shared__ double scratch[WARPS];
    const Element* x = input + (size_t)blockIdx.y * length;
    double sums[1] = {};
    each(vector ? length / 4 : 0, length, [&](auto width, u32 i) {
        constexpr int N = decltype(width)::value;
        Pack<N> v = load<N>(x + i);
#pragma unroll
        for (int j = 0; j < N; j++)
        {
            sums[0] += v.at[j];
        }
    });

    block_sum(sums, scratch);
    if (threadIdx.x == 0)
    {
        partials[(size_t)blockIdx.y * gridDim.x + blockIdx.x] = sums[0];
    }
}

template<int N> __device__ __forceinline__ void columns(const Element* input, u32 rows, u32 channels, double* partials, double* scratch)
{
    u32 first = (blockIdx.y * blockDim.x + threadIdx.x) * N;
    double sums[N] = {};
    if (first < channels)
    {
        const Element* x = input + (size_t)blockIdx.z * rows * channels + first;
        u32 step = gridDim.x * blockDim.y;
        for (u32 row = blockIdx.x * blockDim.y + threadIdx.y; row < rows;)
        {
            float run_sums[N] = {};
#pragma unroll 4
            for (int run = 0; run < RUN && row < rows; run++, row += step)
            {
                Pack<N> v = load<N>(x + (size_t)row * channels);
#pragma unroll
                for (int j = 0; j < N; j++)
                {
                    run_sums[j] += v.at[j];
                }
            }

#pragma unroll
            for (int j = 0; j < N; j++)
            {
                sums[j] += run_sums[j];
            }
        }
    }

    store_partials<N, 1>(sums, scratch, first, channels, partials, chunk_slot());
}

// Partial sums over the rows of input[groups, rows, channels]. Launch: CHANNELS (sums). partials: groups * chunks * channels doubles, read by
// sum_columns_finish.
KERNEL sum_columns(const Element* input, u32 rows, u32 channels, int width, double* partials)
{
    __shared__ double scratch[4 * THREADS];
    if (width == 4)
    {
        columns<4>(input, rows, channels, partials, scratch);
    }
    else
    {
        columns<1>(input, rows, channels, partials, scratch);
    }
}

// output[outer, inner] (+)= scale * sum of input[outer, summed, inner], a thread an output; outputs = outer * inner. Launch: LINEAR over outputs.
KERNEL sum_strided(const Element* input, u32 outputs, u32 summed, u32 inner, double scale, float* output, int accumulate)
{
    each(outputs, [=](u32 i) {
        u32 outer = i / inner;
        const Element* x = input + (size_t)outer * summed * inner + (i - outer * inner);
        double sum = 0;
        for (u32 r = 0; r < summed; r++)
        {
            sum += read(x + (size_t)r * inner);
        }

        write_sum(output, i, sum, scale, accumulate);
    });
}

#ifndef BFLOAT16_ELEMENTS
// output[group, channel] (+)= scale * sum over chunks. chunks is the x of the grid of sum_columns. Launch: block (32, 8), grid (ceil(channels / 32), groups).
KERNEL sum_columns_finish(const double* partials, u32 chunks, u32 channels, double scale, float* output, int accumulate)
{
    __shared__ double scratch[THREADS];
    u32 channel = blockIdx.x * WARP + threadIdx.x;
    double sums[1];
    load_partials<1>(partials, blockIdx.y, chunks, channel, channels, scratch, sums);
    if (threadIdx.y == 0 && channel < channels)
    {
        write_sum(output, (size_t)blockIdx.y * channels + channel, sums[0], scale, accumulate);
    }
}
#endif

// The place of element i of three dimensions (size0 is the last) with strides; the first dimension needs no size.
__device__ __forceinline__ u32 place(u32 i, u32 size0, u32 size1, u32 stride0, u32 stride1, u32 stride2)
{
    u32 rest = i / size0, last = rest / size1;
    return (i - rest * size0) * stride0 + (rest - last * size1) * stride1 + last * stride2;
}

// output[i] (+)= scale * a sum, for any mix of at most three kept and three summed dimensions: kept0 and summed0 are the sizes of the last ones, strides are
// those of the input in elements; unused dimensions have size 1 and stride 0. terms is the product of the summed sizes.
// A block an output. Launch: block (256), grid (outputs).
KERNEL sum_general(
    const Element* input, u32 kept0, u32 kept1, u32 kept_stride0, u32 kept_stride1, u32 kept_stride2,
    u32 terms, u32 summed0, u32 summed1, u32 summed_stride0, u32 summed_stride1, u32 summed_stride2, double scale, float* output, int accumulate)
{
    __shared__ double scratch[WARPS];
    const Element* x = input + place(blockIdx.x, kept0, kept1, kept_stride0, kept_stride1, kept_stride2);
    double sums[1] = {};
    for (u32 t = threadIdx.x; t < terms; t += THREADS)
    {
        sums[0] += read(x + place(t, summed0, summed1, summed_stride0, summed_stride1, summed_stride2));
    }

    block_sum(sums, scratch);
    if (threadIdx.x == 0)
    {
        write_sum(output, blockIdx.x, sums[0], scale, accumulate);
    }
}

#ifndef BFLOAT16_ELEMENTS
// The maximum of each row and the index of its first occurrence; either target may be null. A row that begins with NaN has NaN at 0, other NaNs never win.
// A warp a row. Launch: block (256), grid (min(ceil(rows / 8), 8192)).
KERNEL row_max(const float* input, u32 count, u32 length, float* output, int* indices)
{
    u32 lane = threadIdx.x % WARP;
    for (u32 row = blockIdx.x * WARPS + threadIdx.x / WARP; row < count; row += gridDim.x * WARPS)
    {
        const float* x = input + (size_t)row * length;
        float best = x[0];
        u32 at = 0;
        for (u32 i = lane; i < length; i += WARP)
        {
            if (x[i] > best)
            {
                best = x[i];
                at = i;
            }
        }

#pragma unroll
        for (int offset = WARP / 2; offset > 0; offset /= 2)
        {
            float other = __shfl_xor_sync(0xffffffffu, best, offset);
            u32 other_at = __shfl_xor_sync(0xffffffffu, at, offset);
            if (other > best || (other == best && other_at < at))
            {
                best = other;
                at = other_at;
            }
        }

        if (lane == 0 && output != nullptr)
        {
            output[row] = best;
        }

        if (lane == 0 && indices != nullptr)
        {
            indices[row] = (int)at;
        }
    }
}

// grad_input[row, indices[row]] (+)= grad_output[row]; the others 0, or unchanged where accumulate is 1. count = rows * length.
// Launch: LINEAR over count, one element an item.
KERNEL row_max_backward(const int* indices, const float* grad_output, u32 length, float* grad_input, int accumulate, u32 count)
{
    each(count, [=](u32 i) {
        u32 row = i / length;
        bool chosen = indices[row] == (int)(i - row * length);
        if (chosen)
        {
            grad_input[i] = accumulate ? grad_input[i] + grad_output[row] : grad_output[row];
        }
        else if (!accumulate)
        {
            grad_input[i] = 0;
        }
    });
}
#endif
