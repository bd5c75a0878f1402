// What convolutions need around the libraries: the bias, and windows laid out in memory for products of matrices.
//
//   unroll  rows[pixel, tap, channel] = input at the tap of the pixel's window, 0 in the padding; then output[pixel, filter] = rows filters^T
//   fold    its adjoint: each element of the input is the sum over the windows that hold it, in the order of the taps
//
// Bytes an element: bias 8; unroll 4 written a tap, read from the caches but for the first; fold 4 read a tap, 4 written, 4 more to accumulate.
// The gradient of the bias is a sum over columns (reduction.cu).
#include "element.cuh"

template<int N> __device__ __forceinline__ void bias(Element* output, const float* values, u32 rows, u32 channels)
{
    u32 first = (blockIdx.y * blockDim.x + threadIdx.x) * N;
    if (first >= channels)
    {
        return;
    }

    Pack<N> shift = load<N>(values + first);
    for (u32 row = blockIdx.x * blockDim.y + threadIdx.y; row < rows; row += gridDim.x * blockDim.y)
    {
        Element* at = output + (size_t)row * channels + first;
        store(at, shift, true);
    }
}

// output[rows, channels] += values[channels]. Launch: CHANNELS (maps) with groups = 1.
KERNEL bias_add(Element* output, const float* values, u32 rows, u32 channels, int width)
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

// Sizes of a convolution, by value in the parameters.
struct Windows
{
    u32 height, width, channels, output_height, output_width, kernel_height, kernel_width, stride_height, stride_width, pad_height, pad_width, dilation_height,
        dilation_width;
};

template<int N> __device__ __forceinline__ void unroll(const Windows& w, const Element* input, Element* rows, u32 items)
{
    u32 vectors = w.channels / N, taps = w.kernel_height * w.kernel_width;
    each(items, [=](u32 item) {
        u32 place = item / vectors, channel = (item - place * vectors) * N, pixel = place / taps, tap = place - pixel * taps;
        u32 line = pixel / w.output_width, image = line / w.output_height, r = tap / w.kernel_width;
        int y = (int)((line - image * w.output_height) * w.stride_height + r * w.dilation_height) - (int)w.pad_height;
        int x = (int)((pixel - line * w.output_width) * w.stride_width + (tap - r * w.kernel_width) * w.dilation_width) - (int)w.pad_width;
        bool inside = (u32)y < w.height && (u32)x < w.width;
        Pack<N> value = inside ? load<N>(input + ((size_t)(image * w.height + y) * w.width + x) * w.channels + channel) : zeros<N>();
        store(rows + (size_t)place * w.channels + channel, value);
    });
}

// rows: [pixels of the output, taps, channels]. width: 4 if channels % 4 == 0 and the pointers are aligned, else 1.
// Launch: LINEAR over items = pixels * taps * channels / width.
KERNEL unroll_windows(Windows windows, int width, const Element* input, Element* rows, u32 items)
{
    if (width == 4)
    {
        unroll<4>(windows, input, rows, items);
    }
    else
    {
        unroll<1>(windows, input, rows, items);
    }
}

// The output whose window has its tap k at a position along one dimension, or -1.
__device__ __forceinline__ int window_of(u32 position, u32 k, u32 stride, u32 pad, u32 dilation, u32 outputs)
{
    int start = (int)(position + pad) - (int)(k * dilation);
    if (start < 0 || start % (int)stride != 0)
    {
        return -1;
    }

    int output = start / (int)stride;
    return output < (int)outputs ? output : -1;
}

template<int N> __device__ __forceinline__ void fold(const Windows& w, const Element* rows, Element* input, bool accumulate, u32 items)
{
    u32 vectors = w.channels / N, taps = w.kernel_height * w.kernel_width;
    each(items, [=](u32 item) {
        u32 pixel = item / vectors, channel = (item - pixel * vectors) * N, line = pixel / w.width, image = line / w.height;
        Pack<N> sum = zeros<N>();
        for (u32 r = 0; r < w.kernel_height; r++)
        {
            int y = window_of(line - image * w.height, r, w.stride_height, w.pad_height, w.dilation_height, w.output_height);
            for (u32 s = 0; s < w.kernel_width && y >= 0; s++)
            {
                int x = window_of(pixel - line * w.width, s, w.stride_width, w.pad_width, w.dilation_width, w.output_width);
                if (x >= 0)
                {
                    size_t place = ((size_t)(image * w.output_height + y) * w.output_width + x) * taps + r * w.kernel_width + s;
                    Pack<N> value = load<N>(rows + place * w.channels + channel);
#pragma unroll
                    for (int j = 0; j < N; j++)
                    {
                        sum.at[j] += value.at[j];
                    }
                }
            }
        }

        store(input + (size_t)pixel * w.channels + channel, sum, accumulate);
    });
}

// input (+)= the sums. Launch: LINEAR over items = elements of the input / width.
KERNEL fold_windows(Windows windows, int width, const Element* rows, Element* input, int accumulate, u32 items)
{
    if (width == 4)
    {
        fold<4>(windows, rows, input, accumulate, items);
    }
    else
    {
        fold<1>(windows, rows, input, accumulate, items);
    }
}
