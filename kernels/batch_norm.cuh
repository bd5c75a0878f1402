// Batch normalisation of one element. Forward and backward passes round alike, so that a backward pass finds ReLU open exactly where the forward pass had it.
#pragma once

#include "reduce.cuh"

// What a thread needs of the N channels that it keeps.
template<int N> struct Normalization
{
    Pack<N> mean, scale, shift;
};

// means, inverse_stds: [groups, channels]. beta may be null where the normalised value itself is not needed.
template<int N>
__device__ __forceinline__ Normalization<N> normalization(
    const float* means, const float* inverse_stds, const float* gamma, const float* beta, u32 group, u32 channels, u32 first)
{
    size_t at = (size_t)group * channels + first;
    Normalization<N> result;
    result.mean = load<N>(means + at);
    result.scale = load<N>(inverse_stds + at);
    result.shift = beta != nullptr ? load<N>(beta + first) : zeros<N>();
    Pack<N> factor = load<N>(gamma + first);
#pragma unroll
    for (int j = 0; j < N; j++)
    {
        result.scale.at[j] = __fmul_rn(factor.at[j], result.scale.at[j]);
    }

    return result;
}

// x - mean.
template<int N> __device__ __forceinline__ float deviation(const Normalization<N>& n, float x, int j) { return __fadd_rn(x, -n.mean.at[j]); }

// gamma (x - mean) / std + beta.
template<int N> __device__ __forceinline__ float normalized(const Normalization<N>& n, float x, int j)
{
    return __fmaf_rn(deviation(n, x, j), n.scale.at[j], n.shift.at[j]);
}

// What the batch's own statistics add to the gradient of the input: b (x - mean) + c.
template<int N> struct Corrections
{
    Pack<N> slope, offset;
};

// tables: [groups, 2, channels] of batch_norm_backward_finalize, or null for none.
template<int N> __device__ __forceinline__ Corrections<N> load_corrections(const float* tables, u32 group, u32 channels, u32 first)
{
    if (tables == nullptr)
    {
        return {zeros<N>(), zeros<N>()};
    }

    const float* table = tables + (size_t)group * 2 * channels + first;
    return {load<N>(table), load<N>(table + channels)};
}

// The gradient of the input from that of the normalised value.
template<int N>
__device__ __forceinline__ Pack<N> input_gradient(const Normalization<N>& n, const Corrections<N>& corrections, const Pack<N>& x, const Pack<N>& gradient)
{
    Pack<N> result;
#pragma unroll
    for (int j = 0; j < N; j++)
    {
        result.at[j] = n.scale.at[j] * gradient.at[j] + (corrections.slope.at[j] * deviation(n, x.at[j], j) + corrections.offset.at[j]);
    }

    return result;
}
