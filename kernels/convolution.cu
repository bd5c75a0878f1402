// What convolutions need around the libraries: the bias, and windows laid out in memory for products of matrices.
//
//   unroll   rows[pixel, tap, channel] = input at the tap of the pixel's window, 0 in the padding; then output[pixel, filter] = rows filters^T
//   fold     its adjoint: each element of the input is the sum over the windows that hold it, in the order of the taps
//   gather   pixels of the output, or taps of the filters, sorted by region (below); scatter and sum are the way back
//
// Bytes an element: bias 8; unroll 4 written a tap, read from the caches but for the first; fold 4 read a tap, 4 written, 4 more to accumulate; gather and scatter 8.
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

// Outputs that follow one another along a dimension, and the taps of their windows that lie in the input, or all taps. A band that is not there begins beyond every output.
struct Band
{
    u32 first, count, tap, taps;
};

// The output cut into regions, each of one band of rows and one of columns, so that within a region all windows have the same taps. A region's rows of the matrices lie together: where they
// start is given for each, by value in the parameters, counted for one image (places: pixels times taps; pixels) and for one filter (taps).
struct Regions
{
    Band row[3], column[3];
    u32 places[9], pixels[9], taps[9];
};

// One of a few numbers, without an index into the parameters, which would be copied to local memory.
template<int N> __device__ __forceinline__ u32 pick(const u32 (&values)[N], u32 at)
{
    u32 value = values[0];
#pragma unroll
    for (int i = 1; i < N; i++)
    {
        value = at == i ? values[i] : value;
    }

    return value;
}

__device__ __forceinline__ u32 band_of(const Band (&bands)[3], u32 at, Band& band)
{
    u32 index = 0;
    band = bands[0];
#pragma unroll
    for (int i = 1; i < 3; i++)
    {
        if (at >= bands[i].first)
        {
            band = bands[i];
            index = i;
        }
    }

    return index;
}

// Where an output pixel lies when pixels are sorted by region, and the first of its taps.
struct Spot
{
    Band row, column;
    u32 pixel, place;
};

__device__ __forceinline__ Spot spot_of(const Regions& g, u32 images, u32 image, u32 y, u32 x)
{
    Spot spot;
    u32 region = band_of(g.row, y, spot.row) * 3;
    region += band_of(g.column, x, spot.column);
    u32 local = (image * spot.row.count + y - spot.row.first) * spot.column.count + x - spot.column.first;
    spot.pixel = pick(g.pixels, region) * images + local;
    spot.place = pick(g.places, region) * images + local * spot.row.taps * spot.column.taps;
    return spot;
}

// Calls body(item, lane) for items of a warp each.
template<class Body> __device__ __forceinline__ void each_warp(u32 items, Body body)
{
    u32 warps = gridDim.x * (THREADS / 32);
    for (u32 item = blockIdx.x * (THREADS / 32) + threadIdx.x / 32; item < items; item += warps)
    {
        body(item, threadIdx.x & 31);
    }
}

// A position in [images, height, width].
struct Pixel
{
    u32 image, y, x;
};

__device__ __forceinline__ Pixel pixel_of(u32 index, u32 height, u32 width)
{
    u32 line = index / width, image = line / height;
    return { image, line - image * height, index - line * width };
}

template<class V> __device__ __forceinline__ void unroll(const Windows& w, const Regions& g, u32 vectors, const V* input, V* rows, u32 images)
{
    each_warp(images * w.output_height * w.output_width, [=](u32 item, u32 lane) {
        Pixel pixel = pixel_of(item, w.output_height, w.output_width);
        Spot spot = spot_of(g, images, pixel.image, pixel.y, pixel.x);
        int top = (int)(pixel.y * w.stride_height + spot.row.tap * w.dilation_height) - (int)w.pad_height;
        int left = (int)(pixel.x * w.stride_width + spot.column.tap * w.dilation_width) - (int)w.pad_width;
        const V* source = input + (size_t)pixel.image * w.height * w.width * vectors;
        V* target = rows + (size_t)spot.place * vectors;
        for (u32 t = lane; t < spot.row.taps * spot.column.taps * vectors; t += 32)
        {
            u32 tap = t / vectors, r = tap / spot.column.taps;
            u32 y = top + r * w.dilation_height, x = left + (tap - r * spot.column.taps) * w.dilation_width;
            target[t] = y < w.height && x < w.width ? source[(size_t)(y * w.width + x) * vectors + t - tap * vectors] : V();
        }
    });
}

// rows: [places, channels]. vectors: of 16 bytes that the channels are if they are and the pointers are aligned, else 0.
// Launch: a warp for each of images * output_height * output_width, see LaunchShape.Rows.
KERNEL unroll_windows(Windows windows, Regions regions, u32 vectors, const Element* input, Element* rows, u32 images)
{
    if (vectors > 0)
    {
        unroll(windows, regions, vectors, reinterpret_cast<const uint4*>(input), reinterpret_cast<uint4*>(rows), images);
    }
    else
    {
        unroll(windows, regions, windows.channels, input, rows, images);
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

// The place of tap k of the window that has it at a pixel of the input, or -1.
__device__ __forceinline__ int place_of(const Windows& w, const Regions& g, u32 images, const Pixel& pixel, u32 k)
{
    u32 r = k / w.kernel_width, s = k - r * w.kernel_width;
    int y = window_of(pixel.y, r, w.stride_height, w.pad_height, w.dilation_height, w.output_height);
    int x = window_of(pixel.x, s, w.stride_width, w.pad_width, w.dilation_width, w.output_width);
    if (y < 0 || x < 0)
    {
        return -1;
    }

    Spot spot = spot_of(g, images, pixel.image, y, x);
    return (int)(spot.place + (r - spot.row.tap) * spot.column.taps + s - spot.column.tap);
}

template<int N> __device__ __forceinline__ void fold(const Windows& w, const Regions& g, const Element* rows, Element* input, bool accumulate, u32 images)
{
    u32 vectors = w.channels / N, taps = w.kernel_height * w.kernel_width;
    each_warp(images * w.height * w.width, [=](u32 item, u32 lane) {
        Pixel pixel = pixel_of(item, w.height, w.width);
        for (u32 first = 0; first < vectors; first += 32)
        {
            u32 channel = (first + lane) * N;
            Pack<N> sum = zeros<N>();
            for (u32 start = 0; start < taps; start += 32)
            {
                // Each lane finds one tap's place for all.
                int mine = start + lane < taps ? place_of(w, g, images, pixel, start + lane) : -1;
                for (u32 k = 0; k < 32 && start + k < taps; k++)
                {
                    int place = __shfl_sync(0xffffffffu, mine, k);
                    if (place >= 0 && first + lane < vectors)
                    {
                        Pack<N> value = load<N>(rows + (size_t)place * w.channels + channel);
#pragma unroll
                        for (int j = 0; j < N; j++)
                        {
                            sum.at[j] += value.at[j];
                        }
                    }
                }
            }

            if (first + lane < vectors)
            {
                store(input + (size_t)item * w.channels + channel, sum, accumulate);
            }
        }
    });
}

// input (+)= the sums. width: 4 if channels % 4 == 0 and the pointers are aligned, else 1. Launch: a warp for each of images * height * width.
KERNEL fold_windows(Windows windows, Regions regions, int width, const Element* rows, Element* input, int accumulate, u32 images)
{
    if (width == 4)
    {
        fold<4>(windows, regions, rows, input, accumulate, images);
    }
    else
    {
        fold<1>(windows, regions, rows, input, accumulate, images);
    }
}

template<class V> __device__ __forceinline__ void sort(const Windows& w, const Regions& g, u32 vectors, const V* source, V* target, bool gather, u32 images)
{
    each_warp(images * w.output_height * w.output_width, [=](u32 item, u32 lane) {
        Pixel pixel = pixel_of(item, w.output_height, w.output_width);
        u32 sorted = spot_of(g, images, pixel.image, pixel.y, pixel.x).pixel;
        size_t from = (size_t)(gather ? item : sorted) * vectors, to = (size_t)(gather ? sorted : item) * vectors;
        for (u32 v = lane; v < vectors; v += 32)
        {
            target[to + v] = source[from + v];
        }
    });
}

// Pixels of the output, each of its channels: from their own order to that by region (gather), or back. vectors: as for unroll, of the output's channels.
// Launch: a warp for each of images * output_height * output_width.
KERNEL sort_pixels(Windows windows, Regions regions, u32 channels, u32 vectors, const Element* source, Element* target, int gather, u32 images)
{
    if (vectors > 0)
    {
        sort(windows, regions, vectors, reinterpret_cast<const uint4*>(source), reinterpret_cast<uint4*>(target), gather, images);
    }
    else
    {
        sort(windows, regions, channels, source, target, gather, images);
    }
}

// Calls body(start) for each region that has tap (r, s): start is where this tap of filter number `filter` lies when the taps are sorted by region.
template<class Body> __device__ __forceinline__ void each_region(const Regions& g, u32 filters, u32 filter, u32 r, u32 s, Body body)
{
#pragma unroll
    for (int i = 0; i < 3; i++)
    {
#pragma unroll
        for (int j = 0; j < 3; j++)
        {
            const Band &row = g.row[i], &column = g.column[j];
            if (row.count > 0 && column.count > 0 && r - row.tap < row.taps && s - column.tap < column.taps)
            {
                body(g.taps[i * 3 + j] * filters + filter * row.taps * column.taps + (r - row.tap) * column.taps + s - column.tap);
            }
        }
    }
}

template<class V> __device__ __forceinline__ void gather(const Windows& w, const Regions& g, u32 filters, u32 vectors, const V* source, V* target)
{
    u32 taps = w.kernel_height * w.kernel_width;
    each_warp(filters * taps, [=](u32 item, u32 lane) {
        u32 filter = item / taps, tap = item - filter * taps, r = tap / w.kernel_width;
        each_region(g, filters, filter, r, tap - r * w.kernel_width, [=](u32 at) {
            for (u32 v = lane; v < vectors; v += 32)
            {
                target[(size_t)at * vectors + v] = source[(size_t)item * vectors + v];
            }
        });
    });
}

// Filters [filters, taps, channels] for each region: [filters, taps of the region, channels]. vectors: as for unroll. Launch: a warp for each of filters * taps.
KERNEL gather_filters(Windows windows, Regions regions, u32 filters, u32 vectors, const Element* source, Element* target)
{
    if (vectors > 0)
    {
        gather(windows, regions, filters, vectors, reinterpret_cast<const uint4*>(source), reinterpret_cast<uint4*>(target));
    }
    else
    {
        gather(windows, regions, filters, windows.channels, source, target);
    }
}

// filter (+)= the sum over the regions, in their order, of what each says of its taps; a tap that no region has gets 0. Launch: a warp for each of filters * taps.
KERNEL sum_filters(Windows windows, Regions regions, u32 filters, const float* source, Element* target, int accumulate)
{
    u32 taps = windows.kernel_height * windows.kernel_width, channels = windows.channels;
    each_warp(filters * taps, [=](u32 item, u32 lane) {
        u32 filter = item / taps, tap = item - filter * taps, r = tap / windows.kernel_width;
        for (u32 c = lane; c < channels; c += 32)
        {
            Pack<1> sum = zeros<1>();
            each_region(regions, filters, filter, r, tap - r * windows.kernel_width, [&](u32 at) { sum.at[0] += source[(size_t)at * channels + c]; });
            store(target + (size_t)item * channels + c, sum, accumulate);
        }
    });
}
