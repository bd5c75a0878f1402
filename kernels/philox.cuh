// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011), laid out as the engine's RandomStream: the key is the
// seed, the counter is the block's position and, above it, the stream's identity. Number i of a stream is word i % 4 of block i / 4.
#pragma once

#include "common.cuh"

// A random stream in device memory, so that a captured graph draws new numbers at each replay: two u64, the seed and the stream's identity.
struct RandomStream
{
    u64 seed;
    u64 id;
};

__device__ __forceinline__ uint4 random_block(RandomStream stream, u32 block)
{
    u32 c0 = block, c1 = 0, c2 = (u32)stream.id, c3 = (u32)(stream.id >> 32);
    u32 k0 = (u32)stream.seed, k1 = (u32)(stream.seed >> 32);
#pragma unroll
    for (int round = 0; round < 10; round++)
    {
        u32 low0 = 0xD2511F53u * c0, high0 = __umulhi(0xD2511F53u, c0);
        u32 low1 = 0xCD9E8D57u * c2, high1 = __umulhi(0xCD9E8D57u, c2);
        c0 = high1 ^ c1 ^ k0;
        c1 = low1;
        c2 = high0 ^ c3 ^ k1;
        c3 = low0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }

    return make_uint4(c0, c1, c2, c3);
}

// A word as a number in the open interval (0, 1), exact in single precision.
__device__ __forceinline__ float to_uniform(u32 word) { return ((float)(word >> 9) + 0.5f) * (1.0f / 8388608.0f); }

// Uniform numbers 4 block … 4 block + 3 of a stream.
__device__ __forceinline__ Pack<4> random_uniforms(RandomStream stream, u32 block)
{
    uint4 words = random_block(stream, block);
    Pack<4> u;
    u.at[0] = to_uniform(words.x);
    u.at[1] = to_uniform(words.y);
    u.at[2] = to_uniform(words.z);
    u.at[3] = to_uniform(words.w);
    return u;
}
