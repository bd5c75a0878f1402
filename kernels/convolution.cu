// What convolutions need around cuDNN: the bias, and operands in bfloat16.
//
// Bytes an element: bias 8; rounding to bfloat16 6, back 6 or 10 to accumulate. The gradient of the bias is a sum over columns (reduction.cu).
#include "bfloat16.cuh"

template<int N> __device__ __forceinline__ void bias(float* output, const float* values, u32 rows, u32 channels)
{
    u32 first = (blockIdx.y * blockDim.x + threadIdx.x) * N;
    if (first >= channels)
    {
        return;
    }

    Pack<N> shift = load<N>(values + first);
    for (u32 row = blockIdx.x * blockDim.y + threadIdx.y; row < rows; row += gridDim.x * blockDim.y)
    {
        float* at = output + (size_t)row * channels + first;
        store(at, shift, true);
    }
}

// output[rows, channels] += values[channels]. Launch: CHANNELS (maps) with groups = 1.
KERNEL bias_add(float* output, const float* values, u32 rows, u32 channels, int width)
{
    if (width == 4)
    {
        bias<4>(output, values, rows, channels);
    }
    else
    {
        bias<1>(output, values, rows, channels);
    }
}

// output = input rounded to bfloat16, 16 bits an element. Launch: LINEAR; vectors needs input 16-byte and output 8-byte aligned.
KERNEL round_bfloat16(const float* input, u16* output, u32 vectors, u32 count)
{
    each(vectors, count, [=](auto width, u32 i) {
        constexpr int N = decltype(width)::value;
        store_bfloat16(output + i, load<N>(input + i));
    });
}

__device__ __forceinline__ void load_bfloat16(const u16* source, Pack<4>& pack)
{
    uint2 v = *reinterpret_cast<const uint2*>(source);
    pack.at[0] = from_bfloat16(v.x & 0xffffu);
    pack.at[1] = from_bfloat16(v.x >> 16);
    pack.at[2] = from_bfloat16(v.y & 0xffffu);
    pack.at[3] = from_bfloat16(v.y >> 16);
}

__device__ __forceinline__ void load_bfloat16(const u16* source, Pack<1>& pack) { pack.at[0] = from_bfloat16(*source); }

// output (+)= input, from bfloat16. Launch: LINEAR; vectors needs input 8-byte and output 16-byte aligned.
KERNEL widen_bfloat16(const u16* input, float* output, int accumulate, u32 vectors, u32 count)
{
    each(vectors, count, [=](auto width, u32 i) {
        constexpr int N = decltype(width)::value;
        Pack<N> v;
        load_bfloat16(input + i, v);
        store(output + i, v, accumulate);
    });
}
