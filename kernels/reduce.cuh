// Sums whose order never changes: within a warp by shuffles, within a block through shared memory, across blocks by partial sums in a workspace that a
// second kernel adds up. No atomics.
#pragma once

#include "common.cuh"

#define WARP 32
#define WARPS (THREADS / WARP)

// The sum over a warp, in every lane.
template<class T> __device__ __forceinline__ T warp_sum(T value)
{
#pragma unroll
    for (int offset = WARP / 2; offset > 0; offset /= 2)
    {
        value += __shfl_xor_sync(0xffffffffu, value, offset);
    }

    return value;
}

// The maximum over a warp, in every lane.
__device__ __forceinline__ float warp_max(float value)
{
#pragma unroll
    for (int offset = WARP / 2; offset > 0; offset /= 2)
    {
        value = fmaxf(value, __shfl_xor_sync(0xffffffffu, value, offset));
    }

    return value;
}

// Sums over a block of 256 threads; thread 0 has the results. scratch: M * 8 doubles, not read or written by anybody else between.
template<int M> __device__ __forceinline__ void block_sum(double (&values)[M], double* scratch)
{
    int lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
#pragma unroll
    for (int m = 0; m < M; m++)
    {
        values[m] = warp_sum(values[m]);
        if (lane == 0)
        {
            scratch[m * WARPS + warp] = values[m];
        }
    }

    __syncthreads();
    if (threadIdx.x == 0)
    {
#pragma unroll
        for (int m = 0; m < M; m++)
        {
            values[m] = scratch[m * WARPS];
            for (int w = 1; w < WARPS; w++)
            {
                values[m] += scratch[m * WARPS + w];
            }
        }
    }
}

// Many small terms in single precision, few sums in double: a run of 16 floats loses less than a rounding of the result, and double precision is slow
// on consumer GPUs.
#define RUN 16

// Adds up scratch[m * 256 + index * stride + base] over index = 0 … count - 1 for each m, into index 0, as a tree. Every thread of the block calls it;
// it begins with a barrier. Threads that are not of an index pass count or more.
template<int M> __device__ __forceinline__ void tree_sum(double* scratch, u32 base, u32 index, u32 count, u32 stride)
{
    while (count > 1)
    {
        u32 half = (count + 1) / 2;
        __syncthreads();
        if (index + half < count)
        {
#pragma unroll
            for (int m = 0; m < M; m++)
            {
                scratch[m * THREADS + base + index * stride] += scratch[m * THREADS + base + (index + half) * stride];
            }
        }

        count = half;
    }
}

// CHANNELS: adds M numbers for each of N channels over the rows of a block and writes them to partials[slot, M, channels].
// values[m * N + j] belongs to channel (first + j); scratch: 256 N M doubles.
template<int N, int M>
__device__ __forceinline__ void store_partials(double (&values)[N * M], double* scratch, u32 first, u32 channels, double* partials, size_t slot)
{
    u32 thread = threadIdx.y * blockDim.x + threadIdx.x;
#pragma unroll
    for (int i = 0; i < N * M; i++)
    {
        scratch[i * THREADS + thread] = values[i];
    }

    tree_sum<N * M>(scratch, threadIdx.x, threadIdx.y, blockDim.y, blockDim.x);
    if (threadIdx.y == 0 && first < channels)
    {
        double* target = partials + slot * M * channels + first;
#pragma unroll
        for (int m = 0; m < M; m++)
        {
#pragma unroll
            for (int j = 0; j < N; j++)
            {
                target[(size_t)m * channels + j] = scratch[(m * N + j) * THREADS + thread];
            }
        }
    }
}

// The slot of a block among [groups, chunks] partial sums.
__device__ __forceinline__ size_t chunk_slot() { return (size_t)blockIdx.z * gridDim.x + blockIdx.x; }

// Adds up partials[group, chunks, M, channels] for the channel of a thread of a block (32, 8): y takes every eighth chunk, then the eight sums are added
// in order. Every thread of the block calls it; those with y = 0 have the results. scratch: M * 256 doubles.
template<int M> __device__ __forceinline__ void load_partials(const double* partials, u32 group, u32 chunks, u32 channel, u32 channels, double* scratch, double (&sums)[M])
{
    u32 thread = threadIdx.y * WARP + threadIdx.x;
#pragma unroll
    for (int m = 0; m < M; m++)
    {
        sums[m] = 0;
    }

    if (channel < channels)
    {
        for (u32 k = threadIdx.y; k < chunks; k += 8)
        {
#pragma unroll
            for (int m = 0; m < M; m++)
            {
                sums[m] += partials[((size_t)(group * chunks + k) * M + m) * channels + channel];
            }
        }
    }

    // Whoever read the scratch before must have finished.
    __syncthreads();
#pragma unroll
    for (int m = 0; m < M; m++)
    {
        scratch[m * THREADS + thread] = sums[m];
    }

    __syncthreads();
    if (threadIdx.y == 0)
    {
        for (int y = 1; y < 8; y++)
        {
#pragma unroll
            for (int m = 0; m < M; m++)
            {
                sums[m] += scratch[m * THREADS + y * WARP + threadIdx.x];
            }
        }
    }
}
