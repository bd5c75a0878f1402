// What every kernel shares: names of types, 16-byte loads and stores, and the two shapes of launch.
//
// Kernels take plain pointers and numbers. A number of elements is a u32: the launcher refuses tensors of 2^31 elements or more. A pointer that may be null
// says so. Numbers that change from step to step (learning rate, temperature, random stream) are read from device memory, so that a captured graph replays.
//
// LINEAR launch: block (256), grid (min(ceil(items / 256), 8192)); threads step through the items by the size of the grid. Where a kernel takes
// `vectors` and `count`, vectors = count / 4 if every pointer that it gets is 16-byte aligned, else 0, and items = max(vectors, count - 4 vectors).
//
// CHANNELS launch, for [groups, rows, channels] with threads that keep their channels from row to row:
//   width  = 4 if channels % 4 == 0 and every pointer is 16-byte aligned, else 1: channels a thread
//   tiles  = ceil(channels / width / 32), X = ceil(channels / width / tiles), Y = 256 / X rounded down
//   chunks = min(ceil(rows / (Y * 16)), 512) where the kernel sums, min(ceil(rows / (Y * 4)), 8192) where it maps, at least 1
//   block (X, Y), grid (chunks, tiles, groups)
// chunks depends on the shape alone, so sums have the same order on every device.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

// NVRTC brings no math.h.
#define INFINITY __int_as_float(0x7f800000)
#define NAN __int_as_float(0x7fffffff)

// Every launch has at most this many threads a block.
#define THREADS 256

// A kernel with a name that the launcher can look up.
#define KERNEL extern "C" __global__ void __launch_bounds__(THREADS)

// A kernel that may take up to 80 registers a thread, where the assembler's own choice would spill.
#define KERNEL_OF_MANY_REGISTERS extern "C" __global__ void __launch_bounds__(THREADS, 3)

// How many neighbouring elements a call of a body handles, as a type. An enumerator, because a static member would be a global variable of the module.
template<int N> struct Width { enum { value = N }; };

// N neighbouring numbers, moved 16 bytes at a time where N is 4.
template<int N, class T = float> struct Pack
{
    T at[N];
};

__device__ __forceinline__ void load(const float* source, Pack<4>& pack)
{
    float4 v = *reinterpret_cast<const float4*>(source);
    pack.at[0] = v.x;
    pack.at[1] = v.y;
    pack.at[2] = v.z;
    pack.at[3] = v.w;
}

__device__ __forceinline__ void load(const float* source, Pack<1>& pack) { pack.at[0] = *source; }

// The overload for another type of memory is found where a kernel uses it: see bfloat16.cuh.
template<int N, class T> __device__ __forceinline__ Pack<N> load(const T* source)
{
    Pack<N> pack;
    load(source, pack);
    return pack;
}

__device__ __forceinline__ void store(float* target, const Pack<4>& pack)
{
    *reinterpret_cast<float4*>(target) = make_float4(pack.at[0], pack.at[1], pack.at[2], pack.at[3]);
}

__device__ __forceinline__ void store(float* target, const Pack<1>& pack) { *target = pack.at[0]; }

// Writes, or adds to what is there.
template<int N, class T> __device__ __forceinline__ void store(T* target, Pack<N> pack, bool accumulate)
{
    if (accumulate)
    {
        Pack<N> before = load<N>(target);
#pragma unroll
        for (int j = 0; j < N; j++)
        {
            pack.at[j] += before.at[j];
        }
    }

    store(target, pack);
}

// One number.
__device__ __forceinline__ float read(const float* source) { return *source; }

__device__ __forceinline__ void write(float* target, float value) { *target = value; }

// N zeros.
template<int N> __device__ __forceinline__ Pack<N> zeros()
{
    Pack<N> pack;
#pragma unroll
    for (int j = 0; j < N; j++)
    {
        pack.at[j] = 0;
    }

    return pack;
}

// LINEAR: calls body(Width<4>, first element) for each whole vector and body(Width<1>, element) for what is left.
template<class Body> __device__ __forceinline__ void each(u32 vectors, u32 count, Body body)
{
    u32 first = blockIdx.x * blockDim.x + threadIdx.x, step = gridDim.x * blockDim.x;
    for (u32 i = first; i < vectors; i += step)
    {
        body(Width<4>(), i * 4);
    }

    for (u32 i = vectors * 4 + first; i < count; i += step)
    {
        body(Width<1>(), i);
    }
}

// LINEAR, one element at a time.
template<class Body> __device__ __forceinline__ void each(u32 count, Body body)
{
    for (u32 i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x)
    {
        body(i);
    }
}

// max(x, 0) that lets NaN through, so that a diverged run shows.
__device__ __forceinline__ float relu(float x) { return x <= 0 ? 0 : x; }
