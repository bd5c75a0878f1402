// Max, average and k-max pooling over [batch, height, width, channels], with PyTorch's windows; a window that ceil mode lets hang over the trailing padding counts
// only up to that padding. Backward passes gather: a thread owns a pixel of the input and adds up the windows that hold it in row-major order, so there are
// no atomics. k-max pooling, along the width, is at the end of the file.
//
// Bytes an output: max 4 a new input pixel + 4 + 4 for the index, served by the first-level cache where windows overlap; backward 4 an input pixel plus
// 8 (max: gradient and index) or 4 (average) a window that holds it.
// Launch of max and average pooling: LINEAR with items = elements of what is written / width; width = 4 if channels % 4 == 0 and the pointers are aligned, else 1.
#include "element.cuh"

// Sizes of a pooling, by value in the parameters.
struct Pooling
{
    u32 batch, height, width, channels, output_height, output_width, kernel_height, kernel_width, stride, padding, count_padding;
};

// An element of [batch, height, width, channels], N channels wide.
struct Position
{
    u32 image, y, x, channel;
};

template<int N> __device__ __forceinline__ Position position(u32 item, u32 height, u32 width, u32 channels)
{
    u32 vectors = channels / N, pixel = item / vectors, row = pixel / width;
    return {row / height, row % height, pixel - row * width, (item - pixel * vectors) * N};
}

__device__ __forceinline__ size_t offset(u32 image, u32 y, u32 x, u32 channel, u32 height, u32 width, u32 channels)
{
    return ((size_t)(image * height + y) * width + x) * channels + channel;
}

// The part of a window that lies within the input, from `low` to before `high`, and the end of the part that counts.
__device__ __forceinline__ void window(u32 output, u32 stride, u32 padding, u32 kernel, u32 size, int& low, int& high, int& length)
{
    int start = (int)(output * stride) - (int)padding, end = min(start + (int)kernel, (int)(size + padding));
    low = max(start, 0);
    high = min(end, (int)size);
    length = end - start;
}

// The windows that hold a pixel, from `low` to before `high`.
__device__ __forceinline__ void windows(u32 pixel, u32 stride, u32 padding, u32 kernel, u32 outputs, u32& low, u32& high)
{
    u32 at = pixel + padding;
    low = at < kernel ? 0 : (at - kernel) / stride + 1;
    high = min(at / stride + 1, outputs);
}

__device__ __forceinline__ void store_indices(int* target, const Pack<4, int>& pack)
{
    *reinterpret_cast<int4*>(target) = make_int4(pack.at[0], pack.at[1], pack.at[2], pack.at[3]);
}

__device__ __forceinline__ void store_indices(int* target, const Pack<1, int>& pack) { *target = pack.at[0]; }

__device__ __forceinline__ void load_indices(const int* source, Pack<4, int>& pack)
{
    int4 v = *reinterpret_cast<const int4*>(source);
    pack.at[0] = v.x;
    pack.at[1] = v.y;
    pack.at[2] = v.z;
    pack.at[3] = v.w;
}

__device__ __forceinline__ void load_indices(const int* source, Pack<1, int>& pack) { pack.at[0] = *source; }

template<int N> __device__ __forceinline__ void max_forward(const Pooling& p, const Element* input, Element* output, int* indices, u32 items)
{
    each(items, [=](u32 item) {
        Position o = position<N>(item, p.output_height, p.output_width, p.channels);
        int top, bottom, left, right, length;
        window(o.y, p.stride, p.padding, p.kernel_height, p.height, top, bottom, length);
        window(o.x, p.stride, p.padding, p.kernel_width, p.width, left, right, length);
        Pack<N> best;
        Pack<N, int> at;
#pragma unroll
        for (int j = 0; j < N; j++)
        {
            best.at[j] = -INFINITY;
            at.at[j] = top * (int)p.width + left;
        }

        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                Pack<N> v = load<N>(input + offset(o.image, y, x, o.channel, p.height, p.width, p.channels));
#pragma unroll
                for (int j = 0; j < N; j++)
                {
                    // The first NaN is the maximum.
                    if (v.at[j] > best.at[j] || (v.at[j] != v.at[j] && best.at[j] == best.at[j]))
                    {
                        best.at[j] = v.at[j];
                        at.at[j] = y * (int)p.width + x;
                    }
                }
            }
        }

        size_t target = offset(o.image, o.y, o.x, o.channel, p.output_height, p.output_width, p.channels);
        store(output + target, best);
        if (indices != nullptr)
        {
            store_indices(indices + target, at);
        }
    });
}

// The maximum of each window and, where indices is not null, y * width + x of its first occurrence. items: elements of the output / width.
KERNEL max_pool(Pooling pooling, int width, const Element* input, Element* output, int* indices, u32 items)
{
    if (width == 4)
    {
        max_forward<4>(pooling, input, output, indices, items);
    }
    else
    {
        max_forward<1>(pooling, input, output, indices, items);
    }
}

template<int N>
__device__ __forceinline__ void max_backward(const Pooling& p, const int* indices, const Element* grad_output, Element* grad_input, bool accumulate, u32 items)
{
    each(items, [=](u32 item) {
        Position i = position<N>(item, p.height, p.width, p.channels);
        u32 top, bottom, left, right;
        windows(i.y, p.stride, p.padding, p.kernel_height, p.output_height, top, bottom);
        windows(i.x, p.stride, p.padding, p.kernel_width, p.output_width, left, right);
        Pack<N> sum = zeros<N>();
        int pixel = (int)(i.y * p.width + i.x);
        for (u32 y = top; y < bottom; y++)
        {
            for (u32 x = left; x < right; x++)
            {
                size_t source = offset(i.image, y, x, i.channel, p.output_height, p.output_width, p.channels);
                Pack<N> dy = load<N>(grad_output + source);
                Pack<N, int> at;
                load_indices(indices + source, at);
#pragma unroll
                for (int j = 0; j < N; j++)
                {
                    sum.at[j] += at.at[j] == pixel ? dy.at[j] : 0;
                }
            }
        }

        store(grad_input + offset(i.image, i.y, i.x, i.channel, p.height, p.width, p.channels), sum, accumulate);
    });
}

// Sends each output's gradient to the pixel that its index names. items: elements of the input / width.
KERNEL max_pool_backward(Pooling pooling, int width, const int* indices, const Element* grad_output, Element* grad_input, int accumulate, u32 items)
{
    if (width == 4)
    {
        max_backward<4>(pooling, indices, grad_output, grad_input, accumulate, items);
    }
    else
    {
        max_backward<1>(pooling, indices, grad_output, grad_input, accumulate, items);
    }
}

// What the mean of a window divides by.
__device__ __forceinline__ float divisor(const Pooling& p, u32 y, u32 x)
{
    int top, bottom, height, left, right, width;
    window(y, p.stride, p.padding, p.kernel_height, p.height, top, bottom, height);
    window(x, p.stride, p.padding, p.kernel_width, p.width, left, right, width);
    return (float)(p.count_padding ? height * width : (bottom - top) * (right - left));
}

template<int N> __device__ __forceinline__ void average_forward(const Pooling& p, const Element* input, Element* output, u32 items)
{
    each(items, [=](u32 item) {
        Position o = position<N>(item, p.output_height, p.output_width, p.channels);
        int top, bottom, left, right, length;
        window(o.y, p.stride, p.padding, p.kernel_height, p.height, top, bottom, length);
        window(o.x, p.stride, p.padding, p.kernel_width, p.width, left, right, length);
        Pack<N> sum = zeros<N>();
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                Pack<N> v = load<N>(input + offset(o.image, y, x, o.channel, p.height, p.width, p.channels));
#pragma unroll
                for (int j = 0; j < N; j++)
                {
                    sum.at[j] += v.at[j];
                }
            }
        }

        float count = divisor(p, o.y, o.x);
#pragma unroll
        for (int j = 0; j < N; j++)
        {
            sum.at[j] /= count;
        }

        store(output + offset(o.image, o.y, o.x, o.channel, p.output_height, p.output_width, p.channels), sum);
    });
}

// The mean of each window. items: elements of the output / width.
KERNEL average_pool(Pooling pooling, int width, const Element* input, Element* output, u32 items)
{
    if (width == 4)
    {
        average_forward<4>(pooling, input, output, items);
    }
    else
    {
        average_forward<1>(pooling, input, output, items);
    }
}

template<int N> __device__ __forceinline__ void average_backward(const Pooling& p, const Element* grad_output, Element* grad_input, bool accumulate, u32 items)
{
    each(items, [=](u32 item) {
        Position i = position<N>(item, p.height, p.width, p.channels);
        u32 top, bottom, left, right;
        windows(i.y, p.stride, p.padding, p.kernel_height, p.output_height, top, bottom);
        windows(i.x, p.stride, p.padding, p.kernel_width, p.output_width, left, right);
        Pack<N> sum = zeros<N>();
        for (u32 y = top; y < bottom; y++)
        {
            for (u32 x = left; x < right; x++)
            {
                Pack<N> dy = load<N>(grad_output + offset(i.image, y, x, i.channel, p.output_height, p.output_width, p.channels));
                float count = divisor(p, y, x);
#pragma unroll
                for (int j = 0; j < N; j++)
                {
                    sum.at[j] += dy.at[j] / count;
                }
            }
        }

        store(grad_input + offset(i.image, i.y, i.x, i.channel, p.height, p.width, p.channels), sum, accumulate);
    });
}

// The gradient of average_pool. items: elements of the input / width.
KERNEL average_pool_backward(Pooling pooling, int width, const Element* grad_output, Element* grad_input, int accumulate, u32 items)
{
    if (width == 4)
    {
        average_backward<4>(pooling, grad_output, grad_input, accumulate, items);
    }
    else
    {
        average_backward<1>(pooling, grad_output, grad_input, accumulate, items);
    }
}

// k-max pooling: of each image, row and channel the k largest along the width, in the order in which they stand; of equal ones the earlier. NaN is larger than all numbers.
// A thread owns a channel of a row, so a warp reads neighbours. It finds the k-th largest by its bits, two a pass from the highest, so any k costs the same: 16 passes (8 of bfloat16, whose
// keys differ in the upper half only) and one that writes, served by the caches after the first.
// Launch of both: LINEAR, items = batch * height * channels.

// Unsigned integers that are in order as the numbers are: both zeros are one, and every NaN is the largest.
__device__ __forceinline__ u32 order_key(float x)
{
    u32 bits = x == 0 ? 0 : __float_as_uint(x);
    return x != x ? 0xffffffffu : (bits >> 31) != 0 ? ~bits : bits | 0x80000000u;
}

// The k-th largest key of a column of `width` elements `channels` apart; `equal` is how many of those with this key are among the k largest.
__device__ __forceinline__ u32 kth_key(const Element* input, u32 width, u32 channels, u32 k, u32 lowest_bit, u32& equal)
{
    u32 found = 0;
    equal = k;
    for (int shift = 30; shift >= (int)lowest_bit; shift -= 2)
    {
        u32 ones = 0, twos = 0, threes = 0;
        for (u32 x = 0; x < width; x++)
        {
            // Below 4 are those that begin as what has been found does.
            u32 digit = (order_key(read(input + (size_t)x * channels)) ^ found) >> shift;
            ones += digit == 1;
            twos += digit == 2;
            threes += digit == 3;
        }

        u32 next = equal <= threes ? 3 : equal <= threes + twos ? 2 : equal <= threes + twos + ones ? 1 : 0;
        equal -= next < 3 ? threes : 0;
        equal -= next < 2 ? twos : 0;
        equal -= next < 1 ? ones : 0;
        found |= next << shift;
    }

    return found;
}

// indices may be null. k is 1 to width.
KERNEL kmax_pool(const Element* input, u32 width, u32 channels, u32 k, Element* output, int* indices, u32 items)
{
    const u32 lowest_bit = sizeof(Element) == 2 ? 16 : 0;
    each(items, [=](u32 item) {
        u32 row = item / channels, channel = item - row * channels, equal;
        const Element* source = input + (size_t)row * width * channels + channel;
        u32 least = kth_key(source, width, channels, k, lowest_bit, equal) >> lowest_bit;
        size_t target = (size_t)row * k * channels + channel;
        for (u32 x = 0; x < width; x++)
        {
            float value = read(source + (size_t)x * channels);
            u32 key = order_key(value) >> lowest_bit;
            bool ties = key == least && equal > 0;
            equal -= ties;
            if (ties || key > least)
            {
                write(output + target, value);
                if (indices != nullptr)
                {
                    indices[target] = (int)x;
                }

                target += channels;
            }
        }
    });
}

// Sends each output's gradient to the column that its index names; the columns of an output rise along k.
KERNEL kmax_pool_backward(
    const int* indices, const Element* grad_output, u32 width, u32 channels, u32 k, Element* grad_input, int accumulate, u32 items)
{
    each(items, [=](u32 item) {
        u32 row = item / channels, channel = item - row * channels, taken = 0;
        size_t source = (size_t)row * k * channels + channel;
        Element* target = grad_input + (size_t)row * width * channels + channel;
        for (u32 x = 0; x < width; x++, target += channels)
        {
            float gradient = 0;
            if (taken < k && indices[source] == (int)x)
            {
                gradient = read(grad_output + source);
                source += channels;
                taken++;
            }

            write(target, accumulate ? read(target) + gradient : gradient);
        }
    });
}
