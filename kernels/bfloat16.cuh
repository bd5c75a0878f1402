// bfloat16: the upper half of a float32, rounded to nearest, ties to even. compute_80 has an instruction for it; compute_75 does it with integers.
// It is a type to store: loads widen, stores round, and everything in between is single precision.
#pragma once

#include "common.cuh"

struct bfloat16
{
    u16 bits;
};

__device__ __forceinline__ u32 to_bfloat16(float value)
{
#if __CUDA_ARCH__ >= 800
    u16 bits;
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(bits) : "f"(value));
    return bits;
#else
    u32 bits = __float_as_uint(value);
    return (bits & 0x7fffffffu) > 0x7f800000u ? 0x7fffu : (bits + 0x7fffu + ((bits >> 16) & 1)) >> 16;
#endif
}

__device__ __forceinline__ float from_bfloat16(u32 bits) { return __uint_as_float(bits << 16); }

__device__ __forceinline__ float read(const bfloat16* source) { return from_bfloat16(source->bits); }

__device__ __forceinline__ void write(bfloat16* target, float value) { target->bits = (u16)to_bfloat16(value); }

// Four neighbours are 8 bytes.
__device__ __forceinline__ void load(const bfloat16* source, Pack<4>& pack)
{
    uint2 v = *reinterpret_cast<const uint2*>(source);
    pack.at[0] = from_bfloat16(v.x & 0xffffu);
    pack.at[1] = from_bfloat16(v.x >> 16);
    pack.at[2] = from_bfloat16(v.y & 0xffffu);
    pack.at[3] = from_bfloat16(v.y >> 16);
}

__device__ __forceinline__ void load(const bfloat16* source, Pack<1>& pack) { pack.at[0] = read(source); }

__device__ __forceinline__ void store(bfloat16* target, const Pack<4>& pack)
{
    *reinterpret_cast<uint2*>(target) = make_uint2(
        to_bfloat16(pack.at[0]) | to_bfloat16(pack.at[1]) << 16, to_bfloat16(pack.at[2]) | to_bfloat16(pack.at[3]) << 16);
}

__device__ __forceinline__ void store(bfloat16* target, const Pack<1>& pack) { write(target, pack.at[0]); }
