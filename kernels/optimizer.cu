// Optimiser updates of a flat buffer of parameters, in PyTorch's form: L2 weight decay joins the gradient first.
//
//   SGD   g += decay w; v = momentum v + g; w -= rate (nesterov ? g + momentum v : v)
//   Adam  g += decay w; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; w -= rate / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
//
// Settings live in device memory, because rate and step count change from step to step and a captured graph must see it.
// copy, if not null, receives the values rounded to bfloat16 for convolutions: 16-bit elements, 8-byte aligned where vectors is not 0.
// Bytes a parameter: SGD 20, Adam 28, 2 more for the copy. Launch of both: LINEAR.
#include "bfloat16.cuh"

// 16 bytes in device memory.
struct SgdSettings
{
    float rate, momentum, decay;
    u32 nesterov;
};

KERNEL sgd(float* value, const float* gradient, float* velocity, const SgdSettings* settings, bfloat16* copy, u32 vectors, u32 count)
{
    SgdSettings s = *settings;
    each(vectors, count, [=](auto width, u32 i) {
        constexpr int N = decltype(width)::value;
        Pack<N> w = load<N>(value + i), g = load<N>(gradient + i), v = load<N>(velocity + i);
#pragma unroll
        for (int j = 0; j < N; j++)
        {
            float decayed = g.at[j] + s.decay * w.at[j];
            v.at[j] = s.momentum * v.at[j] + decayed;
            w.at[j] -= s.rate * (s.nesterov ? decayed + s.momentum * v.at[j] : v.at[j]);
        }

        store(velocity + i, v);
        store(value + i, w);
        if (copy != nullptr)
        {
            store(copy + i, w);
        }
    });
}

// 32 bytes in device memory. The host computes the differences from 1 and the corrections in double precision:
// rate = learning rate / (1 - beta1^t), inverse_root = 1 / sqrt(1 - beta2^t).
struct AdamSettings
{
    float beta1, one_minus_beta1, beta2, one_minus_beta2, epsilon, decay, rate, inverse_root;
};

KERNEL adam(float* value, const float* gradient, float* mean, float* variance, const AdamSettings* settings, bfloat16* copy, u32 vectors, u32 count)
{
    AdamSettings s = *settings;
    each(vectors, count, [=](auto width, u32 i) {
        constexpr int N = decltype(width)::value;
        Pack<N> w = load<N>(value + i), g = load<N>(gradient + i), m = load<N>(mean + i), v = load<N>(variance + i);
#pragma unroll
        for (int j = 0; j < N; j++)
        {
            float decayed = g.at[j] + s.decay * w.at[j];
            m.at[j] = s.beta1 * m.at[j] + s.one_minus_beta1 * decayed;
            v.at[j] = s.beta2 * v.at[j] + s.one_minus_beta2 * decayed * decayed;
            w.at[j] -= s.rate * m.at[j] / (sqrtf(v.at[j]) * s.inverse_root + s.epsilon);
        }

        store(mean + i, m);
        store(variance + i, v);
        store(value + i, w);
        if (copy != nullptr)
        {
            store(copy + i, w);
        }
    });
}
