// bfloat16: the upper half of a float32, rounded to nearest, ties to even. compute_80 has an instruction for it; compute_75 does it with integers.
#pragma once

#include "common.cuh"

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

// Rounds and stores neighbours, 8 bytes at a time where there are four.
__device__ __forceinline__ void store_bfloat16(u16* target, const Pack<4>& pack)
{
    *reinterpret_cast<uint2*>(target) = make_uint2(
        to_bfloat16(pack.at[0]) | to_bfloat16(pack.at[1]) << 16, to_bfloat16(pack.at[2]) | to_bfloat16(pack.at[3]) << 16);
}

__device__ __forceinline__ void store_bfloat16(u16* target, const Pack<1>& pack) { *target = (u16)to_bfloat16(pack.at[0]); }
