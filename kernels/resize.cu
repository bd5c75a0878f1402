// Nearest and bilinear resize of [batch, height, width, channels], with the coordinates of PyTorch's interpolate. Backward passes gather: a thread owns a
// pixel of the input and adds up the targets that read it in row-major order, so there are no atomics.
//
// Bilinear coordinates are fractions of integers: half-pixel ((2 t + 1) in - out) / (2 out), aligned t (in - 1) / (out - 1); sizes stay below 32768, so they
// fit 32 bits and the weights are exact to a rounding.
// Bytes: forward 4 an output plus 4 an input pixel, backward the same, 4 more to accumulate.
// Launch of all four: LINEAR with items = elements of what is written / width; width = 4 if channels % 4 == 0 and the pointers are aligned, else 1.
#include "common.cuh"

// Sizes of a resize, by value in the parameters.
struct Resize
{
    u32 batch, height, width, channels, output_height, output_width, align_corners;
};

// The pixel that target t reads, in single precision as PyTorch computes it.
__device__ __forceinline__ u32 nearest(u32 target, float scale, u32 size) { return min((u32)floorf(target * scale), size - 1); }

template<int N> __device__ __forceinline__ void nearest_forward(const Resize& r, const float* input, float* output, u32 items)
{
    float scale_y = (float)r.height / r.output_height, scale_x = (float)r.width / r.output_width;
    u32 vectors = r.channels / N;
    each(items, [=](u32 item) {
        u32 pixel = item / vectors, channel = (item - pixel * vectors) * N, row = pixel / r.output_width, image = row / r.output_height;
        u32 y = nearest(row - image * r.output_height, scale_y, r.height), x = nearest(pixel - row * r.output_width, scale_x, r.width);
        store(output + (size_t)item * N, load<N>(input + ((size_t)(image * r.height + y) * r.width + x) * r.channels + channel));
    });
}

// items: elements of the output / width.
KERNEL resize_nearest(Resize resize, int width, const float* input, float* output, u32 items)
{
    if (width == 4)
    {
        nearest_forward<4>(resize, input, output, items);
    }
    else
    {
        nearest_forward<1>(resize, input, output, items);
    }
}

// The first target that reads a pixel or one after it. Sources grow with targets, so the targets of a pixel are neighbours; the estimate is low by the
// rounding of the quotient at most.
__device__ __forceinline__ u32 first_nearest(u32 pixel, float scale, u32 size, u32 outputs)
{
    u32 estimate = (u32)(pixel / scale), target = estimate > 2 ? estimate - 2 : 0;
    while (target < outputs && nearest(target, scale, size) < pixel)
    {
        target++;
    }

    return target;
}

template<int N> __device__ __forceinline__ void nearest_backward(const Resize& r, const float* grad_output, float* grad_input, bool accumulate, u32 items)
{
    float scale_y = (float)r.height / r.output_height, scale_x = (float)r.width / r.output_width;
    u32 vectors = r.channels / N;
    each(items, [=](u32 item) {
        u32 pixel = item / vectors, channel = (item - pixel * vectors) * N, row = pixel / r.width, image = row / r.height;
        u32 source_y = row - image * r.height, source_x = pixel - row * r.width;
        u32 left = first_nearest(source_x, scale_x, r.width, r.output_width);
        Pack<N> sum = zeros<N>();
        for (u32 y = first_nearest(source_y, scale_y, r.height, r.output_height); y < r.output_height && nearest(y, scale_y, r.height) == source_y; y++)
        {
            for (u32 x = left; x < r.output_width && nearest(x, scale_x, r.width) == source_x; x++)
            {
                Pack<N> dy = load<N>(grad_output + ((size_t)(image * r.output_height + y) * r.output_width + x) * r.channels + channel);
#pragma unroll
                for (int j = 0; j < N; j++)
                {
                    sum.at[j] += dy.at[j];
                }
            }
        }

        store(grad_input + (size_t)item * N, sum, accumulate);
    });
}

// items: elements of the input / width.
KERNEL resize_nearest_backward(Resize resize, int width, const float* grad_output, float* grad_input, int accumulate, u32 items)
{
    if (width == 4)
    {
        nearest_backward<4>(resize, grad_output, grad_input, accumulate, items);
    }
    else
    {
        nearest_backward<1>(resize, grad_output, grad_input, accumulate, items);
    }
}

// The two pixels that a target lies between, and the share of the second.
struct Between
{
    u32 low, high;
    float share;
};

__device__ __forceinline__ Between between(u32 target, u32 size, u32 outputs, bool align_corners)
{
    u32 numerator, denominator;
    if (align_corners)
    {
        numerator = target * (size - 1);
        denominator = outputs > 1 ? outputs - 1 : 1;
    }
    else
    {
        u32 doubled = (2 * target + 1) * size;
        numerator = doubled > outputs ? doubled - outputs : 0;
        denominator = 2 * outputs;
    }

    u32 low = numerator / denominator;
    if (low >= size - 1)
    {
        return {size - 1, size - 1, 0};
    }

    return {low, low + 1, (float)(numerator - low * denominator) / (float)denominator};
}

template<int N> __device__ __forceinline__ void bilinear_forward(const Resize& r, const float* input, float* output, u32 items)
{
    u32 vectors = r.channels / N;
    each(items, [=](u32 item) {
        u32 pixel = item / vectors, channel = (item - pixel * vectors) * N, row = pixel / r.output_width, image = row / r.output_height;
        Between y = between(row - image * r.output_height, r.height, r.output_height, r.align_corners);
        Between x = between(pixel - row * r.output_width, r.width, r.output_width, r.align_corners);
        const float* upper = input + (size_t)(image * r.height + y.low) * r.width * r.channels + channel;
        const float* lower = input + (size_t)(image * r.height + y.high) * r.width * r.channels + channel;
        Pack<N> a = load<N>(upper + (size_t)x.low * r.channels), b = load<N>(upper + (size_t)x.high * r.channels);
        Pack<N> c = load<N>(lower + (size_t)x.low * r.channels), d = load<N>(lower + (size_t)x.high * r.channels);
#pragma unroll
        for (int j = 0; j < N; j++)
        {
            float top = (1 - x.share) * a.at[j] + x.share * b.at[j], bottom = (1 - x.share) * c.at[j] + x.share * d.at[j];
            a.at[j] = (1 - y.share) * top + y.share * bottom;
        }

        store(output + (size_t)item * N, a);
    });
}

// items: elements of the output / width.
KERNEL resize_bilinear(Resize resize, int width, const float* input, float* output, u32 items)
{
    if (width == 4)
    {
        bilinear_forward<4>(resize, input, output, items);
    }
    else
    {
        bilinear_forward<1>(resize, input, output, items);
    }
}

// A target at or before the first one that reads a pixel: it lies between the pixel before and the pixel.
__device__ __forceinline__ u32 first_bilinear(u32 pixel, u32 size, u32 outputs, bool align_corners)
{
    if (pixel <= 1 || size == 1)
    {
        return 0;
    }

    // The least t with position(t) >= pixel - 1, rounded down.
    if (align_corners)
    {
        return (pixel - 1) * (outputs - 1) / (size - 1);
    }

    u32 doubled = (2 * pixel - 1) * outputs / size;
    return doubled > 1 ? (doubled - 1) / 2 : 0;
}

// How much of a target's gradient goes to a pixel.
__device__ __forceinline__ float weight(Between b, u32 pixel) { return (b.low == pixel ? 1 - b.share : 0) + (b.high == pixel ? b.share : 0); }

template<int N> __device__ __forceinline__ void bilinear_backward(const Resize& r, const float* grad_output, float* grad_input, bool accumulate, u32 items)
{
    u32 vectors = r.channels / N;
    each(items, [=](u32 item) {
        u32 pixel = item / vectors, channel = (item - pixel * vectors) * N, row = pixel / r.width, image = row / r.height;
        u32 source_y = row - image * r.height, source_x = pixel - row * r.width;
        u32 left = first_bilinear(source_x, r.width, r.output_width, r.align_corners);
        Pack<N> sum = zeros<N>();
        for (u32 y = first_bilinear(source_y, r.height, r.output_height, r.align_corners); y < r.output_height; y++)
        {
            Between rows = between(y, r.height, r.output_height, r.align_corners);
            if (rows.low > source_y)
            {
                break;
            }

            float weight_y = weight(rows, source_y);
            for (u32 x = left; x < r.output_width; x++)
            {
                Between columns = between(x, r.width, r.output_width, r.align_corners);
                if (columns.low > source_x)
                {
                    break;
                }

                float share = weight_y * weight(columns, source_x);
                Pack<N> dy = load<N>(grad_output + ((size_t)(image * r.output_height + y) * r.output_width + x) * r.channels + channel);
#pragma unroll
                for (int j = 0; j < N; j++)
                {
                    sum.at[j] += share * dy.at[j];
                }
            }
        }

        store(grad_input + (size_t)item * N, sum, accumulate);
    });
}

// items: elements of the input / width.
KERNEL resize_bilinear_backward(Resize resize, int width, const float* grad_output, float* grad_input, int accumulate, u32 items)
{
    if (width == 4)
    {
        bilinear_backward<4>(resize, grad_output, grad_input, accumulate, items);
    }
    else
    {
        bilinear_backward<1>(resize, grad_output, grad_input, accumulate, items);
    }
}
