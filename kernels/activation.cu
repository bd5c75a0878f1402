// ReLU and inverted dropout (kept elements are divided by the probability of being kept), and both together with a bias.
//
// Bytes an element: ReLU 8, its backward 12; dropout 8, also as its own backward: the mask is drawn again from the counter, never stored; all three together
// 8, backward 12 with the gradient of the bias. 4 more to accumulate. Every kernel may write over an input.
#include "element.cuh"
#include "philox.cuh"
#include "reduce.cuh"

// output = max(input, 0). Launch: LINEAR.
KERNEL relu_forward(const Element* input, Element* output, u32 vectors, u32 count)
{
    each(vectors, count, [=](auto width, u32 i) {
        constexpr int N = decltype(width)::value;
        Pack<N> v = load<N>(input + i);
#pragma unroll
        for (int j = 0; j < N; j++)
        {
            v.at[j] = relu(v.at[j]);
        }

        store(output + i, v);
    });
}

// grad_input (+)= grad_output where output is positive. Launch: LINEAR.
KERNEL relu_backward(const Element* output, const Element* grad_output, Element* grad_input, int accumulate, u32 vectors, u32 count)
{
    each(vectors, count, [=](auto width, u32 i) {
        constexpr int N = decltype(width)::value;
        Pack<N> y = load<N>(output + i), v = load<N>(grad_output + i);
#pragma unroll
        for (int j = 0; j < N; j++)
        {
            v.at[j] = y.at[j] > 0 ? v.at[j] : 0;
        }

        store(grad_input + i, v, accumulate);
    });
}

// output (+)= input * scale where uniform number i of the stream is at least probability; scale is 1 / (1 - probability).
// One Philox block serves four elements. Launch: LINEAR with items = ceil(count / 4); vectors = count / 4 if the pointers are aligned, else 0.
KERNEL dropout(const Element* input, float probability, float scale, const RandomStream* stream, Element* output, int accumulate, u32 vectors, u32 count)
{
    RandomStream numbers = *stream;
    each((count + 3) / 4, [=](u32 block) {
        Pack<4> u = random_uniforms(numbers, block);
        u32 start = block * 4;
        if (block < vectors)
        {
            Pack<4> v = load<4>(input + start);
#pragma unroll
            for (int j = 0; j < 4; j++)
            {
                v.at[j] = u.at[j] >= probability ? v.at[j] * scale : 0;
            }

            store(output + start, v, accumulate);
            return;
        }

#pragma unroll
        for (int j = 0; j < 4; j++)
        {
            if (start + j < count)
            {
                Pack<1> v = load<1>(input + start + j);
                v.at[0] = u.at[j] >= probability ? v.at[0] * scale : 0;
                store(output + start + j, v, accumulate);
            }
        }
    });
}

// output = max(input + bias[channel], 0) * scale where uniform number i of the stream is at least probability, else 0; scale is 1 / (1 - probability).
// bias may be null. stream may be null where probability is 0. Launch: as dropout; vectors also needs channels % 4 == 0 and an aligned bias.
KERNEL bias_relu_dropout(
    const Element* input, const float* bias, float probability, float scale, const RandomStream* stream, Element* output, u32 channels, u32 vectors, u32 count)
{
    RandomStream numbers = {};
    if (stream != nullptr)
    {
        numbers = *stream;
    }

    each((count + 3) / 4, [=](u32 block) {
        u32 start = block * 4, channel = start % channels;
        Pack<4> u = zeros<4>();
        if (stream != nullptr)
        {
            u = random_uniforms(numbers, block);
        }

        if (block < vectors)
        {
            Pack<4> v = load<4>(input + start), shift = bias != nullptr ? load<4>(bias + channel) : zeros<4>();
#pragma unroll
            for (int j = 0; j < 4; j++)
            {
                v.at[j] = u.at[j] >= probability ? relu(v.at[j] + shift.at[j]) * scale : 0;
            }

            store(output + start, v);
            return;
        }

#pragma unroll
        for (int j = 0; j < 4; j++)
        {
            if (start + j < count)
            {
                float value = read(input + start + j) + (bias != nullptr ? bias[channel] : 0);
                write(output + start + j, u.at[j] >= probability ? relu(value) * scale : 0);
            }

            channel = channel + 1 == channels ? 0 : channel + 1;
        }
    });
}

template<int N>
__device__ __forceinline__ void bias_relu_dropout_gradients(
    const Element* output, const Element* grad_output, float scale, u32 rows, u32 channels, Element* grad_input, bool accumulate, double* partials, double* scratch)
{
    u32 first = (blockIdx.y * blockDim.x + threadIdx.x) * N;
    double sums[N] = {};
    if (first < channels)
    {
        u32 step = gridDim.x * blockDim.y;
        for (u32 row = blockIdx.x * blockDim.y + threadIdx.y; row < rows;)
        {
            float run_sums[N] = {};
#pragma unroll 1
            for (int run = 0; run < RUN && row < rows; run++, row += step)
            {
                size_t at = (size_t)row * channels + first;
                Pack<N> y = load<N>(output + at), v = load<N>(grad_output + at);
#pragma unroll
                for (int j = 0; j < N; j++)
                {
                    v.at[j] = y.at[j] > 0 ? v.at[j] * scale : 0;
                    run_sums[j] += v.at[j];
                }

                if (grad_input != nullptr)
                {
                    store(grad_input + at, v, accumulate);
                }
            }

#pragma unroll
            for (int j = 0; j < N; j++)
            {
                sums[j] += run_sums[j];
            }
        }
    }

    if (partials != nullptr)
    {
        store_partials<N, 1>(sums, scratch, first, channels, partials, chunk_slot());
    }
}

// grad_input (+)= grad_output * scale where output[rows, channels] is positive, else 0; partials receive its sums over the rows, for sum_columns_finish of
// reduction.cu with groups = 1. Either target may be null. Launch: CHANNELS (sums) with groups = 1. partials: chunks * channels doubles.
KERNEL bias_relu_dropout_backward(
    const Element* output, const Element* grad_output, float scale, u32 rows, u32 channels, int width, Element* grad_input, int accumulate, double* partials)
{
    __shared__ double scratch[4 * THREADS];
    if (width == 4)
    {
        bias_relu_dropout_gradients<4>(output, grad_output, scale, rows, channels, grad_input, accumulate, partials, scratch);
    }
    else
    {
        bias_relu_dropout_gradients<1>(output, grad_output, scale, rows, channels, grad_input, accumulate, partials, scratch);
    }
}
