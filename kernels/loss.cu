// Mean losses over the pixels that count, and their gradients.
//
//   cross entropy  sum(w_t l) / sum(w_t), l = -log softmax(logits)[t];  dlogits = g w_t (softmax - onehot) / sum(w_t)
//   cosine         1 - mean(cos(p, t));  dp = -g (t / |t| - cos p / |p|) / |p| / n, norms at least 1e-12
//   L1             mean |p - t|;  dp = g sign(p - t) / n
//
// Where nothing counts the loss and its gradient are 0. A term is computed in single precision for cross entropy and L1 and in double for the cosine; sums
// are double precision in a fixed order. Masked pixels are not read beyond their mask, so what they hold does not matter.
// Bytes: each operand once forward; backward once more plus the gradient.
//
// Each forward kernel writes partials[chunk, 2], double: sum and normaliser; loss_finish turns them into the two results.
// chunks: cross entropy min(ceil(pixels / 64), 512), cosine min(ceil(pixels / 1024), 512), L1 min(ceil(count / 4096), 512), at least 1.
#include "reduce.cuh"

#define SMALLEST_NORM 1e-12

__device__ __forceinline__ void write_loss_partials(double (&sums)[2], double* scratch, double* partials)
{
    block_sum(sums, scratch);
    if (threadIdx.x == 0)
    {
        partials[2 * blockIdx.x] = sums[0];
        partials[2 * blockIdx.x + 1] = sums[1];
    }
}

// loss = sum / normaliser, or 0. Launch: block (32), grid (1).
KERNEL loss_finish(const double* partials, u32 chunks, float* loss, float* normalizer)
{
    double sum = 0, total = 0;
    for (u32 k = threadIdx.x; k < chunks; k += WARP)
    {
        sum += partials[2 * k];
        total += partials[2 * k + 1];
    }

    sum = warp_sum(sum);
    total = warp_sum(total);
    if (threadIdx.x == 0)
    {
        *loss = total > 0 ? (float)(sum / total) : 0;
        *normalizer = (float)total;
    }
}

// The largest logit of a row and log(sum e^(x - largest)), in every lane of the warp.
__device__ __forceinline__ void log_normalizer(const float* x, u32 classes, u32 lane, float& largest, float& log_sum)
{
    largest = -INFINITY;
    for (u32 c = lane; c < classes; c += WARP)
    {
        largest = fmaxf(largest, x[c]);
    }

    largest = warp_max(largest);
    float sum = 0;
    for (u32 c = lane; c < classes; c += WARP)
    {
        sum += expf(x[c] - largest);
    }

    log_sum = logf(warp_sum(sum));
}

// A warp a pixel. class_weights may be null. A target that is neither a class nor ignore_label makes the loss NaN.
// Launch: block (256), grid (chunks). partials: chunks * 2 doubles.
KERNEL cross_entropy(const float* logits, const int* targets, const float* class_weights, int ignore_label, u32 pixels, u32 classes, double* partials)
{
    __shared__ double scratch[2 * WARPS];
    u32 lane = threadIdx.x % WARP;
    double sums[2] = {};
    for (u32 pixel = blockIdx.x * WARPS + threadIdx.x / WARP; pixel < pixels; pixel += gridDim.x * WARPS)
    {
        int target = targets[pixel];
        if (target == ignore_label)
        {
            continue;
        }

        const float* x = logits + (size_t)pixel * classes;
        float largest, log_sum;
        log_normalizer(x, classes, lane, largest, log_sum);
        if (lane == 0)
        {
            bool known = (u32)target < classes;
            float weight = class_weights != nullptr && known ? class_weights[target] : 1;
            sums[0] += known ? weight * (log_sum - (x[target] - largest)) : NAN;
            sums[1] += weight;
        }
    }

    write_loss_partials(sums, scratch, partials);
}

// The gradient of a loss per counting pixel.
__device__ __forceinline__ float pixel_scale(const float* grad_loss, const float* normalizer) { return *normalizer > 0 ? *grad_loss / *normalizer : 0; }

// A warp a pixel. grad_logits may not be logits. Launch: block (256), grid (min(ceil(pixels / 8), 8192)).
KERNEL cross_entropy_backward(
    const float* logits, const int* targets, const float* class_weights, int ignore_label, u32 pixels, u32 classes,
    const float* normalizer, const float* grad_loss, float* grad_logits, int accumulate)
{
    u32 lane = threadIdx.x % WARP;
    float scale = pixel_scale(grad_loss, normalizer);
    for (u32 pixel = blockIdx.x * WARPS + threadIdx.x / WARP; pixel < pixels; pixel += gridDim.x * WARPS)
    {
        int target = targets[pixel];
        const float* x = logits + (size_t)pixel * classes;
        float* dx = grad_logits + (size_t)pixel * classes;
        float largest = 0, log_sum = 0, weight = 0;
        if (target != ignore_label)
        {
            log_normalizer(x, classes, lane, largest, log_sum);
            bool known = (u32)target < classes;
            weight = !known ? NAN : class_weights != nullptr ? scale * class_weights[target] : scale;
        }

        for (u32 c = lane; c < classes; c += WARP)
        {
            float gradient = target == ignore_label ? 0 : weight * (expf(x[c] - largest - log_sum) - (c == (u32)target ? 1 : 0));
            dx[c] = accumulate ? dx[c] + gradient : gradient;
        }
    }
}

// The squared norms of two vectors and their product.
__device__ __forceinline__ void products(const float* a, const float* b, u32 length, double& aa, double& bb, double& ab)
{
    aa = bb = ab = 0;
    for (u32 c = 0; c < length; c++)
    {
        double x = a[c], y = b[c];
        aa += x * x;
        bb += y * y;
        ab += x * y;
    }
}

// A thread a pixel: vectors are short. Launch: block (256), grid (chunks). partials: chunks * 2 doubles.
KERNEL cosine(const float* prediction, const float* target, const u8* mask, u32 pixels, u32 channels, double* partials)
{
    __shared__ double scratch[2 * WARPS];
    double sums[2] = {};
    each(pixels, [&](u32 pixel) {
        if (mask[pixel] != 0)
        {
            double aa, bb, ab;
            products(prediction + (size_t)pixel * channels, target + (size_t)pixel * channels, channels, aa, bb, ab);
            sums[0] += 1 - ab / (fmax(sqrt(aa), SMALLEST_NORM) * fmax(sqrt(bb), SMALLEST_NORM));
            sums[1] += 1;
        }
    });

    write_loss_partials(sums, scratch, partials);
}

// Launch: LINEAR over pixels.
KERNEL cosine_backward(
    const float* prediction, const float* target, const u8* mask, u32 pixels, u32 channels,
    const float* normalizer, const float* grad_loss, float* grad_prediction, int accumulate)
{
    float scale = pixel_scale(grad_loss, normalizer);
    each(pixels, [=](u32 pixel) {
        const float *a = prediction + (size_t)pixel * channels, *b = target + (size_t)pixel * channels;
        float* gradient = grad_prediction + (size_t)pixel * channels;
        bool counts = mask[pixel] != 0;
        double toward = 0, away = 0;
        if (counts)
        {
            double aa, bb, ab;
            products(a, b, channels, aa, bb, ab);
            double norm = fmax(sqrt(aa), SMALLEST_NORM), other = fmax(sqrt(bb), SMALLEST_NORM);
            toward = -scale / (other * norm);

            // A norm held at its smallest value does not move with the prediction.
            away = sqrt(aa) > SMALLEST_NORM ? scale * ab / (norm * other * norm * norm) : 0;
        }

        for (u32 c = 0; c < channels; c++)
        {
            float value = counts ? (float)(toward * b[c] + away * a[c]) : 0;
            gradient[c] = accumulate ? gradient[c] + value : value;
        }
    });
}

// A thread an element; count = pixels * channels. Launch: block (256), grid (chunks). partials: chunks * 2 doubles.
KERNEL l1(const float* prediction, const float* target, const u8* mask, u32 count, u32 channels, double* partials)
{
    __shared__ double scratch[2 * WARPS];
    double sums[2] = {};
    each(count, [&](u32 i) {
        if (mask[i / channels] != 0)
        {
            sums[0] += fabsf(prediction[i] - target[i]);
            sums[1] += 1;
        }
    });

    write_loss_partials(sums, scratch, partials);
}

// Launch: LINEAR over count = pixels * channels, one element an item.
KERNEL l1_backward(
    const float* prediction, const float* target, const u8* mask, u32 count, u32 channels,
    const float* normalizer, const float* grad_loss, float* grad_prediction, int accumulate)
{
    float scale = pixel_scale(grad_loss, normalizer);
    each(count, [=](u32 i) {
        float gradient = 0;
        if (mask[i / channels] != 0)
        {
            float difference = prediction[i] - target[i];
            gradient = difference > 0 ? scale : difference < 0 ? -scale : 0;
        }

        grad_prediction[i] = accumulate ? grad_prediction[i] + gradient : gradient;
    });
}
