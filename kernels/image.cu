// Stored pixels to network input: the image part of the official augmentation, composed into one map so that only what is kept is computed.
//
// Each image is scaled (bilinear, half-pixel centres, borders repeated, as OpenCV's INTER_LINEAR), mirrored if asked, padded with 0 and cropped; then the mean
// is subtracted and the difference multiplied by a scale. Every product and sum is rounded by itself, so the values are those of the CPU's augmentation bit for bit.
// Bytes a pixel of the crop: 3 to 12 read (four neighbours, mostly from the first-level cache), 12 written; what crosses the bus is 3 bytes a stored pixel that the crop reads.
#include "common.cuh"

// Where an image's crop lies: 64 bytes an image in device memory. top and left are the crop's first row and column in the scaled (and mirrored) image, negative where the
// crop begins in the padding. A step is the number of stored pixels a scaled one. Of the stored image the part from first_row and first_column on is there, from byte start on,
// with so many columns.
struct CropWindow
{
    double row_step, column_step;
    int source_height, source_width, scaled_height, scaled_width, top, left, mirror, start, first_row, first_column, columns, reserved;
};

// The two source pixels of a bilinear value along one dimension and the share of the second; low is -1 in the padding.
struct Tap
{
    int low, high;
    float share;
};

__device__ __forceinline__ Tap tap(int position, int scaled, int source, double step, bool mirror)
{
    if (position < 0 || position >= scaled)
    {
        return {-1, -1, 0};
    }

    if (mirror)
    {
        position = scaled - 1 - position;
    }

    // OpenCV's INTER_LINEAR (modules/imgproc/src/resize.cpp), each step rounded.
    float at = (float)__dadd_rn(__dmul_rn(__dadd_rn((double)position, 0.5), step), -0.5);
    int low = (int)floorf(at);
    if (low < 0)
    {
        return {0, 0, 0};
    }

    return low >= source - 1 ? Tap{source - 1, source - 1, 0} : Tap{low, low + 1, __fadd_rn(at, -(float)low)};
}

__device__ __forceinline__ float blend(float a, float b, float share) { return __fadd_rn(a, __fmul_rn(share, __fadd_rn(b, -a))); }

// output[batch, crop_height, crop_width, 3] = the crops of the images whose parts input holds, minus the mean of the channel, times its scale; reversed: the first channel is the stored pixel's last.
// windows: one an image, in device memory. Launch: LINEAR over batch * crop_height * crop_width, one pixel an item.
KERNEL crop_images(
    const u8* input, const CropWindow* windows, float mean0, float mean1, float mean2, float scale0, float scale1, float scale2, u32 reversed, u32 crop_height, u32 crop_width, float* output, u32 count)
{
    each(count, [=](u32 pixel) {
        u32 row = pixel / crop_width, image = row / crop_height;
        CropWindow w = windows[image];
        Tap y = tap((int)(row - image * crop_height) + w.top, w.scaled_height, w.source_height, w.row_step, false);
        Tap x = tap((int)(pixel - row * crop_width) + w.left, w.scaled_width, w.source_width, w.column_step, w.mirror != 0);
        bool inside = y.low >= 0 && x.low >= 0;
        const u8* stored = input + w.start;
        const u8* upper = stored + (y.low - w.first_row) * w.columns * 3;
        const u8* lower = stored + (y.high - w.first_row) * w.columns * 3;
        int low = (x.low - w.first_column) * 3, high = (x.high - w.first_column) * 3;
#pragma unroll
        for (int c = 0; c < 3; c++)
        {
            float value = 0;
            if (inside)
            {
                int s = reversed ? 2 - c : c;
                float top = blend(upper[low + s], upper[high + s], x.share), bottom = blend(lower[low + s], lower[high + s], x.share);
                value = blend(top, bottom, y.share);
            }

            output[(size_t)pixel * 3 + c] = __fmul_rn(__fadd_rn(value, -(c == 0 ? mean0 : c == 1 ? mean1 : mean2)), c == 0 ? scale0 : c == 1 ? scale1 : scale2);
        }
    });
}
